#include "systemc_model/chip/chip.hpp"
#include "core/error.hpp"
#include "core/workload/digital.hpp"
#include "core/workload/executor.hpp"
#include "systemc_model/chip/clipped_conversions.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

class ChipOfAllKinds : public testing::Test {
protected:
    WorkloadGraph graph_ = test::random_graph(test::all_kinds);
    std::vector<std::uint8_t> pixels_ = test::random_pixels(4 * graph_.input.size(), 11);
};

// Copy me: all kinds of layers at once, equal bit for bit.
TEST_F(ChipOfAllKinds, GivenPerfectHardware_ThenLogitsEqualTheIntegerNetworkExactly) {
    for (WeightMapping weights : {WeightMapping::differential, WeightMapping::offset, WeightMapping::separate})
        for (GroupPacking packing : {GroupPacking::none, GroupPacking::diagonal}) {
            HardwareConfig hw = test::perfect_hardware();
            hw.crossbar.weights = weights;
            hw.mapping.group_packing = packing;
            EXPECT_EQ(run_images(graph_, Chip(map_network(graph_, hw)), pixels_.data(), 0, 4),
                      run_images(graph_, IntegerEngine(graph_), pixels_.data(), 0, 4))
                << name_of(weights) << " " << name_of(packing);
        }
}

class PrunedChip : public testing::Test {
protected:
    WorkloadGraph graph_ = test::pruned(test::random_graph(test::all_kinds), 4);
    std::vector<std::uint8_t> pixels_ = test::random_pixels(4 * graph_.input.size(), 11);

    void expect_exact(const HardwareConfig& hw) const {
        EXPECT_EQ(run_images(graph_, Chip(map_network(graph_, hw)), pixels_.data(), 0, 4),
                  run_images(graph_, IntegerEngine(graph_), pixels_.data(), 0, 4));
    }
};

TEST_F(PrunedChip, GivenPerfectHardware_ThenLogitsAreExactWithAndWithoutTheZeros) {
    for (WeightMapping weights : {WeightMapping::differential, WeightMapping::offset, WeightMapping::separate})
        for (GroupPacking packing : {GroupPacking::none, GroupPacking::diagonal})
            for (bool skips : {false, true}) {
                SCOPED_TRACE(fmt::format("{} {} {}", name_of(weights), name_of(packing), skips));
                HardwareConfig hw = test::perfect_hardware();
                hw.crossbar.weights = weights;
                hw.mapping.group_packing = packing;
                hw.mapping.skip_zero_weights = skips;
                hw.mapping.replication = Replication::list;
                hw.mapping.replicas = {"half=2"};
                expect_exact(hw);
            }
    HardwareConfig digital;
    digital.tile.engine = TileEngine::digital;
    digital.mapping.skip_zero_weights = true;
    expect_exact(digital);
}

// 64 rows of 2-bit cells make sums of up to 192, for which signed codes take 9 bits.
TEST_F(PrunedChip, GivenCodesThatHoldAFullColumn_ThenSparedBitsClipNothing) {
    for (int rows_per_read : {0, 16}) {
        HardwareConfig hw = test::perfect_hardware();
        hw.crossbar.rows_per_read = rows_per_read;
        hw.adc.bits = rows_per_read > 0 ? 7 : 9;
        hw.adc.bits_by_column = true;
        int most = 0;  // layers of one network that spare bits
        for (std::uint64_t seed = 4; seed < 10; ++seed) {
            graph_ = test::pruned(test::random_graph(test::all_kinds), seed);
            expect_exact(hw);
            const MappedNetwork network = map_network(graph_, hw);
            int spared = 0;
            for (int l = 0; l < static_cast<int>(graph_.layers.size()); ++l)
                spared += network.layer_hardware(l).adc.spared_bits > 0;
            EXPECT_GT(spared, 0);
            most = std::max(most, spared);
        }
        EXPECT_GT(most, 1);
    }
}

TEST_F(PrunedChip, GivenPerfectHardware_ThenEffectiveWeightsAreTheWeightsZerosIncluded) {
    for (bool digital : {false, true}) {
        HardwareConfig hw = test::perfect_hardware();
        hw.mapping.skip_zero_weights = true;
        hw.tile.engine = digital ? TileEngine::digital : TileEngine::analog;
        const Chip chip(map_network(graph_, hw));
        for (int l : {0, 2}) {  // one group and three
            const auto effective = chip.layer_arrays(l)->effective_weights();
            const auto& weights = *graph_.layers[static_cast<std::size_t>(l)].weights;
            ASSERT_EQ(effective.size(), weights.size());
            for (std::size_t i = 0; i < effective.size(); ++i)
                EXPECT_NEAR(effective[i], weights[i], 1e-4);
        }
    }
}

