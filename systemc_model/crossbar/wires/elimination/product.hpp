#pragma once

#include "systemc_model/crossbar/wires/elimination/vector.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// A matrix in memory; strides in scalars. A null pointer with strides 0 stands for 0.
template <class T>
struct View {
    T* data;
    long row, col;

    T* at(long i, long j) const { return data + i * row + j * col; }
    View block(long i, long j) const { return {at(i, j), row, col}; }
    View transposed() const { return {data, col, row}; }
    operator View<const T>() const { return {data, row, col}; }
};

enum class Sign { plus, minus };
enum class Part { all, upper };

template <Sign sign, class V>
inline V multiply_add(V a, V b, V c) {
    return sign == Sign::plus ? fma(a, b, c) : fnma(a, b, c);
}

/// Matrices of scalars, vectors along the rows of b, c and d.
template <class T>
struct Dense {
    using Scalar = T;
    static constexpr int scalars_per_element = 1, small = 16;
    static constexpr int vector = vector_size<T>;

    /// d = c + a * b or c - a * b, a m x k, b k x n; each element is one chain of multiply-adds in the order of k.
    /// Columns up to the next whole vector are computed too. `upper` leaves out blocks of small x small below the
    /// diagonal.
    template <Sign sign, Part part = Part::all>
    static void product(int m, int n, int k, View<const T> a, View<const T> b, View<const T> c, View<T> d) {
        for (int j = 0; j < n;) {
            const int left = (n - j + vector - 1) / vector;
            const int vectors = left == 4 ? 2 : left < 3 ? left : 3;
            const int end = (j + vectors * vector + small - 1) / small * small;
            const int rows = part == Part::upper && end < m ? end : m;
            const auto b_j = b.block(0, j), c_j = c.block(0, j);
            const auto d_j = d.block(0, j);
            if (vectors == 3)
                panel<sign, tall_rows(3), 3>(rows, k, a, b_j, c_j, d_j);
            else if (vectors == 2)
                panel<sign, tall_rows(2), 2>(rows, k, a, b_j, c_j, d_j);
            else
                panel<sign, tall_rows(1), 1>(rows, k, a, b_j, c_j, d_j);
            j += vectors * vector;
        }
    }

private:
    /// As many rows as the registers hold: 32 vectors with AVX-512, else 16.
    static constexpr int tall_rows(int vectors) {
        return sizeof(Vector<T>) == 64 ? (vectors == 1 ? 16 : 8) : (vectors == 1 ? 8 : 4);
    }

    template <Sign sign, int rows, int vectors>
    static inline __attribute__((always_inline)) void panel(int m, int k, View<const T> a, View<const T> b,
                                                            View<const T> c, View<T> d) {
        int i = 0;
        for (; i + rows <= m; i += rows)
            tile<sign, rows, vectors>(k, a.at(i, 0), a.row, a.col, b.data, b.row, c.at(i, 0), c.row, d.at(i, 0), d.row);
        if constexpr (rows > 1)
            if (i < m)
                panel<sign, rows / 2, vectors>(m - i, k, a.block(i, 0), b, c.block(i, 0), d.block(i, 0));
    }

    template <Sign sign, int rows, int vectors>
    static __attribute__((noinline)) void tile(int k, const T* a, long a_row, long a_col, const T* b, long b_row,
                                               const T* c, long c_row, T* d, long d_row) {
        Vector<T> sum[rows][vectors];
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v)
                sum[i][v] = c ? load(c + i * c_row + v * vector) : Vector<T>{};
        for (; k > 0; --k, a += a_col, b += b_row) {
            Vector<T> b_k[vectors];
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v)
                b_k[v] = load(b + v * vector);
#pragma GCC unroll 16
            for (int i = 0; i < rows; ++i) {
                const Vector<T> a_ik = fill(a[i * a_row]);
#pragma GCC unroll 4
                for (int v = 0; v < vectors; ++v)
                    sum[i][v] = multiply_add<sign>(a_ik, b_k[v], sum[i][v]);
            }
        }
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v)
                store(d + i * d_row + v * vector, sum[i][v]);
    }
};

/// Many matrices of one size at once: an element is a vector of the same element of each of them, one in each lane.
/// Sizes are multiples of 4; the elements of a row are next to each other but in a.
template <class T>
struct Lanes {
    using Scalar = T;
    static constexpr int scalars_per_element = vector_size<T>, small = 4;

    template <Sign sign, Part part = Part::all>
    static void product(int m, int n, int k, View<const T> a, View<const T> b, View<const T> c, View<T> d) {
        for (int j = 0; j < n; j += cols)
            for (int i = 0; i < m && (part == Part::all || i < j + cols); i += rows)
                tile<sign>(k, a.at(i, 0), a.row, a.col, b.at(0, j), b.row, c.at(i, j), c.row, d.at(i, j), d.row);
    }

private:
    static constexpr int cols = 4, rows = sizeof(Vector<T>) == 64 ? 4 : 2, vector = vector_size<T>;

    template <Sign sign>
    static __attribute__((noinline)) void tile(int k, const T* a, long a_row, long a_col, const T* b, long b_row,
                                               const T* c, long c_row, T* d, long d_row) {
        Vector<T> sum[rows][cols];
#pragma GCC unroll 4
        for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
            for (int j = 0; j < cols; ++j)
                sum[i][j] = c ? load(c + i * c_row + j * vector) : Vector<T>{};
        for (; k > 0; --k, a += a_col, b += b_row) {
            Vector<T> b_k[cols];
#pragma GCC unroll 4
            for (int j = 0; j < cols; ++j)
                b_k[j] = load(b + j * vector);
#pragma GCC unroll 4
            for (int i = 0; i < rows; ++i) {
                const Vector<T> a_ik = load(a + i * a_row);
#pragma GCC unroll 4
                for (int j = 0; j < cols; ++j)
                    sum[i][j] = multiply_add<sign>(a_ik, b_k[j], sum[i][j]);
            }
        }
#pragma GCC unroll 4
        for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
            for (int j = 0; j < cols; ++j)
                store(d + i * d_row + j * vector, sum[i][j]);
    }
};

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
