#include "core/error.hpp"
#include "systemc_model/chip/hardware_digest.hpp"
#include "systemc_model/chip/ideal_hardware.hpp"
#include "systemc_model/chip/layer_errors.hpp"
#include "systemc_model/chip/recalibrate.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cmath>
#include <filesystem>
#include <functional>

namespace xloop {
namespace {

constexpr int images = 4;

/// Exact sums, changed by a function of layer, channel and sum.
class Changed : public MatrixEngine {
public:
    using Change = std::function<std::int32_t(int layer, int channel, std::int32_t sum)>;
    Changed(const WorkloadGraph& graph, Change change) : graph_(graph), exact_(graph), change_(std::move(change)) {}
    void multiply(int layer, const ReadAddress& first, int count, const std::uint8_t* windows,
                  std::int32_t* accumulators) const override {
        exact_.multiply(layer, first, count, windows, accumulators);
        const int channels = graph_.layers[static_cast<std::size_t>(layer)].out.channels;
        for (int i = 0; i < count * channels; ++i)
            accumulators[i] = change_(layer, i % channels, accumulators[i]);
    }

private:
    const WorkloadGraph& graph_;
    IntegerEngine exact_;
    Change change_;
};

class EvaluationParts : public testing::Test {
protected:
    CalibrationImages calibration() const { return {pixels_.data(), images}; }