TEST_F(PrunedChip, GivenACalibratedRangeOfAllSums_ThenLayersOfOneArrayOfRowsHaveTheSameWithoutTheZeros) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.range = AdcRange::calibrated;
    hw.adc.percentile = 100.0;
    const auto all = program(map_network(graph_, hw), {pixels_.data(), 4});
    hw.mapping.skip_zero_weights = true;
    const auto held = program(map_network(graph_, hw), {pixels_.data(), 4});
    for (std::size_t l = 0; l < graph_.layers.size(); ++l)
        if (graph_.layers[l].rows() <= hw.crossbar.rows) {
            EXPECT_EQ(held->network().graph.layers[l].adc_range_levels,
                      all->network().graph.layers[l].adc_range_levels);
        }
    EXPECT_NE(held->network().graph.ranges_for, all->network().graph.ranges_for);
}

TEST_F(ChipOfAllKinds, GivenRealHardwareWithNoise_ThenThreadsAndBatchingDoNotChangeABit) {
    HardwareConfig hw;
    hw.adc.noise_sigma_lsb = 0.7;
    const Chip one(map_network(graph_, hw), 1), two(map_network(graph_, hw), 2);
    const auto all = run_images(graph_, one, pixels_.data(), 0, 4, 1);
    EXPECT_EQ(all, run_images(graph_, two, pixels_.data(), 0, 4, 2));
    EXPECT_EQ(all[3], run_images(graph_, one, pixels_.data(), 3, 1)[0]);
    EXPECT_NE(all, run_images(graph_, IntegerEngine(graph_), pixels_.data(), 0, 4));
}

TEST_F(ChipOfAllKinds, GivenAnotherChipSeed_ThenTheDevicesDiffer) {
    HardwareConfig hw;
    const auto first = run_images(graph_, Chip(map_network(graph_, hw)), pixels_.data(), 0, 1);
    hw.chip_seed = 2;
    EXPECT_NE(first, run_images(graph_, Chip(map_network(graph_, hw)), pixels_.data(), 0, 1));
}

TEST_F(ChipOfAllKinds, GivenPerfectHardware_ThenEffectiveWeightsAreTheWeights) {
    const GraphLayer& layer = graph_.layers[2];  // three groups
    for (WeightMapping weights : {WeightMapping::differential, WeightMapping::offset, WeightMapping::separate}) {
        HardwareConfig hw = test::perfect_hardware();
        hw.crossbar.weights = weights;
        const auto effective = Chip(map_network(graph_, hw)).layer_arrays(2)->effective_weights();
        ASSERT_EQ(effective.size(), layer.weights->size());
        for (std::size_t i = 0; i < effective.size(); ++i)
            EXPECT_NEAR(effective[i], (*layer.weights)[i], 1e-4) << name_of(weights);
    }
}

TEST_F(ChipOfAllKinds, GivenMultiBitDacs_ThenAWideFullScaleAdcLosesLittle) {
    HardwareConfig hw = test::perfect_hardware();
    hw.dac.bits = 4;
    hw.adc.range = AdcRange::full_scale;
    const GraphLayer& layer = graph_.layers[1];
    const auto windows = test::random_pixels(layer.groups * layer.rows(), 3);
    std::vector<std::int32_t> analog(layer.out.channels), exact(layer.out.channels);
    const Chip chip(map_network(graph_, hw));
    chip.multiply(1, {}, 1, windows.data(), analog.data());
    IntegerEngine(graph_).multiply(1, {}, 1, windows.data(), exact.data());
    const double step = AdcScale(hw, make_levels(hw), 0).step_levels();
    // Half a step for each of two reads and four slices, weighted: (1 + 16) * (1 + 4 + 16 + 64) * step / 2.
    for (int o = 0; o < layer.out.channels; ++o)
        EXPECT_NEAR(analog[o], exact[o], 17 * 85 * step / 2 + 1);
}

