#include "core/workload/digital.hpp"
#include "core/error.hpp"
#include "core/workload/executor.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

TEST(Rescale, GivenARealFactor_ThenItIsKeptTo31Bits) {
    for (double real : {1.0, 0.5, 0.1, 3.7e-6, 123.456, 1.0 - 1e-12}) {
        const Rescale r = Rescale::from_real(real);
        EXPECT_NEAR(r.real() / real, 1.0, 1.0 / (1u << 30)) << real;
        EXPECT_GE(r.multiplier, 1 << 30);
    }
    EXPECT_EQ(Rescale::from_real(0.0).multiplier, 0);
    EXPECT_THROW(Rescale::from_real(-1.0), Error);
    EXPECT_THROW(Rescale::from_real(1e300), Error);
    EXPECT_THROW(Rescale::from_real(2147483647.9), Error);
    EXPECT_EQ(Rescale::from_real(2147483647.0).shift, 0);
}

TEST(Rescale, GivenHalves_ThenRoundingGoesUp) {
    const Rescale half = Rescale::from_real(0.5);
    EXPECT_EQ(rescale(3, half), 2);
    EXPECT_EQ(rescale(-3, half), -1);
    EXPECT_EQ(rescale(-4, half), -2);
    EXPECT_EQ(rescale(2147483647, Rescale::from_real(1.0)), 2147483647);
}

TEST(Saturate, GivenSignedAndUnsigned_ThenTheLimitsHold) {
    EXPECT_EQ(saturate(256, false), 255);
    EXPECT_EQ(saturate(-1, false), 0);
    EXPECT_EQ(saturate(128, true), 127);
    EXPECT_EQ(saturate(-129, true), -128);
}

class Tables : public testing::TestWithParam<ActivationFunction> {};

TEST_P(Tables, GivenAnySum_ThenTheResultIsTheFunctionToHalfAStep) {
    const ActivationFunction f = GetParam();
    const double input_step = 6.5 / 127, output_step = has_signed_output(f) ? 6.5 / 127 : 1.0 / 255;
    const ActivationTable table(f, input_step, output_step);
    const double lowest = has_signed_output(f) ? -128 * output_step : 0.0;
    const int first = table.input_signed() ? -128 : 0;
    for (int sum = first; sum < first + 256; ++sum) {
        const double expected = std::clamp(apply(f, sum * input_step), lowest, lowest + 255 * output_step);
        EXPECT_NEAR(table[static_cast<Activation>(sum)] * output_step, expected, 0.5001 * output_step) << sum;
    }
}

