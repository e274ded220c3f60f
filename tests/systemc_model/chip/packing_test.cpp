#include "systemc_model/chip/layer_arrays.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <numeric>

namespace xloop {
namespace {

/// Groups of two outputs and five rows; of the seven that fit into an array the last one holds only some.
constexpr int groups = 9, outs = 2, rows = 5;

HardwareConfig packed(HardwareConfig hw, WeightMapping weights) {
    hw.crossbar.rows = 36;
    hw.crossbar.cols = 130;
    hw.crossbar.weights = weights;
    hw.mapping.group_packing = GroupPacking::diagonal;
    return hw;
}

std::vector<std::int8_t> weights_of(const HardwareConfig& hw, int count) {
    const KeyedRandom random(5, RandomUse::random_weights);
    std::vector<std::int8_t> weights;
    for (int i = 0; i < count; ++i)
        weights.push_back(static_cast<std::int8_t>(hw.numerics.weight_bits == 1
                                                       ? 2 * static_cast<int>(random.below(2, i)) - 1
                                                       : static_cast<int>(random.below(255, i)) - 127));
    return weights;
}

/// A layer's arrays and random windows for them.
struct Programmed {
    Programmed(const HardwareConfig& its_hardware, const std::vector<std::int8_t>& weights, int its_groups,
               int out_per_group, int rows_per_group)
        : hardware(its_hardware), device(hardware),
          arrays({weights.data(), its_groups, out_per_group, rows_per_group, 3}, hardware, device) {
        arrays.program_all(1);
    }
    std::vector<std::int32_t> multiply(const std::vector<std::uint8_t>& windows, int count, int outputs) const {
        std::vector<std::int32_t> sums(static_cast<std::size_t>(count) * static_cast<std::size_t>(outputs));
        arrays.multiply({2, 4}, count, windows.data(), sums.data());
        return sums;
    }