TEST_F(ChipOfAllKinds, GivenACalibratedRange_ThenThatShareOfSumsIsClippedAndTheChipNeedsIt) {
    HardwareConfig hw;
    hw.adc.range = AdcRange::calibrated;
    hw.adc.percentile = 97.0;
    EXPECT_THROW(Chip(map_network(graph_, hw)), InputError);
    const auto programmed = program(map_network(graph_, hw), {pixels_.data(), 4}, 1);
    const auto threaded = program(map_network(graph_, hw), {pixels_.data(), 4}, 2);
    const Chip& chip = *programmed;
    const WorkloadGraph &calibrated = chip.network().graph, &again = threaded->network().graph;
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
        EXPECT_EQ(calibrated.layers[l].adc_range_levels > 0, graph_.layers[l].on_crossbars());
        EXPECT_EQ(calibrated.layers[l].adc_range_levels, again.layers[l].adc_range_levels) << "threads must not matter";
    }
    // The first layer reads the image itself; count its clipped sums window by window.
    const GraphLayer& stem = graph_.layers[0];
    const double range = calibrated.layers[0].adc_range_levels;
    const AdcScale adc(hw, make_levels(hw), range);
    std::int64_t beyond = 0, total = 0, clipped = 0;
    std::vector<std::uint8_t> window(static_cast<std::size_t>(stem.rows()));
    for (int image = 0; image < 4; ++image)
        for (int p = 0; p < stem.positions(); ++p) {
            const auto* first = pixels_.data() + image * graph_.input.size();
            const FeatureMap map(first, first + graph_.input.size());
            gather_window(stem, {map.data(), stem.in.channels}, p, 0, window.data());
            for (int b = 0; b < chip.layer_arrays(0)->blocks(); ++b)
                for (float value : chip.array(0, 0, b).analog_levels(window.data(), stem.rows(), 1)) {
                    beyond += std::abs(value) > range;
                    const double code = std::floor(value / adc.step_levels() + 0.5);
                    clipped += code < adc.low() || code > adc.high();
                    ++total;
                }
        }
    const double share = static_cast<double>(beyond) / static_cast<double>(total);
    EXPECT_LE(share, 0.03);
    EXPECT_GT(share, 0.01);

    const ClippingCounter counter(chip);
    EXPECT_EQ(run_images(calibrated, counter, pixels_.data(), 0, 4, 2),
              run_images(calibrated, chip, pixels_.data(), 0, 4));
    // Fixed point rounds values that lie on the border otherwise.
    EXPECT_NEAR(static_cast<double>(counter.counts()[0]), static_cast<double>(clipped),
                2e-3 * static_cast<double>(clipped));
}

TEST_F(ChipOfAllKinds, GivenCopies_ThenClippedConversionsOfAllAreCounted) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.range = AdcRange::calibrated;
    hw.adc.percentile = 90.0;
    const auto counts_with = [&](int copies) {
        hw.mapping.replication = Replication::list;
        hw.mapping.replicas = {fmt::format("{}={}", graph_.layers[0].name, copies)};
        const auto chip = program(map_network(graph_, hw), {pixels_.data(), 4});
        EXPECT_EQ(chip->layer_arrays(0)->copy_count(), copies);
        const ClippingCounter counter(*chip);
        run_images(chip->network().graph, counter, pixels_.data(), 0, 4);
        return counter.counts();
    };
    const auto alone = counts_with(1);
    EXPECT_GT(alone[0], 0u);
    EXPECT_EQ(counts_with(3), alone) << "copies hold the same weights in cells without spread";
}

// The training proxy and the chip must see the same devices.
TEST_F(ChipOfAllKinds, GivenRealHardware_ThenALayersEffectiveWeightsAreThoseOfItsArrays) {
    const HardwareConfig hw;
    const Chip chip(map_network(graph_, hw));
    const GraphLayer& layer = graph_.layers[0];
    const auto effective = chip.layer_arrays(0)->effective_weights();
    const PlacedBlock& block = chip.network().mapping.layers[0].copies[0].blocks[1];
    const auto& own = chip.array(0, 0, 1).effective_weights();
    for (int o = 0; o < block.outs; ++o)
        for (int r = 0; r < block.rows; ++r)
            EXPECT_EQ(own[o * block.rows + r], effective[(block.out_begin + o) * layer.rows() + block.row_begin + r]);
}

/// Weights and activations that use all of their range, so that some are left with few bits.
WorkloadGraph with_wide_weights(WorkloadGraph graph) {
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        std::vector<std::int8_t> weights;
        for (std::uint8_t value : test::random_pixels(layer.out.channels * layer.rows(), l))
            weights.push_back(static_cast<std::int8_t>(std::max(-127, value - 128)));
        layer.weights = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
    }
    return graph;
}

