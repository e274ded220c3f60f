#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/mapping/tile_work.hpp"
#include "tests/support.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <tuple>

namespace xloop {
namespace {

WorkloadGraph one_layer(const std::string& layer) {
    return test::random_graph(
        fmt::format("name: one\ninput: {{channels: 4, height: 8, width: 8}}\nlayers:\n"
                    "  - {{name: logits, type: conv, {}}}\n",
                    layer));
}

HardwareConfig reusing(int copies = 1) {
    HardwareConfig hw;
    hw.tile.window_reuse = true;
    if (copies > 1) {
        hw.mapping.replication = Replication::list;
        hw.mapping.replicas = {fmt::format("logits={}", copies)};
    }
    return hw;
}

/// Values that a position of copy 0 brings from the buffer, by position; all of one tile.
std::vector<std::int64_t> fetched(const std::string& text, int copies = 1) {
    const MappedNetwork network = map_network(one_layer(text), reusing(copies));
    const GraphLayer& layer = network.graph.layers[0];
    const LayerCopy& copy = network.mapping.layers[0].copies[0];
    EXPECT_EQ(copy.tiles.size(), 1u);
    const TileWork work = tile_work(layer, copy, copy.home, network.layer_hardware(0));
    const WindowFetches fetches(layer, LayerWindows(layer), copies, true);
    std::vector<std::int64_t> bytes;
    for (int p = 0; p < layer.positions(); p += copies)
        bytes.push_back(
            fetch_bytes(layer, work, fetches.kinds[static_cast<std::size_t>(fetches.of_position[p])], network.hardware)
                .buffer);
    return bytes;
}

constexpr int channels = 4;

TEST(WindowReuse, GivenA3x3Window_ThenAPositionWithinARowBringsAColumnOfThree) {
    const auto bytes = fetched("out_channels: 4, kernel: 3");
    EXPECT_EQ(bytes[0], 4 * channels);  // a corner: nothing is there yet
    EXPECT_EQ(bytes[1], 2 * channels);
    EXPECT_EQ(bytes[7], 0);                 // a column of padding
    EXPECT_EQ(bytes[8 * 3], 6 * channels);  // the row before ended elsewhere
    for (int x = 1; x < 7; ++x)
        EXPECT_EQ(bytes[static_cast<std::size_t>(8 * 3 + x)], 3 * channels);
}

TEST(WindowReuse, GivenAStrideOrCopies_ThenWindowsAreFartherApart) {
    EXPECT_EQ(fetched("out_channels: 4, kernel: 3, stride: 2")[4 + 2], 6 * channels);
    EXPECT_EQ(fetched("out_channels: 4, kernel: 3", 2)[(8 * 3 + 4) / 2], 6 * channels);
    EXPECT_EQ(fetched("out_channels: 4, kernel: 3", 4)[(8 * 3 + 4) / 4], 9 * channels);
    EXPECT_EQ(fetched("out_channels: 4, kernel: 3", 8)[3], 2 * channels);  // first column of the row below
    EXPECT_EQ(fetched("out_channels: 4, kernel: 5, stride: 2")[4 + 2], 2 * 5 * channels);
}

TEST(WindowReuse, GivenWindowsThatDoNotOverlap_ThenAllIsFetched) {
    for (std::int64_t bytes : fetched("out_channels: 4, kernel: 1"))
        EXPECT_EQ(bytes, channels);
    for (std::int64_t bytes : fetched("out_channels: 4, kernel: 2, stride: 2, padding: 0"))
        EXPECT_EQ(bytes, 4 * channels);
}

struct Case {
    const char* layer;
    int rows, pes, copies;
    TileBlocks blocks;
};

class ReuseInTiles : public testing::TestWithParam<Case> {};

// The slow way: the values that a tile's registers hold, one by one.
TEST_P(ReuseInTiles, GivenRowsInSeveralArraysAndTiles_ThenATileFetchesWhatItsRegistersDoNotHold) {
    const Case& c = GetParam();
    for (const auto& [packing, skips] :
         {std::pair{GroupPacking::none, false}, std::pair{GroupPacking::diagonal, false},
          std::pair{GroupPacking::none, true}, std::pair{GroupPacking::diagonal, true}}) {
        HardwareConfig hw = reusing(c.copies);
        hw.crossbar.rows = c.rows;
        hw.tile.pes = c.pes;
        hw.mapping.tile_blocks = c.blocks;
        hw.mapping.group_packing = packing;
        hw.mapping.skip_zero_weights = skips;
        hw.numerics.activation_bits = 12;  // two bytes
        const MappedNetwork network = map_network(test::pruned(one_layer(c.layer), 5), hw);
        EXPECT_EQ(network.graph.layers[0].held != nullptr, skips);
        const GraphLayer& layer = network.graph.layers[0];
        const int in_group = layer.in.channels / layer.groups, width = layer.window.x.kernel;
        const LayerWindows windows(layer);
        const WindowFetches fetches(layer, windows, c.copies, true);
        for (int r = 0; r < c.copies; ++r) {
            const LayerCopy& copy = network.mapping.layers[0].copies[static_cast<std::size_t>(r)];
            for (const TileWork& work : tile_works(layer, copy, hw, WorkDetail::sizes)) {
                using Value = std::tuple<int, int, int>;  // channel, y, x
                std::set<Value> held;
                for (int p = r; p < layer.positions(); p += c.copies) {
                    const WindowFetches::Kind& kind =
                        fetches.kinds[static_cast<std::size_t>(fetches.of_position[static_cast<std::size_t>(p)])];
                    std::set<Value> needed;
                    FetchBytes expected;
                    for (const TileWork::RowSlice& slice : work.row_slices) {
                        int kept = 0;
                        for (int row = slice.row_begin; row < slice.row_begin + slice.rows; ++row) {
                            const int group = slice.group + row / layer.held_rows(),
                                      own = layer.matrix_row(row % layer.held_rows());
                            const int tap = own / in_group;
                            const int y = layer.window.y.at(p / layer.out.width, tap / width),
                                      x = layer.window.x.at(p % layer.out.width, tap % width);
                            const Value value{group * in_group + own % in_group, y, x};
                            needed.insert(value);
                            kept += static_cast<int>(held.count(value));
                            if (held.count(value) > 0)
                                continue;
                            expected.bus += 2;
                            const bool inside = y >= 0 && y < layer.in.height && x >= 0 && x < layer.in.width;
                            expected.buffer += inside ? 2 : 0;
                        }
                        EXPECT_EQ(kept_rows(layer, work, slice, kind.kept), kept) << p;
                    }
                    const FetchBytes bytes = fetch_bytes(layer, work, kind, hw);
                    EXPECT_EQ(bytes.bus, expected.bus) << p;
                    EXPECT_EQ(bytes.buffer, expected.buffer) << p;
                    held = needed;
                }
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Layers, ReuseInTiles,
    testing::Values(Case{"out_channels: 4, kernel: 3", 64, 8, 1, TileBlocks::outputs},
                    Case{"out_channels: 20, kernel: 3", 7, 3, 1, TileBlocks::rows},
                    Case{"out_channels: 20, kernel: 3", 10, 3, 2, TileBlocks::outputs},
                    Case{"out_channels: 12, kernel: 3, groups: 4", 64, 2, 1, TileBlocks::outputs},
                    Case{"out_channels: 12, kernel: 3, groups: 4", 20, 2, 3, TileBlocks::rows},
                    Case{"out_channels: 8, kernel: 5, stride: 2, groups: 2", 16, 2, 1, TileBlocks::rows},
                    Case{"out_channels: 4, kernel: 3, dilation: 2, padding: 2", 16, 1, 8, TileBlocks::rows},
                    Case{"out_channels: 4, kernel_hw: [1, 7], padding: [0, 3, 0, 3]", 64, 4, 1, TileBlocks::outputs},
                    Case{"out_channels: 4, kernel: 7, stride: 4, padding: 3", 50, 2, 2, TileBlocks::rows}));

}  // namespace
}  // namespace xloop
