#include "systemc_model/crossbar/programmed_array.hpp"

#include "systemc_model/crossbar/array_model.hpp"
#include "systemc_model/crossbar/circuit/line_relaxation.hpp"
#include "systemc_model/crossbar/read_noise.hpp"
#include "systemc_model/crossbar/wires/array_fields.hpp"
#include "systemc_model/crossbar/wires/effective_conductance.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

namespace xloop {
namespace {

std::vector<std::int8_t> random_weights(int count, std::uint64_t seed, int bits = 8) {
    const KeyedRandom random(seed, RandomUse::random_weights);
    const int largest = largest_weight(bits);
    std::vector<std::int8_t> w(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < w.size(); ++i)
        w[i] = static_cast<std::int8_t>(
            bits == 1 ? 2 * static_cast<int>(random.below(2, i)) - 1
                      : static_cast<int>(random.below(static_cast<std::uint64_t>(2 * largest + 1), i)) - largest);
    return w;
}

std::vector<std::int32_t> exact_product(const std::vector<std::int8_t>& w, const std::vector<std::uint8_t>& x,
                                        int outs) {
    const int rows = static_cast<int>(x.size());
    std::vector<std::int32_t> y(static_cast<std::size_t>(outs), 0);
    for (int o = 0; o < outs; ++o)
        for (int r = 0; r < rows; ++r)
            y[o] += w[o * rows + r] * x[r];
    return y;
}

ProgrammedArray make_array(const std::vector<std::int8_t>& w, int outs, const HardwareConfig& hw,
                           Polarity polarity = Polarity::both) {
    const int rows = static_cast<int>(w.size()) / outs;
    return ProgrammedArray({w.data(), outs, rows, rows, polarity, 0}, hw, DeviceModel(hw), 100.0);
}

std::vector<std::int32_t> product(const ProgrammedArray& array, const std::vector<std::uint8_t>& x, int position = 0) {
    std::vector<std::int32_t> sums(static_cast<std::size_t>(array.outputs()), 0);
    array.multiply({x.data(), array.rows(), 1, 0, position}, sums.data(), array.outputs());
    return sums;
}

/// The product of an array, or of the two that hold one sign each.
std::vector<std::int32_t> whole_product(const std::vector<std::int8_t>& w, int outs, const HardwareConfig& hw,
                                        const std::vector<std::uint8_t>& x) {
    if (!hw.separate())
        return product(make_array(w, outs, hw), x);
    std::vector<std::int32_t> sums = product(make_array(w, outs, hw, Polarity::positive), x);
    const auto negative = product(make_array(w, outs, hw, Polarity::negative), x);
    std::transform(sums.begin(), sums.end(), negative.begin(), sums.begin(), std::plus<>());
    return sums;
}

struct Variant {
    WeightMapping weights;
    int bits_per_cell, dac_bits;
};

class PerfectArray : public testing::TestWithParam<Variant> {};

TEST_P(PerfectArray, GivenNoParasiticsAndAWideAdc_ThenItIsTheIntegerMatrixProduct) {
    HardwareConfig hw = test::perfect_hardware();
    hw.crossbar.weights = GetParam().weights;
    hw.device.bits_per_cell = GetParam().bits_per_cell;
    hw.dac.bits = GetParam().dac_bits;
    const int outs = hw.outputs_per_array();
    for (int rows : {1, 37, 64}) {
        const auto w = random_weights(outs * rows, 1);
        const auto x = test::random_pixels(rows, 2);
        EXPECT_EQ(whole_product(w, outs, hw, x), exact_product(w, x, outs)) << rows << " rows";
    }
}

INSTANTIATE_TEST_SUITE_P(
    Mappings, PerfectArray,
    testing::Values(Variant{WeightMapping::differential, 1, 1}, Variant{WeightMapping::differential, 2, 1},
                    Variant{WeightMapping::differential, 3, 1}, Variant{WeightMapping::differential, 4, 1},
                    Variant{WeightMapping::differential, 2, 2}, Variant{WeightMapping::differential, 2, 3},
                    Variant{WeightMapping::differential, 1, 4}, Variant{WeightMapping::offset, 1, 1},
                    Variant{WeightMapping::offset, 2, 1}, Variant{WeightMapping::offset, 4, 1},
                    Variant{WeightMapping::offset, 2, 3}, Variant{WeightMapping::separate, 1, 1},
                    Variant{WeightMapping::separate, 2, 1}, Variant{WeightMapping::separate, 3, 2},
                    Variant{WeightMapping::separate, 4, 1}));

class EveryWidth : public testing::TestWithParam<WeightMapping> {};

TEST_P(EveryWidth, GivenNoParasiticsAndAWideAdc_ThenItIsTheIntegerMatrixProduct) {
    for (int weight_bits = 1; weight_bits <= 8; ++weight_bits)
        for (int activation_bits = 1; activation_bits <= 8; ++activation_bits)
            for (int cell_bits : {1, 2, 3, 0}) {
                HardwareConfig hw = test::perfect_hardware();
                hw.crossbar.weights = GetParam();
                hw.numerics = {activation_bits, weight_bits};
                hw.device.storage = cell_bits == 0 ? CellStorage::analog : CellStorage::levels;
                hw.device.bits_per_cell = std::max(1, cell_bits);
                hw.dac.bits = 1 + (weight_bits + activation_bits) % 3;
                hw.adc.bits = 16;
                // Separate arrays have no reference: their baselines cancel, and must not be corrected.
                if (weight_bits % 2 == 1 && !hw.separate())
                    hw.adc.gain_correction = GainCorrectionKind::gain_offset;
                hw.crossbar.rows_per_read = activation_bits % 3 == 0 ? 7 : 0;
                const int outs = std::min(5, hw.outputs_per_array()), rows = 19;
                auto w = random_weights(outs * rows, 1, weight_bits);
                w.front() = static_cast<std::int8_t>(-largest_weight(weight_bits));
                w.back() = static_cast<std::int8_t>(largest_weight(weight_bits));
                auto x = test::random_pixels(rows, 2);
                for (std::uint8_t& value : x)
                    value = static_cast<std::uint8_t>(value >> (8 - activation_bits));
                EXPECT_EQ(whole_product(w, outs, hw, x), exact_product(w, x, outs))
                    << weight_bits << " and " << activation_bits << " bits, cells of " << cell_bits << ", DAC of "
                    << hw.dac.bits;
            }
}

INSTANTIATE_TEST_SUITE_P(Mappings, EveryWidth,
                         testing::Values(WeightMapping::differential, WeightMapping::offset, WeightMapping::separate),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

// Levels 0 and 1 are -1 and 1: a step of the current is worth two weight units, and its loss by the wires too.
TEST(ProgrammedArray, GivenOneBitWeightsAsOffsets_ThenEffectiveWeightsAreTwiceTheCurrentLessOne) {
    HardwareConfig hw = test::perfect_hardware();
    hw.crossbar.weights = WeightMapping::offset;
    hw.numerics.weight_bits = 1;
    const std::vector<std::int8_t> w = {1, -1, -1, 1};
    for (int r = 0; r < 2; ++r)
        for (int o = 0; o < 2; ++o)
            EXPECT_NEAR(make_array(w, 2, hw).effective_weights()[static_cast<std::size_t>(2 * o + r)], w[2 * o + r],
                        1e-6);
    hw.crossbar.r_driver_ohm = 1e4;
    hw.crossbar.r_sense_ohm = 1e4;
    const WeightSlicing slicing(hw, 2, Polarity::both);
    EXPECT_EQ(slicing.offset(), 1);
    const ProgrammedArray array = make_array(w, 2, hw);
    const DeviceModel device(hw);
    const AnalogModel model = analog_model(hw, device);
    const LevelMatrix levels = slicing.levels(w.data(), 2, 2);
    EXPECT_EQ(levels(0, slicing.plus_column(0)), 1);
    EXPECT_EQ(levels(1, slicing.plus_column(0)), 0);
    const Eigen::MatrixXd g = effective_conductance(device.program(levels, 0), model.parasitics);
    for (int o = 0; o < 2; ++o)
        for (int r = 0; r < 2; ++r)
            EXPECT_NEAR(array.effective_weights()[static_cast<std::size_t>(2 * o + r)],
                        2 * (g(r, slicing.plus_column(o)) - g(r, 0)) / device.levels().step() - 1, 1e-6);
}

TEST(AdcScale, GivenALayerThatStopsItsConvertersEarlier_ThenCodesHaveItsBits) {
    HardwareConfig hw;
    hw.adc.used_bits = 5;
    const LevelTable levels = make_levels(hw);
    EXPECT_EQ(AdcScale(hw, levels, 0).low(), -16);
    EXPECT_EQ(AdcScale(hw, levels, 0).high(), 15);
    hw.adc.range = AdcRange::calibrated;
    EXPECT_NEAR(AdcScale(hw, levels, 30.0).step_levels(), 2.0, 1e-12);
}

TEST(ProgrammedArray, GivenAnalogCells_ThenOneCellHoldsAWeight) {
    HardwareConfig hw = test::perfect_hardware();
    hw.device.storage = CellStorage::analog;
    hw.adc.range = AdcRange::full_scale;
    const int rows = 16, outs = hw.outputs_per_array();
    EXPECT_EQ(outs, 32);
    const auto w = random_weights(outs * rows, 1);
    const auto x = test::random_pixels(rows, 2);
    const auto array = make_array(w, outs, hw);
    EXPECT_EQ(array.conversions(), outs);
    const auto sums = product(array, x), exact = exact_product(w, x, outs);
    // Rounding of eight conversions: half a step each, weighted by the bits.
    const double largest_cell = 127.0 * 1e-5 / (1e-5 - 1e-6);
    const double step = largest_cell * 64 / 2047;
    for (int o = 0; o < outs; ++o) {
        EXPECT_NEAR(sums[o], exact[o], 255 * step / 2 + 1) << o;
        for (int r = 0; r < rows; ++r)
            EXPECT_NEAR(array.effective_weights()[o * rows + r], w[o * rows + r], 1e-4);
    }
}

TEST(AdcScale, GivenTheThreeRanges_ThenTheLastCodeStandsForWhatTheySay) {
    HardwareConfig hw;
    const LevelTable levels = make_levels(hw);
    EXPECT_EQ(AdcScale(hw, levels, 0).step_levels(), 1.0);
    EXPECT_EQ(AdcScale(hw, levels, 0).low(), -128);
    EXPECT_EQ(AdcScale(hw, levels, 0).high(), 127);
    hw.adc.range = AdcRange::full_scale;
    EXPECT_NEAR(AdcScale(hw, levels, 0).step_levels(), 64 * (levels.highest() / levels.step()) / 127, 1e-12);
    hw.dac.bits = 4;
    EXPECT_NEAR(AdcScale(hw, levels, 0).step_levels(), 15 * 64 * (levels.highest() / levels.step()) / 127, 1e-12);
    hw.crossbar.rows_per_read = 9;
    EXPECT_NEAR(AdcScale(hw, levels, 0).step_levels(), 15 * 9 * (levels.highest() / levels.step()) / 127, 1e-12);
    hw.crossbar.rows_per_read = 0;
    hw.adc.range = AdcRange::calibrated;
    EXPECT_NEAR(AdcScale(hw, levels, 254.0).step_levels(), 2.0, 1e-12);
    hw.crossbar.weights = WeightMapping::offset;
    EXPECT_EQ(AdcScale(hw, levels, 510.0).high(), 255);
    EXPECT_EQ(AdcScale(hw, levels, 510.0).low(), 0);
    EXPECT_NEAR(AdcScale(hw, levels, 510.0).step_levels(), 2.0, 1e-12);
    for (int dac : {1, 8})
        for (int rows : {1, 1024})
            for (double lsb : {1e-3, 1.0, 1e6}) {
                hw.dac.bits = dac;
                hw.crossbar.rows = rows;
                hw.adc.range = AdcRange::fixed;
                hw.adc.lsb_levels = lsb;
                const AdcScale scale(hw, levels, 0);
                const double largest = levels.highest() / levels.step();
                EXPECT_LE(scale.fixed_point(largest), 16384.0);
                EXPECT_LE(scale.fixed_point(largest) * rows * ((1 << dac) - 1), std::ldexp(1.0, 30));
            }
}

/// One weight, one row: the array is a converter for the level 127 of an analog cell.
struct Converter {
    HardwareConfig hw = test::perfect_hardware();
    Converter() {
        hw.device.storage = CellStorage::analog;
        hw.dac.bits = 8;
        hw.adc.bits = 4;
        hw.adc.lsb_levels = 127.0 * 16;  // codes are (input / 16)
    }
    std::int32_t code(int input, std::int8_t weight = 127) const {
        const std::vector<std::int8_t> w(1, weight);
        std::int32_t result = 0;
        const auto x = static_cast<std::uint8_t>(input);
        make_array(w, 1, hw).convert(&x, {0, 0}, &result);
        return result;
    }
};

// Copy me: the edges of a range, and one step before and after.
TEST(Adc, GivenEdgesOfTheRange_ThenRoundingIsHalfUpAndCodesSaturate) {
    const Converter adc;
    EXPECT_EQ(adc.code(7), 0);
    EXPECT_EQ(adc.code(8), 1) << "half a step rounds up";
    EXPECT_EQ(adc.code(23), 1);
    EXPECT_EQ(adc.code(24), 2);
    EXPECT_EQ(adc.code(255), 7) << "15.9 steps saturate";
    EXPECT_EQ(adc.code(8, -127), 0) << "minus half a step rounds up";
    EXPECT_EQ(adc.code(9, -127), -1);
    EXPECT_EQ(adc.code(255, -127), -8);
}

TEST(Adc, GivenOffsetGainAndBow_ThenEachInstanceHasItsOwn) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.columns_per_adc = 4;
    hw.adc.gain_sigma = 0.1;
    hw.adc.offset_sigma_lsb = 3.0;
    hw.adc.inl_sigma_lsb = 2.0;
    const WeightSlicing slicing(hw, 8, Polarity::both);
    const auto errors = adc_errors(hw, slicing, 7);
    std::set<double> gains;
    for (int c = 0; c < slicing.conversions(); ++c) {
        const AdcErrors& first = errors[static_cast<std::size_t>(c % 8)];  // slice 0 of the same output: same ADC of 4
        EXPECT_EQ(errors[c].gain, first.gain);
        EXPECT_EQ(errors[c].offset_lsb, first.offset_lsb);
        EXPECT_EQ(errors[c].bow_lsb, first.bow_lsb);
        gains.insert(errors[c].gain);
    }
    EXPECT_EQ(gains.size(), 8u);
    EXPECT_NE(adc_errors(hw, slicing, 8)[0].gain, errors[0].gain) << "another array has other ADCs";

    double squares = 0.0, offsets = 0.0;
    constexpr int arrays = 2000;
    for (std::uint64_t a = 0; a < arrays; ++a) {
        const AdcErrors e = adc_errors(hw, slicing, a)[0];
        squares += (e.gain - 1) * (e.gain - 1);
        offsets += e.offset_lsb * e.offset_lsb;
    }
    EXPECT_NEAR(squares / arrays, 0.01, 0.01 * 4 * std::sqrt(2.0 / arrays));
    EXPECT_NEAR(offsets / arrays, 9.0, 9.0 * 4 * std::sqrt(2.0 / arrays));
}

TEST(Adc, GivenOnlyOffset_ThenAllCodesShiftByIt) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.offset_sigma_lsb = 5.0;
    const std::vector<std::int8_t> w(8 * 4, 0);
    const auto array = make_array(w, 8, hw);
    const double offset = adc_errors(hw, WeightSlicing(hw, 8, Polarity::both), 0)[0].offset_lsb;
    std::vector<std::int32_t> codes(8 * 32);
    const std::vector<std::uint8_t> x(4, 255);
    array.convert(x.data(), {0, 0}, codes.data());
    EXPECT_THAT(codes, testing::Each(static_cast<std::int32_t>(std::floor(offset + 0.5))));
}

TEST(Adc, GivenOnlyBow_ThenTheEndsOfTheRangeStayAndTheMiddleMovesByItsHeight) {
    Converter bent;
    bent.hw.crossbar.weights = WeightMapping::offset;  // codes 0 ... 15
    bent.hw.adc.bits = 8;
    bent.hw.adc.lsb_levels = 255.0;  // weight 127 is stored as 255: the code is the input
    bent.hw.adc.inl_sigma_lsb = 8.0;
    const double bow = adc_errors(bent.hw, WeightSlicing(bent.hw, 1, Polarity::both), 0)[0].bow_lsb;
    ASSERT_GT(std::abs(bow), 1.0);
    EXPECT_EQ(bent.code(0), 0);
    EXPECT_EQ(bent.code(255), 255);
    EXPECT_NEAR(bent.code(128) - 128, bow, 0.51);
    EXPECT_NEAR(bent.code(64) - 64, 0.75 * bow, 0.52);
}

TEST(ProgrammedArray, GivenAdcNoise_ThenItsSpreadIsThatAskedAndReadsAreIndependentButRepeatable) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.noise_sigma_lsb = 3.0;
    const std::vector<std::int8_t> w(8, 0);
    const auto array = make_array(w, 8, hw);
    const std::uint8_t x = 1;
    std::vector<std::int32_t> codes(8 * 32), again(8 * 32);
    double squares = 0.0;
    int n = 0;
    for (int position = 0; position < 250; ++position) {
        array.convert(&x, {0, position}, codes.data());
        for (std::int32_t code : codes) {
            squares += static_cast<double>(code) * code;
            ++n;
        }
    }
    const double expected = 9.0 + 1.0 / 12.0;  // the noise and the rounding of the ADC
    EXPECT_NEAR(squares / n, expected, 4 * expected * std::sqrt(2.0 / n));
    array.convert(&x, {0, 249}, again.data());
    EXPECT_EQ(codes, again);
    array.convert(&x, {1, 249}, again.data());
    EXPECT_NE(codes, again);
    array.convert(&x, {0, 249, 1}, again.data());
    EXPECT_NE(codes, again) << "a time step draws anew";
    std::vector<std::int32_t> second(codes.size());
    array.convert(&x, {0, 249, 2}, second.data());
    EXPECT_NE(second, again);
}

