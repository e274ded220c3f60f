#include "systemc_model/mapping/zero_weights.hpp"

#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace xloop {
namespace {

/// A layer of `rows` inputs and `outs` outputs whose weight [out][row] is 1 where `is_held` says so, else 0.
template <class IsHeld>
WorkloadGraph one_matrix(int rows, int outs, const IsHeld& is_held, int groups = 1) {
    WorkloadGraph graph =
        test::random_graph(fmt::format("name: one\ninput: {{channels: {}, height: 2, width: 2}}\nlayers:\n"
                                       "  - {{name: logits, type: conv, kernel: 1, out_channels: {}, groups: {}}}\n",
                                       rows * groups, outs * groups, groups));
    std::vector<std::int8_t> weights;
    for (int out = 0; out < outs * groups; ++out)
        for (int row = 0; row < rows; ++row)
            weights.push_back(is_held(out, row) ? 1 : 0);
    graph.layers[0].weights = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
    return graph;
}

HardwareConfig skipping() {
    HardwareConfig hw;
    hw.mapping.skip_zero_weights = true;
    return hw;
}

// 64 x 64 cells hold 64 rows and 64 / (2 columns x 4 slices) = 8 outputs.
TEST(ZeroWeights, GivenZeroRowsAndOutputs_ThenTheyTakeNoArrays) {
    const WorkloadGraph graph = one_matrix(130, 20, [](int out, int row) { return out % 5 != 0 && row > 1; });
    HardwareConfig hw;
    EXPECT_EQ(map_network(graph, hw).mapping.used_arrays, 3 * 3);
    hw.mapping.skip_zero_weights = true;
    const MappedNetwork network = map_network(graph, hw);
    EXPECT_EQ(network.mapping.used_arrays, 2 * 2);
    const GraphLayer& layer = network.graph.layers[0];
    EXPECT_EQ(layer.held_rows(), 128);
    EXPECT_EQ(layer.held_outputs(), 16);
    EXPECT_EQ(layer.matrix_row(0), 2);
    EXPECT_EQ(layer.first_held(0), 0);
    EXPECT_EQ(layer.first_held(3), 1);
    EXPECT_EQ(layer.first_held(130), 128);
    EXPECT_EQ(layer.held_channel(0), 1);
    EXPECT_EQ(layer.held_channel(4), 6);
}

TEST(ZeroWeights, GivenALayerOfZeros_ThenOneCellIsHeld) {
    const MappedNetwork network = map_network(one_matrix(130, 20, [](int, int) { return false; }), skipping());
    EXPECT_EQ(network.mapping.used_arrays, 1);
    EXPECT_EQ(network.graph.layers[0].held_rows(), 1);
    EXPECT_EQ(network.graph.layers[0].held_outputs(), 1);
}

TEST(ZeroWeights, GivenGroups_ThenWhatIsZeroInOneGroupOnlyIsHeld) {
    // Row 3 is zero in both groups, row 5 in the first; output 2 of each group is zero, output 1 of the second.
    const WorkloadGraph graph = one_matrix(
        8, 4, [](int out, int row) { return row != 3 && (row != 5 || out >= 4) && out % 4 != 2 && out != 5; }, 2);
    const MappedNetwork network = map_network(graph, skipping());
    const GraphLayer& layer = network.graph.layers[0];
    ASSERT_TRUE(layer.held);
    EXPECT_EQ(layer.held->rows, (std::vector<int>{0, 1, 2, 4, 5, 6, 7}));
    EXPECT_EQ(layer.held->outs, (std::vector<int>{0, 1, 3}));
    EXPECT_EQ(layer.held_channel(4), 5);
}

TEST(ZeroWeights, GivenNothingToLeaveOut_ThenTheMappingHoldsAll) {
    const auto full = one_matrix(9, 9, [](int out, int row) { return out != row; });
    EXPECT_FALSE(map_network(full, skipping()).graph.layers[0].held);
    WorkloadGraph sizes = one_matrix(9, 9, [](int, int row) { return row > 4; });
    sizes.layers[0].weights = nullptr;
    EXPECT_FALSE(map_network(sizes, skipping()).graph.layers[0].held);
    const auto pruned = map_network(one_matrix(9, 9, [](int, int row) { return row > 4; }), skipping());
    EXPECT_FALSE(map_network(pruned.graph, {}).graph.layers[0].held) << "mapped again for hardware that holds all";
}

/// Bits of the codes of a matrix of these rows, of which the fullest column holds `nonzeros`.
int bits(int rows, int nonzeros, HardwareConfig hw = {}) {
    hw.adc.bits_by_column = true;
    return map_network(
               one_matrix(rows, 3, [&](int out, int row) { return row < (out == 1 ? nonzeros : nonzeros / 2); }), hw)
        .layer_hardware(0)
        .adc.code_bits();
}

// D.U.B. pruning: 0, 50, 75, 87.5, 93.75 % of zeros take 8, 7, 6, 5, 4 bits.
TEST(BitsByColumn, GivenAShareOfZeros_ThenTheBitsAreThoseOfThePaper) {
    EXPECT_EQ(bits(64, 64), 8);
    EXPECT_EQ(bits(64, 33), 8);
    EXPECT_EQ(bits(64, 32), 7);
    EXPECT_EQ(bits(64, 17), 7);
    EXPECT_EQ(bits(64, 16), 6);
    EXPECT_EQ(bits(64, 8), 5);
    EXPECT_EQ(bits(64, 4), 4);
    EXPECT_EQ(bits(64, 1), 2) << "signed codes take two bits";
}

TEST(BitsByColumn, GivenAPartFilledArray_ThenItsUnusedRowsAreZeros) {
    EXPECT_EQ(bits(9, 9), 6);
    WorkloadGraph sizes = one_matrix(9, 3, [](int, int) { return true; });
    sizes.layers[0].weights = nullptr;
    HardwareConfig hw;
    hw.adc.bits_by_column = true;
    EXPECT_EQ(map_network(sizes, hw).layer_hardware(0).adc.code_bits(), 6) << "without weights none is 0";
    EXPECT_EQ(bits(64 + 16, 80), 8) << "the first array is full";
}

TEST(BitsByColumn, GivenRowsInGroups_ThenTheFullestGroupDecides) {
    HardwareConfig hw;
    hw.crossbar.rows_per_read = 16;
    EXPECT_EQ(bits(64, 16, hw), 8);
    EXPECT_EQ(bits(64, 8, hw), 7);
}

TEST(BitsByColumn, GivenGroupsOnADiagonal_ThenAColumnHasTheRowsOfItsOwnGroup) {
    HardwareConfig hw;
    hw.mapping.group_packing = GroupPacking::diagonal;
    hw.adc.bits_by_column = true;
    const auto graph = one_matrix(
        16, 2, [](int, int) { return true; }, 4);
    EXPECT_EQ(map_network(graph, hw).layer_hardware(0).adc.code_bits(), 6);
}

TEST(BitsByColumn, GivenFewerBitsOfALayer_ThenTheyAreWhatIsSparedFrom) {
    HardwareConfig hw;
    LayerRule rule;
    rule.name = "logits";
    rule.adc_bits = 5;
    hw.layers = {rule};
    EXPECT_EQ(bits(64, 32, hw), 4);
    EXPECT_EQ(bits(64, 1, hw), 2);
}

TEST(BitsByColumn, GivenZeroRows_ThenLeavingThemOutMakesColumnsFuller) {
    HardwareConfig hw = skipping();
    // 128 rows of which every other is zero: two arrays of 32 weights in a column, or one full one.
    const auto graph = one_matrix(128, 8, [](int, int row) { return row % 2 == 0; });
    hw.adc.bits_by_column = true;
    EXPECT_EQ(map_network(graph, hw).layer_hardware(0).adc.code_bits(), 8);
    hw.mapping.skip_zero_weights = false;
    EXPECT_EQ(map_network(graph, hw).layer_hardware(0).adc.code_bits(), 7);
}

// 8 outputs are 32 conversions at 1.28 GS/s: 25 ns of 8 bits, 18.75 ns of 6.
TEST(BitsByColumn, GivenTwoBitsLess_ThenASweepTakesSixEighths) {
    HardwareConfig hw;
    const auto graph = one_matrix(64, 8, [](int, int row) { return row < 16; });
    EXPECT_EQ(map_network(graph, hw).layer_durations(0).sweep(8), 25);
    hw.adc.bits_by_column = true;
    EXPECT_EQ(map_network(graph, hw).layer_durations(0).sweep(8), 19);
    hw.adc.type = AdcType::ramp;
    hw.adc.ramp_clock_ghz = 1.0;
    EXPECT_EQ(map_network(graph, hw).layer_durations(0).sweep(8), 64);
}

}  // namespace
}  // namespace xloop
