#include "systemc_model/crossbar/circuit/ordered_matrix.hpp"

#include <algorithm>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr int panel_cols = 16;

/// Columns in panels of 16, padded with zeros; a panel row by row.
Index panels(Index cols) { return (cols + panel_cols - 1) / panel_cols; }
std::vector<WideSlot> zeros(Index rows, Index cols) {
    return std::vector<WideSlot>(static_cast<std::size_t>(rows * panels(cols) * panel_cols / 8));
}

/// sums(r, c) = sum over k of a(r, k) * b(k, c) for `rows` rows and two vectors of columns of a panel.
template <int width, int rows>
[[gnu::always_inline]] inline void multiply_block(const double* a, const Lanes<width>* b, Index depth,
                                                  Lanes<width>* sums) {
    constexpr int stride = panel_cols / width;
    Lanes<width> sum[rows][2] = {};
    for (Index k = 0; k < depth; ++k)
        for (int r = 0; r < rows; ++r)
            for (int c = 0; c < 2; ++c)
                sum[r][c] += a[r * depth + k] * b[k * stride + c];
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < 2; ++c)
            sums[r * stride + c] = sum[r][c];
}

/// A panel: `a` rows x depth row by row, `b` depth x 16, `sums` rows x 16.
template <int width>
[[gnu::always_inline]] inline void multiply_lanes(const double* a, Index rows, const Lanes<width>* b, Index depth,
                                                  Lanes<width>* sums) {
    constexpr int stride = panel_cols / width, together = width == 8 ? 8 : 4;  // half of the registers
    for (int c = 0; c < stride; c += 2) {
        Index r = 0;
        for (; r + together <= rows; r += together)
            multiply_block<width, together>(a + r * depth, b + c, depth, sums + r * stride + c);
        for (; r < rows; ++r)
            multiply_block<width, 1>(a + r * depth, b + c, depth, sums + r * stride + c);
    }
}

#ifdef XLOOP_X86_LANES
[[gnu::target("avx512f")]] void multiply(const double* a, Index rows, const Lanes<8>* b, Index depth, Lanes<8>* sums) {
    multiply_lanes<8>(a, rows, b, depth, sums);
}
[[gnu::target("avx2")]] void multiply(const double* a, Index rows, const Lanes<4>* b, Index depth, Lanes<4>* sums) {
    multiply_lanes<4>(a, rows, b, depth, sums);
}
#endif
void multiply(const double* a, Index rows, const Lanes<2>* b, Index depth, Lanes<2>* sums) {
    multiply_lanes<2>(a, rows, b, depth, sums);
}

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Calls work(panel, first column, count of columns), the panel as a matrix of `rows` rows.
template <class Work>
void for_each_panel(std::vector<WideSlot>& slots, Index rows, Index cols, const Work& work) {
    for (Index first = 0; first < cols && rows > 0; first += panel_cols) {
        Eigen::Map<RowMajor> panel(slots[rows * first / 8].lane.data(), rows, panel_cols);
        work(panel, first, std::min<Index>(panel_cols, cols - first));
    }
}

}  // namespace

OrderedMatrix::OrderedMatrix(const MatrixXd& matrix)
    : rows_(matrix.rows()), cols_(matrix.cols()), slots_(zeros(rows_, cols_)) {
    for_each_panel(slots_, rows_, cols_, [&](auto& panel, Index first, Index count) {
        panel.leftCols(count) = matrix.middleCols(first, count);
    });
}

MatrixXd OrderedMatrix::multiplied_by(const MatrixXd& a) const {
    const RowMajor rows = a;
    std::vector<WideSlot> sums = zeros(a.rows(), cols_);
    with_native_lanes([&](auto width) {
        constexpr Index stride = panel_cols / width;
        for (Index p = 0; p < panels(cols_); ++p)
            multiply(rows.data(), a.rows(), lanes<width>(slots_) + p * rows_ * stride, rows_,
                     lanes<width>(sums) + p * a.rows() * stride);
    });
    MatrixXd product(a.rows(), cols_);
    for_each_panel(sums, a.rows(), cols_, [&](auto& panel, Index first, Index count) {
        product.middleCols(first, count) = panel.leftCols(count);
    });
    return product;
}

}  // namespace xloop