HardwareConfig harsh_hardware() {
    HardwareConfig hw;
    hw.device.r_on_ohm = 20e3;
    hw.device.r_off_ohm = 200e3;
    hw.crossbar.r_driver_ohm = hw.crossbar.r_sense_ohm = 1000;
    hw.crossbar.r_wire_row_ohm = 5;
    hw.crossbar.r_wire_col_ohm = 10;
    return hw;
}

TEST(ProgrammedArray, GivenHarshWires_ThenEffectiveWeightsShrinkTowardsTheFarCorner) {
    HardwareConfig hw = harsh_hardware();
    hw.device.programming_sigma = 0.0;
    const std::vector<std::int8_t> w(8 * 64, 127);
    const auto array = make_array(w, 8, hw);
    const auto& effective = array.effective_weights();
    EXPECT_LT(effective[0], 127 * 0.7f);
    EXPECT_GT(effective[0], 127 * 0.05f);
    EXPECT_LT(effective[7 * 64], effective[63]) << "top right (far from driver and sense) below bottom left";
}

// The noise that the model refers to the columns, against 1e5 draws of every device. A draw adds up what the devices' noise
// does to the currents in first order, which is held against the circuit solved anew for some of the draws.
TEST(ProgrammedArray, GivenReadNoise_ThenItsSpreadIsThatOfIndependentDevices) {
    constexpr int side = 8, outs = 4, draws = 100000, solved_draws = 200;
    constexpr double sigma = 0.02;
    HardwareConfig hw = harsh_hardware();
    hw.crossbar.rows = hw.crossbar.cols = side;
    hw.crossbar.r_wire_row_ohm = hw.crossbar.r_wire_col_ohm = 40;
    hw.device.storage = CellStorage::analog;
    hw.device.programming_sigma = 0.0;
    hw.device.r_access_ohm = 2000;
    hw.device.read_noise_sigma = sigma;
    hw.adc.bits = 12;
    hw.adc.lsb_levels = 0.25;
    const auto w = random_weights(outs * side, 3);
    const auto array = make_array(w, outs, hw);
    const std::vector<std::uint8_t> x = {1, 0, 1, 1, 0, 1, 1, 0};  // one read that drives five rows

    const DeviceModel device(hw);
    const WeightSlicing slicing(hw, outs, Polarity::both);
    const Parasitics parasitics = analog_model(hw, device).parasitics;
    const Eigen::MatrixXd g = device.program(slicing.levels(w.data(), side, side), 0);
    const auto slopes = [&](const Eigen::MatrixXd& cells) {
        return Eigen::MatrixXd(cells.unaryExpr([&](double s) { return device.curve().slope(s); }));
    };
    Eigen::MatrixXd v(1, side);
    for (int r = 0; r < side; ++r)
        v(0, r) = x[r];
    const auto levels = [&](const Eigen::MatrixXd& cells) {
        const Eigen::MatrixXd i = v * effective_conductance(slopes(cells), parasitics);
        Eigen::Array4d result;
        for (int c = 0; c < outs; ++c)
            result(c) = (i(0, slicing.plus_column(c)) - i(0, slicing.minus_column(c))) / device.levels().step();
        return result;
    };
    // What 1 siemens more in each device does to each conversion.
    const ArrayFields fields(slopes(g), parasitics);
    Eigen::MatrixXd columns = Eigen::MatrixXd::Zero(outs, side);
    for (int c = 0; c < outs; ++c) {
        columns(c, slicing.plus_column(c)) = 1.0 / device.levels().step();
        columns(c, slicing.minus_column(c)) = -1.0 / device.levels().step();
    }
    const Eigen::MatrixXd drop = fields.voltages(v), reach = fields.adjoint(columns);
    Eigen::MatrixXd gain(side * side, outs);
    for (int cell = 0; cell < side * side; ++cell) {
        const double access = 1.0 + g(cell / side, cell % side) * hw.device.r_access_ohm;
        for (int c = 0; c < outs; ++c)
            gain(cell, c) = drop(0, cell) * reach(c, cell) / (access * access);
    }

    const Eigen::Array4d at_rest = levels(g);
    const KeyedRandom random(9, RandomUse::random_weights);
    Eigen::Array4d squares = Eigen::Array4d::Zero();
    for (int d = 0; d < draws; ++d) {
        Eigen::RowVectorXd noise(side * side);
        for (int cell = 0; cell < side * side; ++cell)
            noise(cell) = sigma * g(cell / side, cell % side) * random.normal(d, cell);
        const Eigen::Array4d change = (noise * gain).transpose();
        squares += change.square();
        if (d < solved_draws) {
            const Eigen::MatrixXd noisy = g + noise.reshaped<Eigen::RowMajor>(side, side);
            EXPECT_TRUE(((levels(noisy) - at_rest - change).abs() < 0.05 * change.abs() + 0.02).all()) << "draw " << d;
        }
    }
    const Eigen::Array4d expected = (squares / draws).sqrt();

    std::vector<std::int32_t> codes(outs * side);
    Eigen::Array4d sum = Eigen::Array4d::Zero();
    squares = sum;
    for (int d = 0; d < draws; ++d) {
        array.convert(x.data(), {d, 0}, codes.data());
        for (int c = 0; c < outs; ++c) {
            const double level = codes[c] * hw.adc.lsb_levels;
            sum(c) += level;
            squares(c) += level * level;
        }
    }
    const double rounding = hw.adc.lsb_levels * hw.adc.lsb_levels / 12;
    const Eigen::Array4d modelled = (squares / draws - (sum / draws).square() - rounding).sqrt();
    for (int c = 0; c < outs; ++c)
        EXPECT_NEAR(modelled(c) / expected(c), 1.0, 0.03)
            << "conversion " << c << ": " << modelled(c) << " against " << expected(c);
}

