#include "systemc_model/mapping/window.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace xloop {
namespace {

struct WindowCase {
    int height, width;
    Window window;
};

/// The same on both axes.
WindowCase square(int height, int width, int kernel, int stride, int padding) {
    const WindowAxis axis{kernel, stride, 1, padding, padding};
    return {height, width, {axis, axis}};
}

GraphLayer layer_of(const WindowCase& c) {
    GraphLayer layer;
    layer.in = {1, c.height, c.width};
    layer.window = c.window;
    layer.out = {1, c.window.y.output(c.height), c.window.x.output(c.width)};
    return layer;
}

/// Input positions that an output position reads, one by one.
std::set<int> reads(const GraphLayer& layer, int position) {
    std::set<int> found;
    const WindowAxis &v = layer.window.y, &h = layer.window.x;
    for (int ky = 0; ky < v.kernel; ++ky)
        for (int kx = 0; kx < h.kernel; ++kx) {
            const int y = position / layer.out.width * v.stride - v.before + ky * v.dilation;
            const int x = position % layer.out.width * h.stride - h.before + kx * h.dilation;
            if (y >= 0 && y < layer.in.height && x >= 0 && x < layer.in.width)
                found.insert(y * layer.in.width + x);
        }
    return found;
}

class Windows : public testing::TestWithParam<WindowCase> {};

TEST_P(Windows, GivenAShape_ThenLastFirstAndCountAreThoseOfTheReadsOneByOne) {
    const GraphLayer layer = layer_of(GetParam());
    const LayerWindows windows(layer);
    ASSERT_EQ(windows.first.size(), static_cast<std::size_t>(layer.positions()) + 1);
    EXPECT_EQ(windows.first.back(), layer.in.positions());
    int first_from_here = layer.in.positions();
    for (int p = layer.positions() - 1; p >= 0; --p) {
        const auto at = static_cast<std::size_t>(p);
        const std::set<int> window = reads(layer, p);
        EXPECT_EQ(windows.part(p).positions(), static_cast<int>(window.size())) << p;
        EXPECT_EQ(windows.last[at], window.empty() ? -1 : *window.rbegin()) << p;
        if (!window.empty())
            first_from_here = std::min(first_from_here, *window.begin());
        EXPECT_EQ(windows.first[at], first_from_here) << p;
        std::set<int> visited;
        layer.visit_window(p, [&](int, int index) { visited.insert(index); });
        EXPECT_EQ(visited, window) << p;
    }
}

/// Where each tap of a position is, in the padding too.
std::vector<std::pair<int, int>> places(const GraphLayer& layer, int position) {
    std::vector<std::pair<int, int>> found;
    for (int ky = 0; ky < layer.window.y.kernel; ++ky)
        for (int kx = 0; kx < layer.window.x.kernel; ++kx)
            found.emplace_back(layer.window.y.at(position / layer.out.width, ky),
                               layer.window.x.at(position % layer.out.width, kx));
    return found;
}

TEST_P(Windows, GivenTwoPositions_ThenSharedTapsAreThoseAtPlacesOfBoth) {
    const GraphLayer layer = layer_of(GetParam());
    const int width = layer.window.x.kernel;
    for (int distance : {1, 2, 3, layer.out.width, layer.out.width + 1})
        for (int p = distance; p < layer.positions(); ++p) {
            const auto now = places(layer, p), before = places(layer, p - distance);
            const SharedTaps shared = shared_taps(layer, p, p - distance);
            for (int tap = 0; tap < layer.window.taps(); ++tap) {
                const auto at = std::find(before.begin(), before.end(), now[static_cast<std::size_t>(tap)]);
                const int y = tap / width, x = tap % width;
                const bool in_part = y >= shared.part.y_begin && y < shared.part.y_end && x >= shared.part.x_begin &&
                                     x < shared.part.x_end;
                ASSERT_EQ(in_part, at != before.end()) << p << " after " << p - distance << ", tap " << tap;
                if (in_part) {
                    ASSERT_EQ((y + shared.y_shift) * width + x + shared.x_shift, at - before.begin());
                }
            }
        }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Windows,
                         testing::Values(square(8, 8, 3, 1, 1), square(8, 8, 3, 1, 0), square(7, 9, 5, 2, 2),
                                         square(8, 8, 1, 2, 0), square(9, 7, 1, 3, 0), square(8, 6, 2, 2, 0),
                                         square(6, 6, 6, 1, 0), square(5, 5, 3, 1, 2), square(5, 6, 3, 2, 0),
                                         square(4, 4, 7, 1, 3), square(6, 5, 1, 1, 1), square(7, 7, 2, 3, 0),
                                         // kernel, stride, dilation, padding before and after: vertical, horizontal
                                         WindowCase{6, 9, {{1, 1, 1, 0, 0}, {7, 1, 1, 3, 3}}},
                                         WindowCase{9, 6, {{7, 1, 1, 3, 3}, {}}},
                                         WindowCase{7, 7, {{4, 1, 1, 1, 2}, {4, 1, 1, 2, 1}}},
                                         WindowCase{8, 8, {{3, 1, 2, 2, 2}, {3, 1, 2, 2, 2}}},
                                         WindowCase{8, 7, {{3, 2, 3, 3, 0}, {2, 1, 4, 0, 3}}},
                                         WindowCase{6, 6, {{3, 2, 1, 0, 2}, {3, 1, 1, 0, 1}}},
                                         WindowCase{3, 3, {{2, 1, 4, 3, 3}, {2, 1, 5, 3, 3}}}));

TEST(Window, GivenTheDefault_ThenAPositionReadsItself) {
    const LayerWindows windows(layer_of({4, 4, {}}));
    EXPECT_EQ(windows.last[7], 7);
    EXPECT_EQ(windows.first[7], 7);
    EXPECT_EQ(windows.first[16], 16);
    EXPECT_EQ(windows.part(7).positions(), 1);
}

}  // namespace
}  // namespace xloop
