#pragma once

#include "systemc_model/crossbar/wires/elimination/product.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// Gauss-Jordan elimination in place without exchange of rows, n <= 16, whole rows of a matrix of scalars at a time.
template <class T>
void invert_small(Dense<T>, int n, View<const T> matrix, View<T> inverse) {
    constexpr int size = 16, vector = vector_size<T>, vectors = size / vector;
    T rows[size][size], zeros_and_one[2 * size] = {};
    zeros_and_one[size] = T{1};
    for (int i = 0; i < n; ++i)
        for (int v = 0; v < vectors; ++v)
            store(rows[i] + v * vector, load(matrix.at(i, v * vector)));
    for (int k = 0; k < n; ++k) {
        const T* const unit_row = zeros_and_one + size - k;
        const auto without_k = [unit_row](Vector<T> row, int v) { return fnma(row, load(unit_row + v * vector), row); };
        const Vector<T> scale = fill(T{1} / rows[k][k]);
        Vector<T> pivot_row[vectors];
        for (int v = 0; v < vectors; ++v) {
            pivot_row[v] = scale * (without_k(load(rows[k] + v * vector), v) + load(unit_row + v * vector));
            store(rows[k] + v * vector, pivot_row[v]);
        }
        for (int i = 0; i < n; ++i)
            if (i != k) {
                const Vector<T> factor = fill(rows[i][k]);
                for (int v = 0; v < vectors; ++v)
                    store(rows[i] + v * vector, fnma(factor, pivot_row[v], without_k(load(rows[i] + v * vector), v)));
            }
    }
    for (int i = 0; i < n; ++i)
        for (int v = 0; v < vectors; ++v)
            store(inverse.at(i, v * vector), load(rows[i] + v * vector));
}

/// The same for one matrix of n = 4 in each lane.
template <class T>
void invert_small(Lanes<T>, int, View<const T> matrix, View<T> inverse) {
    constexpr int n = 4;
    Vector<T> rows[n][n];
#pragma GCC unroll 4
    for (int i = 0; i < n; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < n; ++j)
            rows[i][j] = load(matrix.at(i, j));
#pragma GCC unroll 4
    for (int k = 0; k < n; ++k) {
        const Vector<T> scale = T{1} / rows[k][k];
        rows[k][k] = fill(T{1});
#pragma GCC unroll 4
        for (int j = 0; j < n; ++j)
            rows[k][j] *= scale;
#pragma GCC unroll 4
        for (int i = 0; i < n; ++i)
            if (i != k) {
                const Vector<T> factor = rows[i][k];
                rows[i][k] = Vector<T>{};
#pragma GCC unroll 4
                for (int j = 0; j < n; ++j)
                    rows[i][j] = fnma(factor, rows[k][j], rows[i][j]);
            }
    }
#pragma GCC unroll 4
    for (int i = 0; i < n; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < n; ++j)
            store(inverse.at(i, j), rows[i][j]);
}

/// Inverse of [A B; C D] by blocks: with X = A^-1 B, Y = C A^-1 and S = D - C X,
/// [A^-1 + X S^-1 Y, -X S^-1; -S^-1 Y, S^-1]. `scratch`: n^2 elements for n a multiple of 16.
template <class Kernel>
void invert(int n, View<const typename Kernel::Scalar> matrix, View<typename Kernel::Scalar> inverse,
            typename Kernel::Scalar* scratch) {
    using T = typename Kernel::Scalar;
    constexpr int small = Kernel::small;
    if (n <= small) {
        invert_small(Kernel{}, n, matrix, inverse);
        return;
    }
    constexpr long element = Kernel::scalars_per_element;
    const int head = (n / 2 + small - 1) / small * small, tail = n - head, stride = (tail + small - 1) / small * small;
    const View<const T> none{nullptr, 0, 0};
    const View<T> x{scratch, stride * element, element};
    const View<T> y{x.at(head, 0), head * element, element};
    const View<T> s{y.at(stride, 0), stride * element, element};
    T* rest = s.at(stride, 0);
    const auto b = matrix.block(0, head), c = matrix.block(head, 0), d = matrix.block(head, head);
    const auto top_right = inverse.block(0, head), bottom_left = inverse.block(head, 0);
    const auto s_inverse = inverse.block(head, head);
    invert<Kernel>(head, matrix, inverse, rest);
    Kernel::template product<Sign::plus>(head, tail, head, inverse, b, none, x);
    Kernel::template product<Sign::plus>(tail, head, head, c, inverse, none, y);
    Kernel::template product<Sign::minus>(tail, tail, head, c, x, d, s);
    invert<Kernel>(tail, s, s_inverse, rest);
    Kernel::template product<Sign::minus>(head, tail, tail, x, s_inverse, none, top_right);
    Kernel::template product<Sign::minus>(tail, head, tail, s_inverse, y, none, bottom_left);
    Kernel::template product<Sign::minus>(head, head, tail, top_right, y, inverse, inverse);
}

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