TEST_F(ChipOfAllKinds, GivenEveryWidth_ThenLogitsEqualTheIntegerNetworkExactly) {
    for (const char* text : {test::all_kinds, test::all_activations}) {
        const WorkloadGraph graph = with_wide_weights(test::random_graph(text));
        for (int weight_bits = 1; weight_bits <= 8; ++weight_bits)
            for (WeightMapping weights :
                 {WeightMapping::differential, WeightMapping::offset, WeightMapping::separate}) {
                HardwareConfig hw = test::perfect_hardware();
                hw.crossbar.weights = weights;
                hw.numerics.weight_bits = weight_bits;
                hw.numerics.activation_bits = 1 + (weight_bits * 3 + static_cast<int>(weights)) % 8;
                const Chip chip(map_network(graph, hw));
                const WorkloadGraph& narrow = chip.network().graph;
                EXPECT_EQ(narrow.layers[0].weight_bits, weight_bits);
                EXPECT_EQ(narrow.input_bits, hw.numerics.activation_bits);
                const auto logits = run_images(narrow, chip, pixels_.data(), 0, 2);
                EXPECT_EQ(logits, run_images(narrow, IntegerEngine(narrow), pixels_.data(), 0, 2))
                    << weight_bits << " and " << hw.numerics.activation_bits << " bits, " << name_of(weights);
                // Of single bits this network's addition leaves nothing.
                EXPECT_TRUE(logits[0] != logits[1] || hw.numerics.activation_bits == 1) << "images must matter";
            }
    }
}

TEST_F(ChipOfAllKinds, GivenFewerBits_ThenAnOldRangeIsGoneAndANewOneIsCalibrated) {
    HardwareConfig hw;
    hw.adc.range = AdcRange::calibrated;
    const auto eight = program(map_network(graph_, hw), {pixels_.data(), 4});
    hw.numerics = {4, 3};
    EXPECT_THROW(Chip(map_network(eight->network().graph, hw)), InputError);
    const auto narrow = program(map_network(eight->network().graph, hw), {pixels_.data(), 4});
    EXPECT_GT(narrow->network().graph.layers[0].adc_range_levels, 0.0);
    EXPECT_EQ(narrow->network().graph.layers[0].weight_bits, 3);
}

TEST_F(ChipOfAllKinds, GivenMoreThanEightBits_ThenTheMessageNamesTheKey) {
    const auto error_with = [this](int activation_bits, int weight_bits) -> std::string {
        HardwareConfig hw;
        hw.numerics.activation_bits = activation_bits;
        hw.numerics.weight_bits = weight_bits;
        try {
            Chip(map_network(graph_, hw));
        } catch (const InputError& e) {
            return e.what();
        }
        return "no error";
    };
    EXPECT_EQ(error_with(8, 8), "no error");
    EXPECT_EQ(error_with(1, 1), "no error");
    EXPECT_EQ(error_with(9, 8).rfind("numerics.activation_bits: 9 bits", 0), 0u);
    EXPECT_EQ(error_with(8, 16).rfind("numerics.weight_bits: 16 bits", 0), 0u);
}

/// Noise, variation, and copies of layers without groups, with groups that share arrays, and with larger ones.
class ChipOfCopies : public ChipOfAllKinds {
protected:
    ChipOfCopies() {
        hw_.adc.noise_sigma_lsb = 0.7;
        hw_.mapping.replication = Replication::list;
        hw_.mapping.replicas = {"stem=2", "deep=2", "left=3", "half=2"};
        hw_.mapping.group_packing = GroupPacking::diagonal;
    }
    HardwareConfig hw_;
};

TEST_F(ChipOfCopies, GivenVariation_ThenCopiesAreOtherDevicesAndTheFirstIsThatOfOneCopy) {
    const Chip chip(map_network(graph_, hw_)), single(map_network(graph_, HardwareConfig{}));
    ASSERT_EQ(chip.layer_arrays(2)->copy_count(), 3);
    for (int b = 0; b < chip.layer_arrays(2)->blocks(); ++b) {
        EXPECT_EQ(chip.array(2, 0, b).effective_weights(), single.array(2, 0, b).effective_weights());
        EXPECT_NE(chip.array(2, 0, b).effective_weights(), chip.array(2, 1, b).effective_weights());
        EXPECT_NE(chip.array(2, 1, b).effective_weights(), chip.array(2, 2, b).effective_weights());
    }
}