// On a large, loaded array, against the first-order variance with every cell's way to every column.
class ReadNoiseOf : public testing::TestWithParam<int> {};

TEST_P(ReadNoiseOf, GivenSparseAndDenseInputsOfALoadedArray_ThenItsSpreadIsNearTheExactOne) {
    const int rows_at_once = GetParam(), groups = 64 / rows_at_once;
    HardwareConfig hw = harsh_hardware();
    hw.device.storage = CellStorage::analog;
    hw.device.read_noise_sigma = 0.05;
    hw.crossbar.weights = WeightMapping::separate;
    const DeviceModel device(hw);
    const WeightSlicing slicing(hw, 64, Polarity::positive);
    AnalogArray analog(analog_model(hw, device));
    const auto w = random_weights(64 * 64, 4);
    analog.program(device.program(slicing.levels(w.data(), 64, 64), 0));
    const std::vector<AdcErrors> ideal_adcs(64);
    const auto noise = refer_read_noise(analog, device, slicing, ideal_adcs, 64, rows_at_once, 1.0);
    ASSERT_EQ(noise.size(), static_cast<std::size_t>(groups));

    const Eigen::MatrixXd& g = analog.conductance();
    const ArrayFields fields(g, analog.model().parasitics);
    const Eigen::MatrixXd reach = fields.adjoint(Eigen::MatrixXd::Identity(64, 64));
    const KeyedRandom random(2, RandomUse::random_images);
    double worst = 0.0, sum = 0.0;
    int count = 0;
    for (int group = 0; group < groups; ++group)
        for (int density : {10, 30, 50, 100}) {
            std::vector<float> digits(static_cast<std::size_t>(rows_at_once));
            Eigen::MatrixXd v = Eigen::MatrixXd::Zero(1, 64);
            for (int r = 0; r < rows_at_once; ++r)
                v(0, group * rows_at_once + r) = digits[static_cast<std::size_t>(r)] =
                    static_cast<int>(random.below(100, density, group * rows_at_once + r)) < density ? 1.0f : 0.0f;
            if (v.isZero())
                continue;
            std::vector<float> variance(64, 0.0f);
            noise[static_cast<std::size_t>(group)].add_variance(digits, variance.data());
            const Eigen::MatrixXd drop = fields.voltages(v);
            for (int c = 0; c < 64; ++c) {
                double exact = 0.0;
                for (int cell = 0; cell < 64 * 64; ++cell)
                    exact += std::pow(
                        0.05 * g(cell / 64, cell % 64) / device.levels().step() * drop(0, cell) * reach(c, cell), 2);
                const double ratio = std::sqrt(variance[static_cast<std::size_t>(c)] / exact);
                worst = std::max(worst, std::abs(ratio - 1.0));
                sum += ratio;
                ++count;
            }
        }
    // Mean and variance tell less of few rows.
    EXPECT_LT(worst, rows_at_once == 64 ? 0.08 : 0.18);
    EXPECT_NEAR(sum / count, 1.0, 0.02);
    RecordProperty("worst", std::to_string(worst));
    RecordProperty("mean_ratio", std::to_string(sum / count));
}