    HardwareConfig hardware;
    DeviceModel device;
    LayerArrays arrays;
};

/// Product of one window with the groups' weights, by hand.
std::vector<std::int32_t> exact_sums(const std::vector<std::int8_t>& weights, const std::uint8_t* window) {
    std::vector<std::int32_t> sums;
    for (int o = 0; o < groups * outs; ++o)
        sums.push_back(std::inner_product(&weights[static_cast<std::size_t>(o * rows)],
                                          &weights[static_cast<std::size_t>(o * rows)] + rows, window + o / outs * rows,
                                          0));
    return sums;
}

class Packing : public testing::TestWithParam<WeightMapping> {};

TEST_P(Packing, GivenPerfectHardware_ThenTheProductIsExactForAnyWidthOfWeights) {
    const int widths[] = {8, 4, 2, 1};
    for (int bits : widths) {
        HardwareConfig hw = packed(test::perfect_hardware(), GetParam());
        hw.numerics.weight_bits = bits;
        std::vector<std::int8_t> weights = weights_of(hw, groups * outs * rows);
        if (bits > 1)
            for (std::int8_t& w : weights)
                w = static_cast<std::int8_t>(w >> (8 - bits));
        const Programmed layer(hw, weights, groups, outs, rows);
        EXPECT_EQ(layer.arrays.blocks(), GetParam() == WeightMapping::separate ? 4 : 2);
        const auto window = test::random_pixels(groups * rows, 7);
        EXPECT_EQ(layer.multiply(window, 1, groups * outs), exact_sums(weights, window.data())) << bits << " bits";
    }
}

// The slow way: the same cells as one matrix without groups, zeros written out. With offset mapping a cell that is off holds
// the most negative weight, and the offset of all rows is subtracted: that of other groups' rows must come back.
TEST_P(Packing, GivenRealHardware_ThenAnArrayOfSeveralGroupsIsTheSameCellsAsADenseMatrix) {
    HardwareConfig hw = packed({}, GetParam());
    hw.device.stuck_on_rate = hw.device.stuck_off_rate = 0.01;
    hw.device.read_noise_sigma = 0.02;
    hw.adc.bits = 11;
    hw.adc.noise_sigma_lsb = 0.5;
    hw.adc.offset_sigma_lsb = 0.3;
    constexpr int fit = 7, all_outs = fit * outs, all_rows = fit * rows, vectors = 5;
    const bool offset = GetParam() == WeightMapping::offset;
    const int base = offset ? 128 : 0;
    const std::vector<std::int8_t> weights = weights_of(hw, all_outs * rows);
    std::vector<std::int8_t> dense(static_cast<std::size_t>(all_outs * all_rows), static_cast<std::int8_t>(-base));
    for (int o = 0; o < all_outs; ++o)
        std::copy_n(&weights[static_cast<std::size_t>(o * rows)], rows,
                    &dense[static_cast<std::size_t>(o * all_rows + o / outs * rows)]);
    const Programmed layer(hw, weights, fit, outs, rows), whole(hw, dense, 1, all_outs, all_rows);
    ASSERT_EQ(layer.arrays.blocks(), whole.arrays.blocks());

    const auto windows = test::random_pixels(vectors * all_rows, 9);
    auto expected = whole.multiply(windows, vectors, all_outs);
    for (int v = 0; v < vectors; ++v)
        for (int o = 0; o < all_outs; ++o)
            for (int r = 0; r < all_rows; ++r)
                if (r / rows != o / outs)
                    expected[static_cast<std::size_t>(v * all_outs + o)] +=
                        base * windows[static_cast<std::size_t>(v * all_rows + r)];
    EXPECT_EQ(layer.multiply(windows, vectors, all_outs), expected);

    for (int b = 0; b < layer.arrays.blocks(); ++b) {
        const auto &own = layer.arrays.array(b).effective_weights(), &other = whole.arrays.array(b).effective_weights();
        const DriveTable drive(hw);
        EXPECT_EQ(layer.arrays.array(b).driven_conductance_ns(windows.data(), drive),
                  whole.arrays.array(b).driven_conductance_ns(windows.data(), drive));
        for (int o = 0; o < all_outs; ++o)
            for (int r = 0; r < all_rows; ++r) {
                const auto at = static_cast<std::size_t>(o * all_rows + r);
                const float put_back = r / rows != o / outs ? static_cast<float>(base) : 0.0f;
                EXPECT_NEAR(own[at], other[at] + put_back, 1e-4f) << o << " " << r;
            }
    }
    const auto own = layer.arrays.effective_weights(), other = whole.arrays.effective_weights();
    for (int o = 0; o < all_outs; ++o)
        for (int r = 0; r < rows; ++r)
            EXPECT_EQ(own[static_cast<std::size_t>(o * rows + r)],
                      other[static_cast<std::size_t>(o * all_rows + o / outs * rows + r)]);
}

TEST_P(Packing, GivenAGainCorrection_ThenItIsFittedToTheWeightsOfTheOwnGroup) {
    HardwareConfig hw = packed({}, GetParam());
    hw.adc.bits = 12;
    hw.adc.gain_sigma = 0.1;
    const std::vector<std::int8_t> weights = weights_of(hw, groups * outs * rows);
    const auto window = test::random_pixels(groups * rows, 7);
    const auto exact = exact_sums(weights, window.data());
    const auto error = [&](GainCorrectionKind kind) {
        hw.adc.gain_correction = kind;
        const auto sums = Programmed(hw, weights, groups, outs, rows).multiply(window, 1, groups * outs);
        double squares = 0;
        for (std::size_t o = 0; o < sums.size(); ++o)
            squares += (sums[o] - exact[o]) * static_cast<double>(sums[o] - exact[o]);
        return squares;
    };
    EXPECT_LT(error(GainCorrectionKind::gain_offset), 0.8 * error(GainCorrectionKind::none));
}

INSTANTIATE_TEST_SUITE_P(Mappings, Packing,
                         testing::Values(WeightMapping::differential, WeightMapping::offset, WeightMapping::separate),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

}  // namespace
}  // namespace xloop
