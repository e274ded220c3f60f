#include "dnn/crossbar/products.hpp"

#include "core/target_clones.hpp"

#include <algorithm>
#include <vector>

namespace xloop {
namespace {

constexpr int lane_count = 16, tile_rows = 4;
using Lanes = float __attribute__((vector_size(64), aligned(4), may_alias));

/// A tile of `height` rows and `width` lanes, kept in registers over the whole depth.
template <int height, int width>
[[gnu::always_inline]] inline void add_tile(int depth, const MatrixView& a, const MatrixView& b, float* c,
                                            std::ptrdiff_t c_row) {
    Lanes sums[height][width];
    for (int i = 0; i < height; ++i)
        for (int j = 0; j < width; ++j)
            sums[i][j] = *reinterpret_cast<const Lanes*>(c + i * c_row + j * lane_count);
    for (int l = 0; l < depth; ++l) {
        const float* b_row = b.data + l * b.row;
        for (int i = 0; i < height; ++i) {
            const float factor = a.data[i * a.row + l * a.col];
            for (int j = 0; j < width; ++j)
                sums[i][j] += factor * *reinterpret_cast<const Lanes*>(b_row + j * lane_count);
        }
    }
    for (int i = 0; i < height; ++i)
        for (int j = 0; j < width; ++j)
            *reinterpret_cast<Lanes*>(c + i * c_row + j * lane_count) = sums[i][j];
}

template <int width>
[[gnu::always_inline]] inline void add_panel(int rows, int depth, const MatrixView& a, const MatrixView& b, float* c,
                                             std::ptrdiff_t c_row) {
    int i = 0;
    for (; i + tile_rows <= rows; i += tile_rows)
        add_tile<tile_rows, width>(depth, {a.data + i * a.row, a.row, a.col}, b, c + i * c_row, c_row);
    for (; i < rows; ++i)
        add_tile<1, width>(depth, {a.data + i * a.row, a.row, a.col}, b, c + i * c_row, c_row);
}

/// `cols` is a multiple of lane_count.
XLOOP_CLONES
void add_whole_lanes(int rows, int cols, int depth, const MatrixView& a, const MatrixView& b, float* c,
                     std::ptrdiff_t c_row) {
    int j = 0;
    for (; j + 2 * lane_count <= cols; j += 2 * lane_count)
        add_panel<2>(rows, depth, a, {b.data + j, b.row, 1}, c + j, c_row);
    if (j < cols)
        add_panel<1>(rows, depth, a, {b.data + j, b.row, 1}, c + j, c_row);
}

/// `rows` x `cols` values from lines of `from_stride` to lines of `to_stride`.
void copy_lines(const float* from, std::ptrdiff_t from_stride, int rows, int cols, float* to,
                std::ptrdiff_t to_stride) {
    for (int i = 0; i < rows; ++i)
        std::copy_n(from + i * from_stride, cols, to + i * to_stride);
}

}  // namespace

void add_product(int rows, int cols, int depth, const MatrixView& a, const MatrixView& b, float* c,
                 std::ptrdiff_t c_row) {
    const int whole = cols / lane_count * lane_count, rest = cols - whole;
    add_whole_lanes(rows, whole, depth, a, b, c, c_row);
    if (rest == 0)
        return;
    std::vector<float> padded_b(static_cast<std::size_t>(depth) * lane_count);
    std::vector<float> padded_c(static_cast<std::size_t>(rows) * lane_count);
    copy_lines(b.data + whole, b.row, depth, rest, padded_b.data(), lane_count);
    copy_lines(c + whole, c_row, rows, rest, padded_c.data(), lane_count);
    add_whole_lanes(rows, lane_count, depth, a, {padded_b.data(), lane_count, 1}, padded_c.data(), lane_count);
    copy_lines(padded_c.data(), lane_count, rows, rest, c + whole, c_row);
}

}  // namespace xloop
