#pragma once

#include <cstddef>

namespace xloop {

/// A matrix of floats somewhere in memory: entry (i, j) at data + i * row + j * col.
struct MatrixView {
    const float* data;
    std::ptrdiff_t row, col;
};

/// c(i, j) += sum over l = 0 ... depth - 1 of a(i, l) * b(l, j), for rows x cols entries of `c`, row i at c + i * c_row.
/// `b` has col 1. Products are added one after the other in the order of l, without fused operations: an entry's bits
/// depend on its row of a and its column of b only, however the work is cut into calls, and on no processor.
void add_product(int rows, int cols, int depth, const MatrixView& a, const MatrixView& b, float* c,
                 std::ptrdiff_t c_row);

}  // namespace xloop
