#include "systemc_model/mapping/window.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <set>

namespace xloop {
namespace {

struct WindowCase {
    int height, width, kernel, stride, padding;
};

GraphLayer layer_of(const WindowCase& c, LayerKind kind = LayerKind::conv) {
    GraphLayer layer;
    layer.kind = kind;
    layer.in = {1, c.height, c.width};
    layer.kernel_h = layer.kernel_w = c.kernel;
    layer.stride = c.stride;
    layer.padding = c.padding;
    layer.out = {1, (c.height + 2 * c.padding - c.kernel) / c.stride + 1,
                 (c.width + 2 * c.padding - c.kernel) / c.stride + 1};
    return layer;
}

/// Input positions that an output position reads, one by one.
std::set<int> reads(const GraphLayer& layer, int position) {
    std::set<int> found;
    for (int ky = 0; ky < layer.kernel_h; ++ky)
        for (int kx = 0; kx < layer.kernel_w; ++kx) {
            const int y = position / layer.out.width * layer.stride - layer.padding + ky;
            const int x = position % layer.out.width * layer.stride - layer.padding + kx;
            if (y >= 0 && y < layer.in.height && x >= 0 && x < layer.in.width)
                found.insert(y * layer.in.width + x);
        }
    return found;
}

class Windows : public testing::TestWithParam<WindowCase> {};

TEST_P(Windows, GivenAllPositionsAtOnce_ThenTheTablesAreThoseOfEachPosition) {
    for (LayerKind kind : {LayerKind::conv, LayerKind::max_pool}) {
        const GraphLayer layer = layer_of(GetParam(), kind);
        const LayerWindows windows(layer);
        ASSERT_EQ(windows.first.size(), static_cast<std::size_t>(layer.positions()) + 1);
        EXPECT_EQ(windows.first.back(), layer.in.positions());
        for (int p = 0; p < layer.positions(); ++p) {
            const auto at = static_cast<std::size_t>(p);
            EXPECT_EQ(windows.first[at], first_needed(layer, p));
            EXPECT_EQ(windows.last[at], last_needed(layer, p));
            EXPECT_EQ(windows.parts[static_cast<std::size_t>(windows.part_of[at])].positions(),
                      static_cast<int>(reads(layer, p).size()));
        }
    }
}

TEST_P(Windows, GivenAShape_ThenLastFirstAndCountAreThoseOfTheReadsOneByOne) {
    const GraphLayer layer = layer_of(GetParam());
    int first_from_here = layer.in.positions();
    EXPECT_EQ(first_needed(layer, layer.positions()), layer.in.positions());
    for (int p = layer.positions() - 1; p >= 0; --p) {
        const std::set<int> window = reads(layer, p);
        EXPECT_EQ(window_positions(layer, p), static_cast<int>(window.size())) << p;
        EXPECT_EQ(last_needed(layer, p), window.empty() ? -1 : *window.rbegin()) << p;
        if (!window.empty())
            first_from_here = std::min(first_from_here, *window.begin());
        EXPECT_LE(first_needed(layer, p), first_from_here) << p;
        EXPECT_LE(first_needed(layer, p), first_needed(layer, p + 1)) << p;
        if (layer.padding < layer.kernel_h) {
            EXPECT_EQ(first_needed(layer, p), first_from_here) << p;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Windows,
                         testing::Values(WindowCase{8, 8, 3, 1, 1}, WindowCase{8, 8, 3, 1, 0},
                                         WindowCase{7, 9, 5, 2, 2}, WindowCase{8, 8, 1, 2, 0},
                                         WindowCase{9, 7, 1, 3, 0}, WindowCase{8, 6, 2, 2, 0},
                                         WindowCase{6, 6, 6, 1, 0}, WindowCase{5, 5, 3, 1, 2},
                                         WindowCase{5, 6, 3, 2, 0}, WindowCase{4, 4, 7, 1, 3},
                                         WindowCase{6, 5, 1, 1, 1}, WindowCase{7, 7, 2, 3, 0}));

TEST(Window, GivenAnAddition_ThenAPositionReadsItself) {
    GraphLayer layer = layer_of({4, 4, 1, 1, 0}, LayerKind::add);
    EXPECT_EQ(last_needed(layer, 7), 7);
    EXPECT_EQ(first_needed(layer, 7), 7);
    EXPECT_EQ(first_needed(layer, 16), 16);
    EXPECT_EQ(window_positions(layer, 7), 1);
}

}  // namespace
}  // namespace xloop
