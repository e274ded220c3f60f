#include "systemc_model/crossbar/programmed_array.hpp"
#include "systemc_model/device/reram.hpp"
#include "tests/support.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace xloop {
namespace {

std::vector<std::int8_t> random_weights(int count, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::random_weights);
    std::vector<std::int8_t> w(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < w.size(); ++i)
        w[i] = static_cast<std::int8_t>(static_cast<int>(random.below(255, i)) - 127);
    return w;
}

std::vector<std::int32_t> exact_product(const std::vector<std::int8_t>& w, const std::vector<std::uint8_t>& x, int outs) {
    const int rows = static_cast<int>(x.size());
    std::vector<std::int32_t> y(static_cast<std::size_t>(outs), 0);
    for (int o = 0; o < outs; ++o)
        for (int r = 0; r < rows; ++r)
            y[o] += w[o * rows + r] * x[r];
    return y;
}

struct Variant {
    const char* weights;
    int bits_per_cell;
};

class PerfectArray : public testing::TestWithParam<Variant> {};

TEST_P(PerfectArray, GivenNoParasiticsAndAWideAdc_ThenItIsTheIntegerMatrixProduct) {
    HardwareConfig hw = test::perfect_hardware();
    hw.crossbar.weights = GetParam().weights;
    hw.device.bits_per_cell = GetParam().bits_per_cell;
    const int outs = hw.outputs_per_array();
    for (int rows : {1, 37, 64}) {
        const auto w = random_weights(outs * rows, 1);
        const auto x = test::random_pixels(rows, 2);
        const ProgrammedArray array(w.data(), outs, rows, rows, hw, 0);
        std::vector<std::int32_t> sums(static_cast<std::size_t>(outs), 0);
        array.multiply(x.data(), 0, 0, sums.data());
        EXPECT_EQ(sums, exact_product(w, x, outs)) << rows << " rows";
    }
}

INSTANTIATE_TEST_SUITE_P(Mappings, PerfectArray,
                         testing::Values(Variant{"differential", 1}, Variant{"differential", 2}, Variant{"differential", 3},
                                         Variant{"differential", 4}, Variant{"offset", 1}, Variant{"offset", 2},
                                         Variant{"offset", 4}));

TEST(Adc, GivenEdgesOfTheRange_ThenRoundingIsHalfUpAndCodesSaturate) {
    HardwareConfig hw;
    hw.adc.bits = 4;
    const Adc adc(hw);
    const int one = 1 << adc.fraction_bits();
    EXPECT_EQ(adc.convert(one / 2 - 1), 0);
    EXPECT_EQ(adc.convert(one / 2), 1);
    EXPECT_EQ(adc.convert(-one / 2), 0);
    EXPECT_EQ(adc.convert(-one / 2 - 1), -1);
    EXPECT_EQ(adc.convert(100 * one), 7);
    EXPECT_EQ(adc.convert(-100 * one), -8);
    hw.crossbar.weights = "offset";
    EXPECT_EQ(Adc(hw).convert(100 * one), 15);
    EXPECT_EQ(Adc(hw).convert(-one), 0);
}

TEST(ProgramCells, GivenFivePercentVariation_ThenMeanAndSpreadAreThoseAsked) {
    DeviceConfig device;
    const LevelMatrix levels = LevelMatrix::Constant(256, 256, 3);
    const Eigen::MatrixXd g = program_cells(levels, device, 1, 2);
    const double n = static_cast<double>(g.size());
    const double mean = g.mean();
    const double sigma = std::sqrt((g.array() - mean).square().mean());
    EXPECT_NEAR(mean / device.g_on(), 1.0, 4 * 0.05 / std::sqrt(n));
    EXPECT_NEAR(sigma / device.g_on(), 0.05, 4 * 0.05 / std::sqrt(2 * n));
    EXPECT_NE(g, program_cells(levels, device, 1, 3)) << "another array is another device";
    EXPECT_NE(g, program_cells(levels, device, 2, 2)) << "another chip is another device";
}

TEST(ProgrammedArray, GivenAdcNoise_ThenItsSpreadIsThatAskedAndReadsAreIndependentButRepeatable) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.noise_sigma_lsb = 3.0;
    const std::vector<std::int8_t> w(8, 0);
    const ProgrammedArray array(w.data(), 8, 1, 1, hw, 0);
    const RowMask mask = bit_plane(std::vector<std::uint8_t>{1}.data(), 1, 0);
    std::vector<std::int32_t> codes(32), again(32);
    double squares = 0.0;
    int n = 0;
    for (int position = 0; position < 2000; ++position) {
        array.convert(mask, {0, position, 0}, codes.data());
        for (std::int32_t code : codes) {
            squares += static_cast<double>(code) * code;
            ++n;
        }
    }
    const double expected = 9.0 + 1.0 / 12.0;  // the noise and the rounding of the ADC
    EXPECT_NEAR(squares / n, expected, 4 * expected * std::sqrt(2.0 / n));
    array.convert(mask, {0, 1999, 0}, again.data());
    EXPECT_EQ(codes, again);
    array.convert(mask, {1, 1999, 0}, again.data());
    EXPECT_NE(codes, again);
}

TEST(ProgrammedArray, GivenHarshWires_ThenEffectiveWeightsShrinkTowardsTheFarCorner) {
    HardwareConfig hw = test::perfect_hardware();
    hw.device.r_on_ohm = 20e3;
    hw.device.r_off_ohm = 200e3;
    hw.crossbar.r_driver_ohm = hw.crossbar.r_sense_ohm = 1000;
    hw.crossbar.r_wire_row_ohm = 5;
    hw.crossbar.r_wire_col_ohm = 10;
    const std::vector<std::int8_t> w(8 * 64, 127);
    const ProgrammedArray array(w.data(), 8, 64, 64, hw, 0);
    const auto& effective = array.effective_weights();
    EXPECT_LT(effective[0], 127 * 0.7f);
    EXPECT_GT(effective[0], 127 * 0.05f);
    EXPECT_LT(effective[7 * 64], effective[63]) << "top right (far from driver and sense) below bottom left";
}

}  // namespace
}  // namespace xloop