INSTANTIATE_TEST_SUITE_P(RowsAtOnce, ReadNoiseOf, testing::Values(64, 16));

/// Everything that disturbs a read at once.
HardwareConfig noisy_hardware(Circuit circuit) {
    HardwareConfig hw = harsh_hardware();
    hw.crossbar.rows = 24;
    hw.crossbar.cols = 32;
    hw.crossbar.circuit = circuit;
    hw.crossbar.secant_first_order = true;
    hw.device.nonlinearity_per_volt = 3.0;
    hw.device.r_access_ohm = 1000;
    hw.device.read_noise_sigma = 0.02;
    hw.dac.bits = 2;
    hw.adc.bits = 6;
    hw.adc.noise_sigma_lsb = 0.5;
    hw.adc.gain_sigma = 0.02;
    hw.adc.offset_sigma_lsb = 0.5;
    hw.adc.inl_sigma_lsb = 0.5;
    return hw;
}

class EveryCircuit : public testing::TestWithParam<std::tuple<Circuit, int>> {};

TEST_P(EveryCircuit, GivenAnyBatchSize_ThenAVectorsResultIsTheSameReadByReadOrAtOnce) {
    HardwareConfig hw = noisy_hardware(std::get<Circuit>(GetParam()));
    hw.crossbar.rows_per_read = std::get<int>(GetParam());
    hw.adc.gain_correction = GainCorrectionKind::gain_offset;
    const int rows = 23, outs = 4, count = 70;
    const auto w = random_weights(outs * rows, 5);
    const auto x = test::random_pixels(rows * count, 6);
    const auto array = make_array(w, outs, hw);
    std::vector<std::int32_t> whole(count * outs, 0), parts(count * outs, 0), single(count * outs, 0);
    std::vector<std::uint16_t> clipped(count * outs);
    array.multiply({x.data(), rows, count, 3, 10}, whole.data(), outs, clipped.data());
    for (int first = 0, size = 1; first < count; first += size, size = std::min(2 * size + 1, count - first))
        array.multiply({x.data() + first * rows, rows, size, 3, 10 + first}, parts.data() + first * outs, outs);
    EXPECT_EQ(whole, parts);

    std::vector<std::int32_t> codes(static_cast<std::size_t>(array.reads()) * array.conversions());
    for (int v = 0; v < count; ++v) {
        std::vector<std::int32_t> raw(outs, 0);
        array.convert(x.data() + v * rows, {3, 10 + v}, codes.data());
        int at_the_end = 0;
        for (int t = 0; t < array.reads(); ++t)
            array.shift_add(codes.data() + t * array.conversions(), t, raw.data());
        array.finish(x.data() + v * rows, raw.data(), single.data() + v * outs);
        for (std::int32_t code : codes)
            at_the_end += code == -32 || code == 31;
        EXPECT_LE(std::accumulate(clipped.begin() + v * outs, clipped.begin() + (v + 1) * outs, 0), at_the_end);
    }
    EXPECT_EQ(whole, single);
}