    WorkloadGraph graph_ = test::random_graph(test::all_kinds);
    std::vector<std::uint8_t> pixels_ = test::random_pixels(images * graph_.input.size(), 11);
};

TEST_F(EvaluationParts, GivenAGainAndAnOffsetOfEachChannel_ThenRecalibrationTakesThemBackExactly) {
    const int last = graph_.outputs.front();
    const auto gain = [&](int layer, int channel) { return layer == last || channel % 2 == 0 ? 2 : 4; };
    const auto offset = [](int channel) { return 100 * channel - 250; };
    const Changed engine(
        graph_, [&](int layer, int channel, std::int32_t sum) { return gain(layer, channel) * sum + offset(channel); });
    const WorkloadGraph corrected = recalibrate(graph_, engine, calibration());
    for (std::size_t l = 0; l < graph_.layers.size(); ++l)
        for (int o = 0; graph_.layers[l].on_crossbars() && o < graph_.layers[l].out.channels; ++o) {
            const auto at = static_cast<std::size_t>(o);
            const int by = gain(static_cast<int>(l), o);
            EXPECT_EQ((*corrected.layers[l].bias)[at], by * (*graph_.layers[l].bias)[at] - offset(o)) << l << " " << o;
            if (!graph_.layers[l].is_output) {
                EXPECT_EQ(corrected.layers[l].rescale[at].real(), graph_.layers[l].rescale[at].real() / by);
            }
        }
    EXPECT_DOUBLE_EQ(corrected.layers.back().output_scale, graph_.layers.back().output_scale / 2);
    auto expected = run_images(graph_, IntegerEngine(graph_), pixels_.data(), 0, images);
    for (auto& logits : expected)
        for (std::int32_t& logit : logits)
            logit *= 2;  // in steps half as large
    EXPECT_EQ(run_images(corrected, engine, pixels_.data(), 0, images), expected);
    for (const LayerErrors& errors : layer_errors(graph_, corrected, engine, calibration()))
        EXPECT_EQ(errors.squared_error, 0.0) << errors.layer;
}

TEST_F(EvaluationParts, GivenChannelsThatDoNotMove_ThenTheyKeepTheirFactor) {
    const Changed engine(graph_, [](int layer, int, std::int32_t sum) { return layer == 0 ? 7 : sum; });
    const WorkloadGraph corrected = recalibrate(graph_, engine, calibration());
    EXPECT_EQ(corrected.layers[0].rescale[0].multiplier, graph_.layers[0].rescale[0].multiplier);
    EXPECT_THROW(recalibrate(graph_, engine, {}), Error);
}

TEST_F(EvaluationParts, GivenARealChip_ThenRecalibrationDoesNotDependOnThreadsAndBringsSumsNearer) {
    HardwareConfig hw;
    hw.device.programming_sigma = 0.1;
    hw.crossbar.r_wire_col_ohm = 20.0;
    const Chip chip(map_network(graph_, hw));
    const WorkloadGraph one = recalibrate(graph_, chip, calibration(), 1),
                        two = recalibrate(graph_, chip, calibration(), 2);
    const auto before = layer_errors(graph_, graph_, chip, calibration()),
               after = layer_errors(graph_, one, chip, calibration(), 2),
               again = layer_errors(graph_, two, chip, calibration(), 1);
    ASSERT_EQ(before.size(), 5u);
    for (std::size_t l = 0; l < before.size(); ++l) {
        EXPECT_LT(after[l].squared_error, before[l].squared_error) << before[l].layer;
        EXPECT_EQ(after[l].squared_error, again[l].squared_error);
        EXPECT_EQ(after[l].clipped, again[l].clipped);
    }
    for (std::size_t l = 0; l < graph_.layers.size(); ++l)
        if (graph_.layers[l].on_crossbars()) {
            EXPECT_EQ(*one.layers[l].bias, *two.layers[l].bias);
            EXPECT_EQ(one.layers[l].weights, graph_.layers[l].weights);
        }
}

TEST_F(EvaluationParts, GivenAnErrorOfKnownSize_ThenTheSignalToNoiseRatioIsThatOfItsPower) {
    constexpr int error = 50;
    double count = 0.0, sum = 0.0, squares = 0.0;
    const Changed engine(graph_, [&](int layer, int, std::int32_t exact) {
        if (layer == 0) {
            ++count;
            sum += exact;
            squares += static_cast<double>(exact) * exact;
        }
        return exact + error;
    });
    const LayerErrors errors = layer_errors(graph_, graph_, engine, calibration()).front();
    const double variance = squares / count - (sum / count) * (sum / count);
    EXPECT_EQ(errors.layer, "stem");
    EXPECT_DOUBLE_EQ(errors.squared_error, error * error);
    EXPECT_NEAR(errors.variance, variance, 1e-9 * variance);
    EXPECT_NEAR(errors.snr_db(), 10.0 * std::log10(variance / (error * error)), 1e-9);
    EXPECT_TRUE(std::isnan(errors.clipped_share())) << "nothing is converted";
}

TEST_F(EvaluationParts, GivenSumsThatAreShortByAShare_ThenItIsTheNonIdealityFactor) {
    const Changed twice(graph_, [](int, int, std::int32_t sum) { return 2 * sum; });
    EXPECT_DOUBLE_EQ(layer_errors(graph_, graph_, twice, calibration()).front().non_ideality, -1.0);
    const Changed nothing(graph_, [](int, int, std::int32_t) { return 0; });
    EXPECT_DOUBLE_EQ(layer_errors(graph_, graph_, nothing, calibration()).front().non_ideality, 1.0);
}

TEST_F(EvaluationParts, GivenPerfectHardware_ThenThereIsNoErrorAndNothingIsClipped) {
    const Chip chip(map_network(graph_, test::perfect_hardware()));
    for (const LayerErrors& errors : layer_errors(graph_, graph_, chip, calibration())) {
        EXPECT_EQ(errors.squared_error, 0.0) << errors.layer;
        EXPECT_TRUE(std::isinf(errors.snr_db()));
        EXPECT_EQ(errors.clipped_share(), 0.0);
    }
}

TEST_F(EvaluationParts, GivenOneArrayOfALayer_ThenItsConversionsAreThoseOfItsReads) {
    HardwareConfig hw = test::perfect_hardware();
    hw.crossbar.rows = 256;
    hw.crossbar.cols = 256;
    hw.adc.bits = 2;
    const Chip chip(map_network(graph_, hw));
    const LayerErrors stem = layer_errors(graph_, graph_, chip, calibration()).front();
    EXPECT_EQ(stem.conversions, static_cast<std::uint64_t>(images * 64 * 8 * 12 * hw.slices()))
        << "images, positions, digits, outputs, slices";
    EXPECT_GT(stem.clipped, 0u);
    EXPECT_LT(stem.clipped, stem.conversions);
}

TEST_F(EvaluationParts, GivenHarshHardware_ThenItsIdealOneWithWideConvertersComputesTheIntegerNetwork) {
    HardwareConfig hw;
    hw.device.kind = DeviceKind::pcm;
    hw.device.drift_time_s = 1e6;
    hw.device.stuck_on_rate = 0.1;
    hw.device.read_noise_sigma = 0.1;
    hw.device.nonlinearity_per_volt = 2.0;
    hw.adc.bits = 12;
    hw.adc.noise_sigma_lsb = 2.0;
    hw.adc.gain_sigma = 0.2;
    const auto exact = run_images(graph_, IntegerEngine(graph_), pixels_.data(), 0, images);
    EXPECT_NE(run_images(graph_, Chip(map_network(graph_, hw)), pixels_.data(), 0, images), exact);
    const HardwareConfig ideal = ideal_hardware(hw);
    EXPECT_EQ(run_images(graph_, Chip(map_network(graph_, ideal)), pixels_.data(), 0, images), exact);
    EXPECT_EQ(ideal.adc.bits, 12);
}

TEST_F(EvaluationParts, GivenCalibratedRanges_ThenOtherHardwareRefusesThemAndOtherBitsDoNot) {
    HardwareConfig hw;
    hw.adc.range = AdcRange::calibrated;
    const auto chip = program(map_network(graph_, hw), calibration());
    const std::string folder = testing::TempDir() + "xloop_ranges_for";
    save_workload(chip->network().graph, folder);
    const WorkloadGraph loaded = load_workload(folder + "/workload.yaml");
    std::filesystem::remove_all(folder);
    EXPECT_EQ(loaded.ranges_for, ranges_digest(hw));
    EXPECT_NO_THROW(Chip(map_network(loaded, hw)));
    HardwareConfig other = hw;
    other.adc.bits = 6;
    other.adc.noise_sigma_lsb = 1.0;
    other.tile.vector_lanes = 8;
    EXPECT_NO_THROW(Chip(map_network(loaded, other)));
    const auto refused = [&](const HardwareConfig& hardware) {
        try {
            Chip{map_network(loaded, hardware)};
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr("measured on other hardware"));
            return true;
        }
        return false;
    };
    other = hw;
    other.chip_seed = 2;
    EXPECT_TRUE(refused(other));
    other = hw;
    other.crossbar.rows = 32;
    EXPECT_TRUE(refused(other));
    other = hw;
    other.adc.percentile = 99.0;
    EXPECT_TRUE(refused(other));
    other.adc.range = AdcRange::fixed;
    EXPECT_FALSE(refused(other)) << "ranges are not used";
}

TEST_F(EvaluationParts, GivenCorrectedBiases_ThenTheyAreForTheChipThatTheyWereMeasuredOn) {
    HardwareConfig hw;
    WorkloadGraph corrected = graph_;
    corrected.corrected_for = sums_digest(hw);
    EXPECT_NO_THROW(Chip(map_network(corrected, hw)));
    hw.adc.bits = 6;
    EXPECT_THROW(Chip(map_network(corrected, hw)), InputError);
}

}  // namespace
}  // namespace xloop
