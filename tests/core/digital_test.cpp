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

INSTANTIATE_TEST_SUITE_P(Functions, Tables, testing::ValuesIn([] {
                             std::vector<ActivationFunction> with_tables;
                             for (std::size_t f = 0; f < activation_count; ++f)
                                 if (needs_table(static_cast<ActivationFunction>(f)))
                                     with_tables.push_back(static_cast<ActivationFunction>(f));
                             return with_tables;
                         }()),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

TEST(Activations, GivenParameters_ThenTheyTakeThePlaceOfTheDefaults) {
    EXPECT_EQ(apply(ActivationFunction::leaky_relu, -2.0, {0.5}), -1.0);
    EXPECT_EQ(apply(ActivationFunction::prelu, -2.0, {0.5, -3.0}, 1), 6.0);
    EXPECT_EQ(apply(ActivationFunction::clip, 9.0, {-1.0, 4.0}), 4.0);
    EXPECT_EQ(apply(ActivationFunction::hard_sigmoid, 1.0, {0.2, 0.5}), 0.7);
    EXPECT_NEAR(apply(ActivationFunction::elu, -std::log(2.0), {3.0}), -1.5, 1e-15);
    EXPECT_NEAR(apply(ActivationFunction::selu, -50.0), -1.7580993408473766, 1e-15);
    EXPECT_NEAR(apply(ActivationFunction::gelu, 1.0), 0.84134474606854293, 1e-15);
    EXPECT_NEAR(apply(ActivationFunction::silu, std::log(3.0)), 0.75 * std::log(3.0), 1e-15);
    EXPECT_NEAR(apply(ActivationFunction::softplus, -800.0), 0.0, 1e-300);
    EXPECT_NEAR(apply(ActivationFunction::softplus, 0.0), std::log(2.0), 1e-15);
    EXPECT_NEAR(apply(ActivationFunction::mish, std::log(std::exp(1.0) - 1.0)),
                std::log(std::exp(1.0) - 1.0) * std::tanh(1.0), 1e-15);
    EXPECT_FALSE(has_signed_output(ActivationFunction::clip, {0.0, 1.0}));
    EXPECT_TRUE(has_signed_output(ActivationFunction::clip));
    EXPECT_EQ(parameter_error(ActivationFunction::prelu, {0.5, 0.25}, 2), "");
    EXPECT_NE(parameter_error(ActivationFunction::prelu, {0.5, 0.25}, 3), "");
    EXPECT_NE(parameter_error(ActivationFunction::relu, {0.5}, 3), "");
    EXPECT_NE(parameter_error(ActivationFunction::clip, {2.0, 1.0}, 3), "");
}

TEST(Activations, GivenParametersByChannel_ThenEachChannelHasItsTable) {
    const ActivationTable table(ActivationFunction::prelu, 1.0, 1.0, 0, 8, {0.5, 2.0});
    EXPECT_EQ(table(-20, 0), -10);
    EXPECT_EQ(table(-20, 1), -40);
    EXPECT_EQ(table(-100, 1), -128);
    EXPECT_EQ(table(20, 0), 20);
}

TEST(ActivationFunctions, GivenPointsByHand_ThenValuesAreKnown) {
    EXPECT_EQ(apply(ActivationFunction::none, -2.5), -2.5);
    EXPECT_EQ(apply(ActivationFunction::relu, -2.5), 0.0);
    EXPECT_EQ(apply(ActivationFunction::relu6, 7.0), 6.0);
    EXPECT_NEAR(apply(ActivationFunction::sigmoid, std::log(3.0)), 0.75, 1e-15);
    EXPECT_NEAR(apply(ActivationFunction::tanh, std::log(2.0)), 0.6, 1e-15);
    EXPECT_EQ(apply(ActivationFunction::hard_swish, -3.0), 0.0);
    EXPECT_NEAR(apply(ActivationFunction::hard_swish, 1.5), 1.125, 1e-15);
    EXPECT_EQ(apply(ActivationFunction::hard_swish, 4.0), 4.0);
    EXPECT_EQ(apply(ActivationFunction::leaky_relu, -2.0), -0.02);
    EXPECT_EQ(apply(ActivationFunction::leaky_relu, 2.0), 2.0);
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

TEST(GatherWindow, GivenACornerPosition_ThenPaddingIsTheZeroPointAndRowsAreKernelMajor) {
    GraphLayer layer;
    layer.in = {2, 2, 2};
    layer.out = {1, 2, 2};
    layer.window.y = layer.window.x = {3, 1, 1, 1, 1};
    const FeatureMap map = {1, 2, 3, 4, 5, 6, 7, 8};  // (y, x, c)
    std::vector<std::uint8_t> rows(18);
    gather_window(layer, {map.data(), 2}, 0, 0, rows.data());
    EXPECT_EQ(rows, (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 5, 6, 7, 8}));
    gather_window(layer, {map.data(), 2, 9}, 3, 0, rows.data());
    EXPECT_EQ(rows, (std::vector<std::uint8_t>{1, 2, 3, 4, 9, 9, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9}));
}

// Taps at columns -1, 2, 5 of one row: the first is padding.
TEST(GatherWindow, GivenDilationAndPaddingOnOneSide_ThenTapsAreApart) {
    GraphLayer layer;
    layer.in = {1, 2, 7};
    layer.window = {{1, 2, 1, 0, 0}, {3, 1, 3, 1, 0}};
    layer.out = {1, layer.window.y.output(2), layer.window.x.output(7)};
    ASSERT_EQ(layer.out, (Shape{1, 1, 2}));
    const FeatureMap map = {10, 11, 12, 13, 14, 15, 16, 20, 21, 22, 23, 24, 25, 26};
    std::vector<std::uint8_t> rows(3);
    gather_window(layer, {map.data(), 1}, 0, 0, rows.data());
    EXPECT_EQ(rows, (std::vector<std::uint8_t>{0, 12, 15}));
    gather_window(layer, {map.data(), 1}, 1, 0, rows.data());
    EXPECT_EQ(rows, (std::vector<std::uint8_t>{10, 13, 16}));
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

/// One position of a layer of this kind.
std::vector<Activation> computed(const GraphLayer& layer, const std::vector<InputMap>& inputs, int position = 0) {
    std::vector<Activation> out(static_cast<std::size_t>(layer.out.channels));
    layer.traits().position(layer, inputs.data(), position, out.data());
    return out;
}

TEST(Pooling, GivenPaddedWindows_ThenMaximumIgnoresPaddingAndMeanCountsIt) {
    GraphLayer layer;
    layer.in = {1, 2, 2};
    layer.out = {1, 2, 2};
    layer.window.y = layer.window.x = {2, 1, 1, 1, 0};
    layer.output_signed = true;
    const FeatureMap map = {-8, -4, -2, -6};
    layer.kind = LayerKind::max_pool;
    EXPECT_EQ(computed(layer, {{map.data(), 1}}).front(), -8);
    layer.kind = LayerKind::avg_pool;
    layer.rescale = {Rescale::from_real(0.25)};
    EXPECT_EQ(computed(layer, {{map.data(), 1}}).front(), -2);
}

// Zero point 100: the values are -90, 20, 40 and, in the padding, 0; the mean -7.5 is the step 50 - 7 of the output.
TEST(Pooling, GivenAZeroPoint_ThenPaddingCountsAsRealZero) {
    GraphLayer layer;
    layer.kind = LayerKind::avg_pool;
    layer.in = {1, 1, 3};
    layer.window.x = {4, 1, 1, 0, 1};
    layer.out = {1, 1, 1};
    layer.output_zero_point = 50;
    layer.rescale = {Rescale::from_real(0.25)};
    const FeatureMap map = {10, 120, 140};
    EXPECT_EQ(computed(layer, {{map.data(), 1, 100}}).front(), 43);
    layer.output_zero_point = 3;
    EXPECT_EQ(computed(layer, {{map.data(), 1, 100}}).front(), 0) << "saturated";
}

TEST(Addition, GivenZeroPoints_ThenRealValuesAreAddedAndReluCutsAtTheZeroPoint) {
    GraphLayer layer;
    layer.kind = LayerKind::add;
    layer.in = layer.out = {2, 1, 1};
    layer.inputs = {0, 1};
    layer.rescale = {Rescale::from_real(0.5), Rescale::from_real(2.0)};
    layer.output_zero_point = 128;
    const FeatureMap a = {10, 90}, b = {-3, 20};  // a: (q - 50) / 2 = -20, 20; b: 2 q = -6, 40
    EXPECT_EQ(computed(layer, {{a.data(), 2, 50}, {b.data(), 2}}), (std::vector<Activation>{102, 188}));
    layer.activation = ActivationFunction::relu;
    EXPECT_EQ(computed(layer, {{a.data(), 2, 50}, {b.data(), 2}}), (std::vector<Activation>{128, 188}));
}

// Inputs of one and of two channels with steps of their own; position 1.
TEST(Concatenation, GivenInputsOfDifferentSteps_ThenEachIsRequantisedByItsFactor) {
    GraphLayer layer;
    layer.kind = LayerKind::concat;
    layer.in = {1, 1, 2};
    layer.out = {3, 1, 2};
    layer.inputs = {0, 1};
    layer.rescale = {Rescale::from_real(0.5), Rescale::from_real(2.0)};
    layer.output_signed = true;
    const FeatureMap a = {1, 9}, b = {1, 2, -30, 70};
    EXPECT_EQ(computed(layer, {{a.data(), 1}, {b.data(), 2}}, 1), (std::vector<Activation>{5, -60, 127}));
    layer.output_signed = false;
    layer.output_zero_point = 100;
    EXPECT_EQ(computed(layer, {{a.data(), 1, 5}, {b.data(), 2}}, 1), (std::vector<Activation>{102, 40, 240}));
}

TEST(LayerKinds, GivenTheTable_ThenEveryKindHasANameOfItsOwnAndWhatItsClassNeeds) {
    for (std::size_t k = 0; k < layer_kind_count; ++k) {
        const auto kind = static_cast<LayerKind>(k);
        EXPECT_EQ(value_named<LayerKind>(name_of(kind)), kind) << name_of(kind);
        EXPECT_EQ(traits_of(kind).position == nullptr, traits_of(kind).layer_class == LayerClass::matrix);
    }
}

class EachKind : public testing::TestWithParam<std::size_t> {};

TEST_P(EachKind, GivenANetworkWithIt_ThenItRuns) {
    const auto kind = static_cast<LayerKind>(GetParam());
    const WorkloadGraph graph = test::random_graph(test::network_with(kind));
    ASSERT_EQ(graph.layers[1].kind, kind);
    const auto pixels = test::random_pixels(graph.input.size(), 3);
    const auto logits = run_graph(graph, IntegerEngine(graph), pixels.data(), 0);
    EXPECT_EQ(logits.size(), 5u);
    EXPECT_NE(*std::max_element(logits.begin(), logits.end()), *std::min_element(logits.begin(), logits.end()));
}

INSTANTIATE_TEST_SUITE_P(All, EachKind, testing::Range<std::size_t>(0, layer_kind_count),
                         [](const auto& tested) { return std::string(name_of(static_cast<LayerKind>(tested.param))); });

TEST(LayerKinds, GivenAKindWithoutARow_ThenTheExecutorStopsAndNamesIt) {
    WorkloadGraph graph = test::random_graph(test::network_with(LayerKind::max_pool));
    graph.layers[1].kind = test::unknown_kind;
    const auto pixels = test::random_pixels(graph.input.size(), 3);
    try {
        run_graph(graph, IntegerEngine(graph), pixels.data(), 0);
        FAIL() << "an unknown kind was computed";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("layer kind 99"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace xloop
