#include "core/workload/executor.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/chip/effective_weights.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

class ChipOfAllKinds : public testing::Test {
protected:
    WorkloadGraph graph_ = test::random_graph(test::all_kinds);
    std::vector<std::uint8_t> pixels_ = test::random_pixels(4 * graph_.input.size(), 11);
};

TEST_F(ChipOfAllKinds, GivenPerfectHardware_ThenLogitsEqualTheIntegerNetworkExactly) {
    for (const char* weights : {"differential", "offset"}) {
        HardwareConfig hw = test::perfect_hardware();
        hw.crossbar.weights = weights;
        EXPECT_EQ(run_images(graph_, Chip(graph_, hw), pixels_.data(), 0, 4),
                  run_images(graph_, IntegerEngine(graph_), pixels_.data(), 0, 4))
            << weights;
    }
}

TEST_F(ChipOfAllKinds, GivenRealHardwareWithNoise_ThenThreadsAndBatchingDoNotChangeABit) {
    HardwareConfig hw;
    hw.adc.noise_sigma_lsb = 0.7;
    const Chip one(graph_, hw, 1), two(graph_, hw, 2);
    const auto all = run_images(graph_, one, pixels_.data(), 0, 4, 1);
    EXPECT_EQ(all, run_images(graph_, two, pixels_.data(), 0, 4, 2));
    EXPECT_EQ(all[3], run_images(graph_, one, pixels_.data(), 3, 1)[0]);
    EXPECT_NE(all, run_images(graph_, IntegerEngine(graph_), pixels_.data(), 0, 4));
}

TEST_F(ChipOfAllKinds, GivenAnotherChipSeed_ThenTheDevicesDiffer) {
    HardwareConfig hw;
    const auto first = run_images(graph_, Chip(graph_, hw), pixels_.data(), 0, 1);
    hw.chip_seed = 2;
    EXPECT_NE(first, run_images(graph_, Chip(graph_, hw), pixels_.data(), 0, 1));
}

TEST_F(ChipOfAllKinds, GivenPerfectHardware_ThenEffectiveWeightsAreTheWeights) {
    const GraphLayer& layer = graph_.layers[2];  // three groups
    const auto effective = effective_weights(*layer.weights, layer.groups, layer.out.channels / layer.groups, layer.rows(),
                                             test::perfect_hardware(), 2);
    ASSERT_EQ(effective.size(), layer.weights->size());
    for (std::size_t i = 0; i < effective.size(); ++i)
        EXPECT_NEAR(effective[i], (*layer.weights)[i], 1e-4);
}

// The training proxy and the chip must see the same devices.
TEST_F(ChipOfAllKinds, GivenRealHardware_ThenEffectiveWeightsAreThoseOfTheChipsArrays) {
    const HardwareConfig hw;
    const Chip chip(graph_, hw);
    const GraphLayer& layer = graph_.layers[0];
    const auto effective =
        effective_weights(*layer.weights, 1, layer.out.channels, layer.rows(), hw, 0);
    const PlacedBlock& block = chip.mapping().layers[0].blocks[1];
    const auto& own = chip.array(0, 1).effective_weights();
    for (int o = 0; o < block.outs; ++o)
        for (int r = 0; r < block.rows; ++r)
            EXPECT_EQ(own[o * block.rows + r], effective[(block.out_begin + o) * layer.rows() + block.row_begin + r]);
}

}  // namespace
}  // namespace xloop