INSTANTIATE_TEST_SUITE_P(Functions, Tables,
                         testing::Values(ActivationFunction::relu6, ActivationFunction::sigmoid,
                                         ActivationFunction::tanh, ActivationFunction::hard_swish),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

TEST(ActivationFunctions, GivenPointsByHand_ThenValuesAreKnown) {
    EXPECT_EQ(apply(ActivationFunction::none, -2.5), -2.5);
    EXPECT_EQ(apply(ActivationFunction::relu, -2.5), 0.0);
    EXPECT_EQ(apply(ActivationFunction::relu6, 7.0), 6.0);
    EXPECT_NEAR(apply(ActivationFunction::sigmoid, std::log(3.0)), 0.75, 1e-15);
    EXPECT_NEAR(apply(ActivationFunction::tanh, std::log(2.0)), 0.6, 1e-15);
    EXPECT_EQ(apply(ActivationFunction::hard_swish, -3.0), 0.0);
    EXPECT_NEAR(apply(ActivationFunction::hard_swish, 1.5), 1.125, 1e-15);
    EXPECT_EQ(apply(ActivationFunction::hard_swish, 4.0), 4.0);
    for (const std::string& name : activation_names())
        EXPECT_EQ(name_of(activation_named(name)), name);
}

// A step of 1/40: 6 is 240 steps.
TEST(FinishPosition, GivenRelu6_ThenSumsAreClampedAtTheIntegerOfSix) {
    GraphLayer layer;
    layer.out = {4, 1, 1};
    layer.activation = ActivationFunction::relu6;
    layer.output_scale = layer.table_step = 1.0 / 40;
    layer.make_table();
    layer.bias = std::make_shared<const std::vector<std::int32_t>>(4, 10);
    layer.rescale.assign(4, Rescale::from_real(0.5));
    const std::vector<std::int32_t> accumulators = {-100, 190, 470, 1000};
    FeatureMap out(4);
    finish_position(layer, accumulators.data(), out.data());
    EXPECT_EQ(out, (FeatureMap{0, 100, 240, 240}));
}

// Steps of 1/32 and 1/64: requantised sums -128 (saturated), -16, 0, 127.
TEST(FinishPosition, GivenTanh_ThenRequantisedSumsAreLookedUp) {
    GraphLayer layer;
    layer.out = {4, 1, 1};
    layer.activation = ActivationFunction::tanh;
    layer.output_signed = true;
    layer.table_step = 1.0 / 32;
    layer.output_scale = 1.0 / 64;
    layer.make_table();
    layer.bias = std::make_shared<const std::vector<std::int32_t>>(4, 0);
    layer.rescale.assign(4, Rescale::from_real(0.25));
    const std::vector<std::int32_t> accumulators = {-4000, -64, 1, 508};
    FeatureMap out(4);
    finish_position(layer, accumulators.data(), out.data());
    EXPECT_EQ(out, (FeatureMap{-64, -30, 0, 64}));  // tanh(4) = 0.9993, tanh(0.5) = 0.4621
}

TEST(GatherWindow, GivenACornerPosition_ThenPaddingIsZeroAndRowsAreKernelMajor) {
    GraphLayer layer;
    layer.in = {2, 2, 2};
    layer.out = {1, 2, 2};
    layer.kernel_h = layer.kernel_w = 3;
    layer.padding = 1;
    const FeatureMap map = {1, 2, 3, 4, 5, 6, 7, 8};  // (y, x, c)
    std::vector<std::uint8_t> rows(18);
    gather_window(layer, map.data(), 0, 0, rows.data());
    EXPECT_EQ(rows, (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 5, 6, 7, 8}));
}

TEST(Executor, GivenOneConvolutionByHand_ThenTheLogitsAreTheSums) {
    auto graph = test::random_graph(
        "name: n\ninput: {channels: 1, height: 2, width: 2}\nlayers: [{name: c, type: conv, out_channels: 2, kernel: "
        "1}]");
    GraphLayer& layer = graph.layers.front();
    layer.weights = std::make_shared<const std::vector<std::int8_t>>(std::vector<std::int8_t>{3, -2});
    layer.bias = std::make_shared<const std::vector<std::int32_t>>(std::vector<std::int32_t>{10, 20});
    const std::vector<std::uint8_t> image = {0, 1, 2, 255};
    EXPECT_EQ(run_graph(graph, IntegerEngine(graph), image.data(), 0),
              (std::vector<std::int32_t>{10, 20, 13, 18, 16, 16, 775, -490}));
}

TEST(Pooling, GivenPaddedWindows_ThenMaximumIgnoresPaddingAndMeanCountsIt) {
    GraphLayer layer;
    layer.in = {1, 2, 2};
    layer.out = {1, 2, 2};
    layer.kernel_h = layer.kernel_w = 2;
    layer.padding = 1;
    layer.output_signed = true;
    const FeatureMap map = {-8, -4, -2, -6};
    Activation out = 0;
    layer.kind = LayerKind::max_pool;
    pool_position(layer, map.data(), 0, &out);
    EXPECT_EQ(out, -8);
    layer.kind = LayerKind::avg_pool;
    layer.rescale = {Rescale::from_real(0.25)};
    pool_position(layer, map.data(), 0, &out);
    EXPECT_EQ(out, -2);
}

}  // namespace
}  // namespace xloop