INSTANTIATE_TEST_SUITE_P(Circuits, EveryCircuit,
                         testing::Combine(testing::Values(Circuit::ideal, Circuit::linear, Circuit::secant,
                                                          Circuit::exact),
                                          testing::Values(0, 9)));

// A read of some rows is that of the whole array with the other inputs at 0.
TEST(RowsPerRead, GivenGroupsOfRows_ThenEachReadIsThatOfItsRowsAlone) {
    const int rows = 23, outs = 4, at_once = 9, groups = 3;
    for (Circuit circuit : {Circuit::ideal, Circuit::linear, Circuit::exact}) {
        HardwareConfig hw = noisy_hardware(circuit);
        hw.device.read_noise_sigma = 0.0;
        hw.adc.noise_sigma_lsb = 0.0;
        const auto w = random_weights(outs * rows, 5);
        const auto x = test::random_pixels(rows, 6);
        const auto whole = make_array(w, outs, hw);
        hw.crossbar.rows_per_read = at_once;
        EXPECT_EQ(hw.reads(rows), 4 * groups);
        const auto array = make_array(w, outs, hw);
        ASSERT_EQ(array.reads(), hw.reads(rows));
        const int line = array.conversions();
        std::vector<std::int32_t> codes(static_cast<std::size_t>(array.reads() * line)), alone(4 * line),
            total(outs, 0);
        array.convert(x.data(), {0, 0}, codes.data());
        const auto levels = array.analog_levels(x.data(), rows, 1);
        for (int g = 0; g < groups; ++g) {
            std::vector<std::uint8_t> driven(rows, 0);
            std::copy(x.begin() + g * at_once, x.begin() + std::min(rows, (g + 1) * at_once),
                      driven.begin() + g * at_once);
            whole.convert(driven.data(), {0, 0}, alone.data());
            const auto alone_levels = whole.analog_levels(driven.data(), rows, 1);
            for (int t = 0; t < 4; ++t)
                for (int c = 0; c < line; ++c) {
                    EXPECT_EQ(codes[(t * groups + g) * line + c], alone[t * line + c]) << name_of(circuit);
                    EXPECT_EQ(levels[(t * groups + g) * line + c], alone_levels[t * line + c]) << name_of(circuit);
                }
            for (int t = 0; t < 4; ++t)
                for (int c = 0; c < line; ++c)
                    total[c % outs] += alone[t * line + c] << (2 * t) << (2 * (c / outs));
        }
        EXPECT_EQ(product(array, x), total);
    }
}

TEST(RowsPerRead, GivenFewRowsAtOnce_ThenASmallAdcIsWideEnough) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.bits = 5;  // 4 rows of 2-bit cells: sums of up to 12
    const int outs = hw.outputs_per_array();
    for (WeightMapping mapping : {WeightMapping::differential, WeightMapping::offset}) {
        hw.crossbar.weights = mapping;
        for (int rows : {1, 37, 64}) {
            const auto w = random_weights(outs * rows, 1);
            const auto x = test::random_pixels(rows, 2);
            hw.crossbar.rows_per_read = 4;
            EXPECT_EQ(product(make_array(w, outs, hw), x), exact_product(w, x, outs)) << rows;
            hw.crossbar.rows_per_read = 0;
            EXPECT_EQ(product(make_array(w, outs, hw), x) == exact_product(w, x, outs), rows == 1) << rows;
        }
    }
}

TEST(RowsPerRead, GivenRoomForAllRows_ThenNothingChanges) {
    const int rows = 23, outs = 4;
    const auto w = random_weights(outs * rows, 5);
    const auto x = test::random_pixels(rows, 6);
    for (Circuit circuit : {Circuit::linear, Circuit::secant, Circuit::exact}) {
        HardwareConfig hw = noisy_hardware(circuit);
        const auto all = product(make_array(w, outs, hw), x);
        hw.crossbar.rows_per_read = 24;
        EXPECT_EQ(product(make_array(w, outs, hw), x), all) << name_of(circuit);
        hw.crossbar.rows_per_read = 9;
        EXPECT_NE(product(make_array(w, outs, hw), x), all) << name_of(circuit);
    }
}