// The copy's arrays one by one, one position at a time.
TEST_F(ChipOfCopies, GivenAPosition_ThenItsCopyComputesIt) {
    const Chip chip(map_network(graph_, hw_));
    for (int l : {0, 1, 2, 4}) {
        const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(l)];
        const int window = layer.groups * layer.rows();
        const auto windows = test::random_pixels(layer.positions() * window, 7);
        std::vector<std::int32_t> got(static_cast<std::size_t>(layer.out.size())), expected(got.size(), 0);
        chip.multiply(l, {5}, layer.positions(), windows.data(), got.data());
        const LayerMapping& placed = chip.network().mapping.layers[static_cast<std::size_t>(l)];
        for (int p = 0; p < layer.positions(); ++p) {
            const int copy = placed.copy_of(p);
            const auto& blocks = placed.copies[static_cast<std::size_t>(copy)].blocks;
            for (std::size_t b = 0; b < blocks.size(); ++b) {
                const int first = p * window + blocks[b].group * layer.rows() + blocks[b].row_begin;
                const VectorBatch one{&windows[static_cast<std::size_t>(first)], window, 1, 5, p};
                std::int32_t* sums = &expected[static_cast<std::size_t>(p * layer.out.channels + blocks[b].out_begin)];
                chip.array(l, copy, static_cast<int>(b)).multiply(one, sums, layer.out.channels);
            }
        }
        EXPECT_EQ(got, expected) << layer.name;
    }
}

TEST_F(ChipOfCopies, GivenAnySplitOfABatch_ThenTheResultIsTheSame) {
    const Chip chip(map_network(graph_, hw_));
    const GraphLayer& layer = graph_.layers[2];
    const int window = layer.groups * layer.rows(), outputs = layer.out.channels, positions = layer.positions();
    const auto windows = test::random_pixels(positions * window, 7);
    std::vector<std::int32_t> whole(static_cast<std::size_t>(layer.out.size()));
    chip.multiply(2, {3}, positions, windows.data(), whole.data());
    for (int size : {1, 2, 5, 31}) {
        std::vector<std::int32_t> parts(whole.size(), -1);
        for (int first = 0; first < positions; first += size)
            chip.multiply(2, {3, first}, std::min(size, positions - first),
                          &windows[static_cast<std::size_t>(first * window)],
                          &parts[static_cast<std::size_t>(first * outputs)]);
        EXPECT_EQ(parts, whole) << "parts of " << size;
    }
}

TEST_F(ChipOfCopies, GivenPerfectHardware_ThenCopiesDoNotChangeTheIntegers) {
    HardwareConfig hw = test::perfect_hardware();
    hw.mapping = hw_.mapping;
    EXPECT_EQ(run_images(graph_, Chip(map_network(graph_, hw)), pixels_.data(), 0, 4),
              run_images(graph_, IntegerEngine(graph_), pixels_.data(), 0, 4));
}

TEST_F(ChipOfCopies, GivenClippedCountsAreWanted_ThenSeveralCopiesTogetherAreRefused) {
    const Chip chip(map_network(graph_, hw_));
    const GraphLayer& layer = graph_.layers[0];
    const auto windows = test::random_pixels(2 * layer.rows(), 7);
    std::vector<std::int32_t> sums(2 * static_cast<std::size_t>(layer.out.channels));
    std::vector<std::vector<std::uint16_t>> clipped;
    EXPECT_NO_THROW(chip.layer_arrays(0)->multiply({}, 1, windows.data(), sums.data(), &clipped));
    clipped.clear();
    EXPECT_THROW(chip.layer_arrays(0)->multiply({}, 2, windows.data(), sums.data(), &clipped), Error);
}

TEST(ChipOfActivations, GivenPerfectHardware_ThenLogitsEqualTheIntegerNetworkExactly) {
    const WorkloadGraph graph = test::random_graph(test::all_activations);
    const auto pixels = test::random_pixels(2 * graph.input.size(), 11);
    EXPECT_EQ(run_images(graph, Chip(map_network(graph, test::perfect_hardware())), pixels.data(), 0, 2),
              run_images(graph, IntegerEngine(graph), pixels.data(), 0, 2));
}

}  // namespace
}  // namespace xloop