TEST(RowsPerRead, GivenAdcNoise_ThenGroupsDrawForThemselves) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.bits = 8;
    hw.adc.noise_sigma_lsb = 3.0;
    hw.crossbar.rows_per_read = 1;
    const std::vector<std::int8_t> w(8 * 64, 0);
    const std::vector<std::uint8_t> x(64, 1);
    const auto array = make_array(w, 8, hw);
    const auto line = static_cast<std::size_t>(array.conversions());
    std::vector<std::int32_t> codes(static_cast<std::size_t>(array.reads()) * line);
    std::set<std::vector<std::int32_t>> different;
    double squares = 0.0;
    for (int position : {0, 1}) {
        array.convert(x.data(), {0, position}, codes.data());
        for (auto read = codes.begin(); read != codes.end(); read += static_cast<std::ptrdiff_t>(line))
            different.emplace(read, read + static_cast<std::ptrdiff_t>(line));
        squares = std::accumulate(codes.begin(), codes.end(), squares, [](double s, double c) { return s + c * c; });
    }
    EXPECT_EQ(different.size(), 2u * 8 * 64);
    const double n = 2.0 * static_cast<double>(codes.size()), expected = 9.0 + 1.0 / 12.0;
    EXPECT_NEAR(squares / n, expected, 4 * expected * std::sqrt(2.0 / n));
}

TEST(RowsPerRead, GivenTheSecantCircuit_ThenItIsFittedToReadsOfEachGroup) {
    HardwareConfig hw = noisy_hardware(Circuit::secant);
    const Eigen::MatrixXd all = secant_calibration(hw, 23);
    hw.crossbar.rows_per_read = 9;
    const Eigen::MatrixXd grouped = secant_calibration(hw, 23);
    ASSERT_EQ(grouped.rows(), 3 * all.rows());
    for (int g = 0; g < 3; ++g)
        for (int r = 0; r < 24; ++r) {
            const Eigen::VectorXd driven = grouped.block(g * all.rows(), r, all.rows(), 1);
            EXPECT_EQ(driven, (r / 9 == g ? 1.0 : 0.0) * all.col(r)) << g << " " << r;
        }
}

TEST(SkipZeroReads, GivenNoiseAndOffsets_ThenReadsOfZerosGiveNothingAndOthersWhatTheyGave) {
    for (Circuit circuit : {Circuit::linear, Circuit::exact}) {
        HardwareConfig hw = noisy_hardware(circuit);
        hw.crossbar.rows_per_read = 4;
        const int rows = 10, outs = 3, count = 70, groups = 3;
        const auto w = random_weights(outs * rows, 5);
        auto x = test::random_pixels(rows * count, 6);
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = i % 3 == 0 ? static_cast<std::uint8_t>(x[i] & 0x18) : 0;
        const auto every = make_array(w, outs, hw);
        hw.crossbar.skip_zero_reads = true;
        const auto some = make_array(w, outs, hw);
        const auto line = static_cast<std::size_t>(some.conversions());
        std::vector<std::int32_t> codes(static_cast<std::size_t>(some.reads()) * line),
            others = codes, sums(count * outs, 0), single = sums;
        int skipped = 0, nonzero = 0;
        for (int v = 0; v < count; ++v) {
            const std::uint8_t* inputs = x.data() + v * rows;
            some.convert_and_multiply(inputs, {3, 10 + v}, codes.data(), single.data() + v * outs);
            every.convert(inputs, {3, 10 + v}, others.data());
            for (int t = 0; t < some.reads(); ++t) {
                int any = 0;
                for (int r = t % groups * 4; r < std::min(rows, (t % groups + 1) * 4); ++r)
                    any |= inputs[r] >> (t / groups * hw.dac.bits) & ((1 << hw.dac.bits) - 1);
                const auto begin = codes.begin() + static_cast<std::ptrdiff_t>(t * some.conversions());
                const auto same = others.begin() + (begin - codes.begin());
                if (any != 0) {
                    EXPECT_TRUE(std::equal(begin, begin + some.conversions(), same)) << v << " " << t;
                    continue;
                }
                ++skipped;
                EXPECT_EQ(std::count(begin, begin + some.conversions(), 0), some.conversions()) << v << " " << t;
                nonzero += std::count(same, same + some.conversions(), 0) < some.conversions();
            }
        }
        EXPECT_GT(skipped, 0);
        EXPECT_GT(nonzero, 0) << "noise and offsets would have been converted";
        some.multiply({x.data(), rows, count, {3, 10}}, sums.data(), outs);
        EXPECT_EQ(sums, single);
    }
}

TEST(ProgrammedArray, GivenNonlinearCells_ThenExactSumsAreThoseOfTheSolvedCircuit) {
    HardwareConfig hw = noisy_hardware(Circuit::exact);
    hw.adc = {};
    hw.dac.bits = 8;
    hw.adc.range = AdcRange::full_scale;
    const int rows = 20, outs = 4;
    const auto w = random_weights(outs * rows, 5);
    const auto x = test::random_pixels(rows, 6);
    const auto array = make_array(w, outs, hw);
    const DeviceModel device(hw);
    const WeightSlicing slicing(hw, outs, Polarity::both);
    const Eigen::MatrixXd g = device.program(slicing.levels(w.data(), rows, rows), 0);
    Eigen::MatrixXd v = Eigen::MatrixXd::Zero(1, 24);
    for (int r = 0; r < rows; ++r)
        v(0, r) = hw.crossbar.read_voltage_v * x[r] / 255.0;
    const Eigen::MatrixXd i = exact_currents(g, {1000, 5, 10, 1000}, device.curve(), v);
    const auto levels = array.analog_levels(x.data(), rows, 1);
    for (int c = 0; c < array.conversions(); ++c) {
        const double expected = (i(0, slicing.plus_column(c)) - i(0, slicing.minus_column(c))) /
                                (device.levels().step() * hw.crossbar.read_voltage_v / 255.0);
        EXPECT_NEAR(levels[c], expected, 1e-3 * std::abs(expected) + 0.01) << c;
    }
}

TEST(ProgrammedArray, GivenSumsOutOfRange_ThenClippedConversionsAreCounted) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.bits = 4;
    const std::vector<std::int8_t> w(8 * 64, 127);  // slices 3, 3, 3, 1
    const auto array = make_array(w, 8, hw);
    std::vector<std::uint8_t> x(64, 0);
    std::vector<std::uint16_t> clipped(8);
    std::vector<std::int32_t> sums(8, 0);
    const auto count = [&] {
        array.multiply({x.data(), 64, 1, 0, 0}, sums.data(), 8, clipped.data());
        return clipped[0];
    };
    EXPECT_EQ(count(), 0);
    x[0] = x[1] = 1;  // sums 6, 6, 6, 2 at one read
    EXPECT_EQ(count(), 0);
    x[2] = 1;  // 9, 9, 9, 3: above 7
    EXPECT_EQ(count(), 3);
    x.assign(64, 255);
    EXPECT_EQ(count(), 8 * 4);

    hw.crossbar.rows_per_read = 2;
    const auto in_pairs = make_array(w, 8, hw);
    in_pairs.multiply({x.data(), 64, 1, 0, 0}, sums.data(), 8, clipped.data());
    EXPECT_EQ(clipped[0], 0);
    hw.crossbar.rows_per_read = 3;
    const auto in_threes = make_array(w, 8, hw);
    in_threes.multiply({x.data(), 64, 1, 0, 0}, sums.data(), 8, clipped.data());
    EXPECT_EQ(clipped[0], 21 * 8 * 3) << "21 groups of three rows, and one row alone";
}

TEST(GainCorrection, GivenSamplesOnALine_ThenItIsTheLine) {
    AdcConfig adc;
    adc.gain_correction = GainCorrectionKind::gain_offset;
    const std::vector<double> measured = {-4, 0, 2, 6};
    const GainCorrection line(adc, {{measured, {1, 7, 10, 16}},   // 1.5 x + 7
                                    {measured, {-12, 0, 6, 18}},  // 3 x: beyond what the factor can be
                                    {measured, {4, 0, -2, -6}},   // -x: below it
                                    {{5, 5}, {7, 7}},
                                    {{}, {}}});
    const double factors[] = {1.5, 511.0 / 256, 0.0, 1.0, 1.0};
    const int offsets[] = {7, 1, -1, 2, 0};  // of 3 x and -x: what is left at the mean, x = 1
    for (int o = 0; o < 5; ++o) {
        EXPECT_EQ(line.factor(o), factors[o]) << o;
        EXPECT_EQ(line.offset(o), offsets[o]) << o;
    }
    EXPECT_EQ(line(0, 101), 152 + 7) << "151.5 is rounded up";
    EXPECT_EQ(line(0, -101), -151 + 7) << "-151.5 is rounded up";
    EXPECT_EQ(line(0, 2'000'000'001), 3'000'000'002 + 7);

    adc.gain_correction = GainCorrectionKind::gain;
    adc.correction_bits = 4;
    const GainCorrection factor(adc, {{measured, {-6, 1, 2, 9}}});
    EXPECT_EQ(factor.factor(0), 1.5) << "(36 + 1 + 4 + 81) / (24 + 4 + 54) in sixteenths";
    EXPECT_EQ(factor.offset(0), 0);
}

/// A fit of the ideal sums to what is measured would give a factor of s^2 / (s^2 + e^2) and an offset for it.
TEST(GainCorrection, GivenErrorsOfWhatIsMeasured_ThenTheFactorDoesNotShrink) {
    GainCorrection::Samples noisy;
    for (int i = 0; i < 400; ++i) {
        noisy.ideal.push_back(i % 20);
        noisy.measured.push_back(i % 20 + (i / 20 % 2 == 0 ? 8 : -8));
    }
    AdcConfig adc;
    adc.gain_correction = GainCorrectionKind::gain_offset;
    const GainCorrection correction(adc, {noisy});
    EXPECT_EQ(correction.factor(0), 1.0);
    EXPECT_EQ(correction.offset(0), 0);
}

TEST(GainCorrection, GivenVectors_ThenRowsAreDrivenEverMoreOften) {
    HardwareConfig hw;
    const auto x = correction_inputs(hw, 3, 64);
    ASSERT_EQ(x.size(), 64u * 64);
    const auto driven = [&](int v) {
        return static_cast<int>(std::count_if(&x[v * 64], &x[v * 64] + 64, [](int q) { return q > 0; }));
    };
    EXPECT_LT(driven(0), 8);
    EXPECT_NEAR(driven(31), 32, 16);
    EXPECT_GT(driven(63), 60);
    EXPECT_EQ(*std::max_element(x.begin(), x.end()), 255);
    EXPECT_EQ(x, correction_inputs(hw, 3, 64));
    EXPECT_NE(x, correction_inputs(hw, 4, 64));
    hw.chip_seed = 2;
    EXPECT_NE(x, correction_inputs(hw, 3, 64));
}

/// Two rows and two columns, one weight in two cells.
HardwareConfig two_by_two() {
    HardwareConfig hw = test::perfect_hardware();
    hw.crossbar.rows = hw.crossbar.cols = 2;
    hw.device.storage = CellStorage::analog;
    hw.adc.lsb_levels = 0.25;
    hw.adc.gain_sigma = 0.2;
    return hw;
}

TEST(GainCorrection, GivenAGainError_ThenTheFactorUndoesIt) {
    HardwareConfig hw = two_by_two();
    const std::vector<std::int8_t> w = {100, -50};
    for (std::uint64_t seed : {1, 2, 3}) {
        hw.chip_seed = seed;
        hw.adc.gain_correction = GainCorrectionKind::none;
        const double gain = adc_errors(hw, WeightSlicing(hw, 1, Polarity::both), 0).front().gain;
        const auto bare = make_array(w, 1, hw);
        hw.adc.gain_correction = GainCorrectionKind::gain;
        const auto corrected = make_array(w, 1, hw);
        const double factor = std::round(256.0 / gain) / 256.0;
        EXPECT_EQ(corrected.correction_factor(0), factor) << gain;
        EXPECT_NEAR(corrected.effective_weights()[0], 100.0, 0.3);
        EXPECT_NEAR(corrected.effective_weights()[1], -50.0, 0.3);
        for (const std::vector<std::uint8_t>& x : {std::vector<std::uint8_t>{255, 0}, {7, 201}, {1, 1}}) {
            const int sum = product(bare, x)[0];
            EXPECT_EQ(product(corrected, x)[0], std::floor(factor * sum + 0.5)) << gain;
        }
        EXPECT_NEAR(product(bare, {255, 0})[0], gain * 25500, 33);
        EXPECT_NEAR(product(corrected, {255, 0})[0], 25500, 100);
    }
}

TEST(GainCorrection, GivenOffsets_ThenEachConversionAddsItsOwnAndOneNumberTakesThemAway) {
    HardwareConfig hw = two_by_two();
    hw.adc.gain_sigma = 0.0;
    hw.adc.offset_sigma_lsb = 20.0;
    const std::vector<std::int8_t> w = {100, -50};
    const double offset = adc_errors(hw, WeightSlicing(hw, 1, Polarity::both), 0).front().offset_lsb;
    for (int rows_per_read : {0, 1}) {
        hw.crossbar.rows_per_read = rows_per_read;
        hw.adc.gain_correction = GainCorrectionKind::none;
        const int groups = rows_per_read == 0 ? 1 : 2, zero = product(make_array(w, 1, hw), {0, 0})[0];
        EXPECT_NEAR(zero, groups * 255 * offset * 0.25, groups * 32) << "1 + 2 + 4 + ... of each group's digits";
        hw.adc.gain_correction = GainCorrectionKind::gain_offset;
        const auto corrected = make_array(w, 1, hw);
        EXPECT_NEAR(product(corrected, {0, 0})[0], 0, 40) << zero;
        EXPECT_NEAR(product(corrected, {255, 0})[0], 25500, 110) << zero;
        hw.adc.gain_correction = GainCorrectionKind::gain;
        EXPECT_GT(std::abs(product(make_array(w, 1, hw), {0, 0})[0]), std::abs(zero) / 2);
    }
}

TEST(GainCorrection, GivenAnAdcTooSmallForDenseVectors_ThenTheOthersAreFittedTo) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.bits = 5;
    const int outs = hw.outputs_per_array();
    const std::vector<std::int8_t> w(static_cast<std::size_t>(outs) * 64, 127);
    const auto x = test::random_pixels(64, 2);
    const auto bare = product(make_array(w, outs, hw), x);
    EXPECT_LT(bare[0], exact_product(w, x, outs)[0]);
    hw.adc.gain_correction = GainCorrectionKind::gain_offset;
    EXPECT_EQ(make_array(w, outs, hw).correction_factor(0), 1.0);
    EXPECT_EQ(product(make_array(w, outs, hw), x), bare);
}

/// Root mean square of what the sums of random vectors differ from the exact ones, over that of the exact ones.
double error_of_sums(const HardwareConfig& hw) {
    const int rows = 64, outs = hw.outputs_per_array(), count = 64;
    const auto w = random_weights(outs * rows, 5);
    const auto x = test::random_pixels(rows * count, 6);
    const auto array = make_array(w, outs, hw);
    std::vector<std::int32_t> sums(static_cast<std::size_t>(count * outs), 0);
    array.multiply({x.data(), rows, count, {}}, sums.data(), outs);
    double errors = 0.0, squares = 0.0;
    for (int v = 0; v < count; ++v) {
        const auto exact = exact_product(w, {x.begin() + v * rows, x.begin() + (v + 1) * rows}, outs);
        for (int o = 0; o < outs; ++o) {
            errors += std::pow(sums[static_cast<std::size_t>(v * outs + o)] - exact[static_cast<std::size_t>(o)], 2);
            squares += std::pow(exact[static_cast<std::size_t>(o)], 2);
        }
    }
    return std::sqrt(errors / squares);
}

TEST(GainCorrection, GivenWiresAndConverterErrors_ThenTheErrorOfTheSumsFalls) {
    const auto errors = [](HardwareConfig hw) {
        std::vector<double> of_kind;
        for (auto kind : {GainCorrectionKind::none, GainCorrectionKind::gain, GainCorrectionKind::gain_offset}) {
            hw.adc.gain_correction = kind;
            of_kind.push_back(error_of_sums(hw));
        }
        return of_kind;
    };
    HardwareConfig hw;
    hw.adc.bits = 10;
    hw.device.programming_sigma = 0.0;
    const auto wires = errors(hw);
    EXPECT_NEAR(wires[0], 0.058, 0.005);
    EXPECT_NEAR(wires[1], 0.038, 0.005);
    EXPECT_NEAR(wires[2], 0.029, 0.005);
    hw.device.programming_sigma = 0.05;
    hw.adc.gain_sigma = 0.02;
    hw.adc.offset_sigma_lsb = 0.5;
    const auto all = errors(hw);
    EXPECT_NEAR(all[0], 0.188, 0.01);
    EXPECT_NEAR(all[1], 0.144, 0.01);
    EXPECT_NEAR(all[2], 0.073, 0.01);
    hw.crossbar.weights = WeightMapping::offset;
    const auto with_offset = errors(hw);
    EXPECT_GT(with_offset[0], 1.0) << "what the wires take of 128 on every row";
    EXPECT_LT(with_offset[1], 0.1);
    EXPECT_LT(with_offset[2], 0.1);
}

/// Energy that the row drivers give in one read of 1 s at 1 V, from the voltages of all cells of the exact circuit.
double driver_joules(const std::vector<std::int8_t>& w, int outs, const std::vector<std::uint8_t>& bits,
                     const HardwareConfig& hw) {
    const int rows = static_cast<int>(bits.size());
    const DeviceModel device(hw);
    const WeightSlicing slicing(hw, outs, Polarity::both);
    const Eigen::MatrixXd g = device.program(slicing.levels(w.data(), rows, rows), 0);
    Eigen::MatrixXd volts = Eigen::MatrixXd::Zero(1, g.rows());
    for (int r = 0; r < rows; ++r)
        volts(0, r) = bits[static_cast<std::size_t>(r)];
    const Eigen::MatrixXd cells = ArrayFields(g, analog_model(hw, device).parasitics).voltages(volts);
    double power = 0;
    for (Eigen::Index r = 0; r < g.rows(); ++r)
        for (Eigen::Index c = 0; c < g.cols(); ++c)
            power += volts(0, r) * g(r, c) * cells(0, r * g.cols() + c);
    return power;
}

TEST(DrivenConductance, GivenNoWires_ThenItIsTheConductanceOfTheDrivenRows) {
    HardwareConfig hw = test::perfect_hardware();
    const int outs = hw.outputs_per_array(), rows = 40;
    const auto w = random_weights(outs * rows, 3);
    std::vector<std::uint8_t> bits(rows);
    for (int r = 0; r < rows; ++r)
        bits[r] = static_cast<std::uint8_t>(r % 3 == 0);
    const double exact = driver_joules(w, outs, bits, hw);
    const auto driven = make_array(w, outs, hw).driven_conductance_ns(bits.data(), DriveTable(hw));
    EXPECT_NEAR(1e-9 * static_cast<double>(driven), exact, 14 * 0.5e-9);  // 14 rows, each rounded to 1 nS
}

TEST(DrivenConductance, GivenAllRowsAndWires_ThenItIsTheEnergyOfTheExactCircuit) {
    const HardwareConfig hw;
    const int outs = hw.outputs_per_array();
    const auto w = random_weights(outs * hw.crossbar.rows, 4);
    const std::vector<std::uint8_t> bits(static_cast<std::size_t>(hw.crossbar.rows), 1);
    const auto driven = make_array(w, outs, hw).driven_conductance_ns(bits.data(), DriveTable(hw));
    EXPECT_NEAR(1e-9 * static_cast<double>(driven) / driver_joules(w, outs, bits, hw), 1.0, 1e-6);
}

TEST(DrivenConductance, GivenRowsThatAreNotDriven_ThenWhatTheirDriversTakeBackIsBelowFivePercent) {
    const HardwareConfig hw;
    const int outs = hw.outputs_per_array();
    const auto w = random_weights(outs * hw.crossbar.rows, 5);
    auto bits = test::random_pixels(hw.crossbar.rows, 6);
    for (std::uint8_t& bit : bits)
        bit &= 1;
    const auto driven = make_array(w, outs, hw).driven_conductance_ns(bits.data(), DriveTable(hw));
    const double share = 1e-9 * static_cast<double>(driven) / driver_joules(w, outs, bits, hw);
    EXPECT_LT(share, 1.0);
    EXPECT_GT(share, 0.95);
}

TEST(DrivenConductance, GivenSeveralReads_ThenDigitsCountBySquare) {
    HardwareConfig hw = test::perfect_hardware();
    hw.dac.bits = 2;
    const DriveTable drive(hw);
    EXPECT_EQ(drive.pulses[0], 0);
    EXPECT_EQ(drive.pulses[0b11'00'10'01], 3);
    EXPECT_EQ(drive.squares[0b11'00'10'01], 9u + 4 + 1);
    const int outs = hw.outputs_per_array();
    const auto array = make_array(random_weights(outs, 7), outs, hw);
    const std::uint8_t one = 1, value = 0b11'00'10'01;
    EXPECT_EQ(array.driven_conductance_ns(&value, drive), 14 * array.driven_conductance_ns(&one, drive));
}

}  // namespace
}  // namespace xloop
