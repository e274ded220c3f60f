#include "tests/dnn/import/onnx_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

// What each operator becomes, and with which numbers.
namespace xloop {
namespace {

using test::Model;
using test::Sizes;
using test::structure;
using test::values_of;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::FloatEq;
using testing::FloatNear;
using testing::HasSubstr;
using testing::IsEmpty;
using Ints = std::vector<int>;

const LayerSpec& layer(const Imported& made, std::size_t i) { return made.network.spec.layers.at(i); }

// Copy me: a model of one operator, and the layer that it becomes.
TEST(Conv, GivenPadsStridesDilationAndGroups_ThenTheWindowIsTheirs) {
    Model model({1, 2, 9, 9});
    const std::string y =
        model.node("Conv", {"x", model.tensor({4, 1, 3, 2}), model.tensor({4})},
                   {{"pads", Sizes{1, 0, 2, 1}}, {"strides", Sizes{2, 1}}, {"dilations", Sizes{1, 2}}, {"group", 2}});
    const Imported made = model.imported(y);
    ASSERT_EQ(structure(made), "conv(x)");
    EXPECT_EQ(layer(made, 0).kernel_hw, (Ints{3, 2}));
    EXPECT_EQ(layer(made, 0).padding, (Ints{1, 0, 2, 1}));
    EXPECT_EQ(layer(made, 0).stride, (Ints{2, 1}));
    EXPECT_EQ(layer(made, 0).dilation, (Ints{1, 2}));
    EXPECT_EQ(layer(made, 0).groups, 0);  // one group a channel
    EXPECT_THAT(values_of(made, "Conv1.weight"), ElementsAreArray(test::counting(24)));
    EXPECT_THAT(values_of(made, "Conv1.bias"), ElementsAre(1, 2, 3, 4));
}

TEST(Conv, GivenSamePadding_ThenTheLargerHalfIsBelowForUpperAndAboveForLower) {
    for (const auto& [rule, padding] :
         {std::pair("SAME_UPPER", Ints{1, 1, 2, 2}), std::pair("SAME_LOWER", Ints{2, 2, 1, 1})}) {
        Model model({1, 1, 7, 7});
        const std::string y = model.conv("x", 1, 1, 4, {{"auto_pad", std::string(rule)}});
        EXPECT_EQ(layer(model.imported(y), 0).padding, padding) << rule;
    }
}

TEST(Conv, GivenALine_ThenItIsOfHeightOne) {
    Model model({1, 2, 10});
    const std::string y = model.node("Conv", {"x", model.tensor({3, 2, 5})}, {{"pads", Sizes{2, 1}}});
    const Imported made = model.imported(y);
    EXPECT_EQ(made.network.spec.input, (Shape{2, 1, 10}));
    EXPECT_EQ(layer(made, 0).kernel_hw, (Ints{1, 5}));
    EXPECT_EQ(layer(made, 0).padding, (Ints{0, 2, 0, 1}));
}

TEST(BatchNorm, GivenAConvWithBiasAndAnotherEpsilon_ThenTheBiasGoesIntoTheMeanAndTheEpsilonIntoTheVariance) {
    Model model;
    const std::string c = model.node("Conv", {"x", model.tensor({2, 2, 1, 1}), model.tensor({2}, {0.5f, -1.0f})});
    const std::string y = model.node(
        "BatchNormalization",
        {c, model.tensor({2}, {2, 3}), model.tensor({2}, {5, 6}), model.tensor({2}, {1, 2}), model.tensor({2}, {4, 9})},
        {{"epsilon", 0.001f}});
    const Imported made = model.imported(y);
    ASSERT_EQ(structure(made), "conv(x)");
    EXPECT_TRUE(layer(made, 0).batch_norm);
    EXPECT_THAT(values_of(made, "Conv1.gamma"), ElementsAre(2, 3));
    EXPECT_THAT(values_of(made, "Conv1.beta"), ElementsAre(5, 6));
    EXPECT_THAT(values_of(made, "Conv1.mean"), ElementsAre(0.5f, 3.0f));
    EXPECT_THAT(values_of(made, "Conv1.variance"), ElementsAre(FloatEq(4.00099f), FloatEq(9.00099f)));
    EXPECT_EQ(made.network.tensors.count("Conv1.bias"), 0u);
}

TEST(BatchNorm, GivenAFullyConnectedLayer_ThenItIsFoldedIntoTheWeights) {
    Model model({1, 2});
    const std::string m = model.node("MatMul", {"x", model.tensor({2, 2})});
    const std::string y = model.node(
        "BatchNormalization",
        {m, model.tensor({2}, {2, 3}), model.tensor({2}, {5, 6}), model.tensor({2}, {1, 2}), model.tensor({2}, {4, 9})},
        {{"epsilon", 0.0f}});
    const Imported made = model.imported(y);
    ASSERT_EQ(structure(made), "linear(x)");
    // Weights [input][output] = 1 2 3 4 times 2/2 and 3/3; bias 5 - 1 * 1 and 6 - 2 * 1.
    EXPECT_THAT(values_of(made, "MatMul1.weight"), ElementsAre(FloatEq(1), FloatEq(3), FloatEq(2), FloatEq(4)));
    EXPECT_THAT(values_of(made, "MatMul1.bias"), ElementsAre(FloatEq(4), FloatEq(4)));
}

/// y = conv2(norm(pool(conv1(x)))), the norm multiplying by 2 and 3 and adding 1 and -1.
Imported normalised_pool(int padding) {
    Model model;
    const std::string p = model.node("MaxPool", {model.conv("x", 2, 2)}, {{"kernel_shape", Sizes{2, 2}}});
    const std::string n =
        model.node("Add", {model.node("Mul", {p, model.tensor({2, 1, 1}, {2, 3})}), model.tensor({2, 1, 1}, {1, -1})});
    return model.imported(model.conv(n, 2, 1, 1, {{"pads", Sizes(4, padding)}}));
}

TEST(Affine, GivenAnUnpaddedReader_ThenTheReaderTakesItOver) {
    const Imported made = normalised_pool(0);
    ASSERT_EQ(structure(made), "conv(x) max_pool(0) conv(1)");
    EXPECT_THAT(values_of(made, layer(made, 2).name + ".weight"), ElementsAre(2, 6));
    EXPECT_THAT(values_of(made, layer(made, 2).name + ".bias"), ElementsAre(1 - 2));
}

TEST(Affine, GivenAPaddedReader_ThenItIsALayerOfItsOwn) {
    const Imported made = normalised_pool(1);
    ASSERT_EQ(structure(made), "conv(x) max_pool(0) scale(1) conv(2)");
    EXPECT_THAT(values_of(made, layer(made, 2).name + ".weight"), ElementsAre(2, 3));
    EXPECT_THAT(values_of(made, layer(made, 2).name + ".bias"), ElementsAre(1, -1));
}

TEST(Affine, GivenOneForEachValueOfAFlatMap_ThenTheFullyConnectedReaderTakesItOver) {
    Model model({1, 1, 1, 2});
    const std::string f = model.node("Flatten", {model.node("Relu", {model.conv("x", 1, 1)})});
    const std::string n =
        model.node("Add", {model.node("Mul", {f, model.tensor({2}, {2, 3})}), model.tensor({2}, {10, 20})});
    const Imported made = model.imported(model.node("Gemm", {n, model.tensor({1, 2}, {5, 7})}, {{"transB", 1}}));
    ASSERT_EQ(structure(made), "conv:relu(x) linear(0)");
    EXPECT_THAT(values_of(made, layer(made, 1).name + ".weight"), ElementsAre(10, 21));
    EXPECT_THAT(values_of(made, layer(made, 1).name + ".bias"), ElementsAre(5 * 10 + 7 * 20));
}

TEST(Input, GivenItsNormalisation_ThenMeanAndStdSayIt) {
    Model model({1, 4, 4, 2});  // channels last
    std::string y = model.node("Div", {"x", model.number(255.0f)});
    y = model.node("Div", {model.node("Sub", {y, model.tensor({2}, {0.5f, 0.25f})}), model.tensor({2}, {0.5f, 2.0f})});
    const Imported made = model.imported(model.conv(model.node("Transpose", {y}, {{"perm", Sizes{0, 3, 1, 2}}}), 2, 1));
    ASSERT_EQ(structure(made), "conv(x)");
    EXPECT_EQ(made.network.spec.input_order, MapOrder::hwc);
    EXPECT_EQ(made.network.spec.input, (Shape{2, 4, 4}));
    EXPECT_THAT(made.network.spec.input_mean,
                ElementsAre(testing::DoubleNear(127.5, 1e-9), testing::DoubleNear(63.75, 1e-9)));
    EXPECT_THAT(made.network.spec.input_std,
                ElementsAre(testing::DoubleNear(127.5, 1e-9), testing::DoubleNear(510.0, 1e-9)));
}

TEST(Gemm, GivenAlphaBetaAndNoTransposition_ThenTheyAreInTheWeights) {
    Model model({1, 2});
    const Imported made = model.imported(model.node(
        "Gemm", {"x", model.tensor({2, 3}), model.tensor({1, 3}, {1, 2, 3})}, {{"alpha", 2.0f}, {"beta", 0.5f}}));
    EXPECT_THAT(values_of(made, "Gemm1.weight"), ElementsAre(2, 8, 4, 10, 6, 12));
    EXPECT_THAT(values_of(made, "Gemm1.bias"), ElementsAre(0.5f, 1.0f, 1.5f));
}

TEST(MatMul, GivenColumnsAndWeightsOnTheLeft_ThenItIsALayerAsWell) {
    Model model({3, 1});
    const std::string y = model.node("Add", {model.node("MatMul", {model.tensor({2, 3}), "x"}), model.tensor({2, 1})});
    const Imported made = model.imported(y);
    ASSERT_EQ(structure(made), "linear(x)");
    EXPECT_EQ(made.network.spec.input, (Shape{3, 1, 1}));
    EXPECT_THAT(values_of(made, "MatMul1.weight"), ElementsAreArray(test::counting(6)));
    EXPECT_THAT(values_of(made, "MatMul1.bias"), ElementsAre(1, 2));
}

TEST(MatMul, GivenMapsWithChannelsLast_ThenItIsAConvOfOneTap) {
    Model model({1, 4, 4, 2});
    const std::string c =
        model.node("Relu", {model.conv(model.node("Transpose", {"x"}, {{"perm", Sizes{0, 3, 1, 2}}}), 2, 2)});
    const std::string m =
        model.node("MatMul", {model.node("Transpose", {c}, {{"perm", Sizes{0, 2, 3, 1}}}), model.tensor({2, 3})});
    const Imported made = model.imported(model.node("Add", {m, model.tensor({3})}));
    ASSERT_EQ(structure(made), "conv:relu(x) conv(0)");
    EXPECT_THAT(values_of(made, layer(made, 1).name + ".weight"), ElementsAre(1, 4, 2, 5, 3, 6));
    EXPECT_THAT(values_of(made, layer(made, 1).name + ".bias"), ElementsAre(1, 2, 3));
    EXPECT_EQ(made.network.spec.output_order, MapOrder::hwc);
}

TEST(Layout, GivenAMapFlattenedWithChannelsLast_ThenWeightsMoveToTheOrderOfMaps) {
    Model model({1, 2, 1, 3});
    const std::string c = model.node("Relu", {model.conv("x", 2, 2)});
    const std::string t = model.node("Transpose", {c}, {{"perm", Sizes{0, 2, 3, 1}}});
    const std::string f = model.node("Reshape", {t, model.integers({-1, 6})});
    const Imported made = model.imported(model.node("MatMul", {f, model.tensor({6, 1})}));
    ASSERT_EQ(structure(made), "conv:relu(x) linear(0)");
    // The file's feature 2 x + c has the weight 2 x + c + 1.
    EXPECT_THAT(values_of(made, layer(made, 1).name + ".weight"), ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST(Layout, GivenTheSizesOfTheBatchWorkedOutByOperators_ThenTheyFoldAway) {
    Model model({-1, 2, 4, 4});
    const std::string c = model.conv("x", 2, 2);
    const std::string batch = model.node("Gather", {model.node("Shape", {c}), model.integers({0})}, {{"axis", 0}});
    const std::string f =
        model.node("Reshape", {c, model.node("Concat", {batch, model.integers({-1})}, {{"axis", 0}})});
    EXPECT_EQ(structure(model.imported(model.node("MatMul", {f, model.tensor({32, 3})}))), "conv(x) linear(0)");
}

/// A map whose 4 channels are shuffled in 2 groups: places 0 1 2 3 hold channels 0 2 1 3.
std::string shuffled(Model& model) {
    const std::string c = model.node("Relu", {model.conv("x", 2, 4)});
    const std::string r = model.node("Reshape", {c, model.integers({-1, 2, 2, 4, 4})});
    return model.node("Reshape",
                      {model.node("Transpose", {r}, {{"perm", Sizes{0, 2, 1, 3, 4}}}), model.integers({-1, 4, 4, 4})});
}

TEST(Layout, GivenShuffledChannels_ThenTheReadersWeightsMove) {
    Model model;
    const Imported made = model.imported(model.conv(shuffled(model), 4, 1));
    ASSERT_EQ(structure(made), "conv:relu(x) conv(0)");
    EXPECT_THAT(values_of(made, layer(made, 1).name + ".weight"), ElementsAre(1, 3, 2, 4));
}

TEST(Layout, GivenShuffledChannelsAndADepthwiseReader_ThenItsFiltersMoveAndTheShuffleGoesOn) {
    Model model;
    const std::string d =
        model.node("Conv", {shuffled(model), model.tensor({4, 1, 1, 1}), model.tensor({4})}, {{"group", 4}});
    const Imported made = model.imported(model.conv(d, 4, 1));
    ASSERT_EQ(structure(made), "conv:relu(x) conv(0) conv(1)");
    for (const std::string& tensor :
         {layer(made, 1).name + ".weight", layer(made, 1).name + ".bias", layer(made, 2).name + ".weight"})
        EXPECT_THAT(values_of(made, tensor), ElementsAre(1, 3, 2, 4)) << tensor;
}

TEST(Layout, GivenAFixedBatch_ThenItIsNoPartOfTheNetwork) {
    Model model({5, 2, 2, 2});
    const std::string f = model.node("Reshape", {model.conv("x", 2, 2), model.integers({5, 8})});
    const Imported made = model.imported(model.node("MatMul", {f, model.tensor({8, 3})}));
    EXPECT_EQ(structure(made), "conv(x) linear(0)");
    EXPECT_EQ(made.network.spec.input, (Shape{2, 2, 2}));
}

TEST(Pool, GivenPaddingThatDoesNotCount_ThenTheLayerSaysSo) {
    Model model;
    const std::string y =
        model.node("AveragePool", {"x"}, {{"kernel_shape", Sizes{3, 3}}, {"pads", Sizes{1, 1, 1, 1}}});
    EXPECT_FALSE(layer(model.imported(y), 0).count_padding);
    Model counts;
    const std::string z = counts.node(
        "AveragePool", {"x"}, {{"kernel_shape", Sizes{3, 3}}, {"pads", Sizes{1, 1, 1, 1}}, {"count_include_pad", 1}});
    EXPECT_TRUE(layer(counts.imported(z), 0).count_padding);
}

TEST(Pool, GivenCeilMode_ThenThePaddingReachesAsFarAsTheLastWindow) {
    Model model({1, 1, 6, 7});
    const std::string y =
        model.node("MaxPool", {"x"}, {{"kernel_shape", Sizes{3, 3}}, {"strides", Sizes{2, 2}}, {"ceil_mode", 1}});
    const Imported made = model.imported(y);
    EXPECT_EQ(layer(made, 0).padding, (Ints{0, 0, 1, 0}));
    EXPECT_EQ(made.report.layers[0].out, (Shape{1, 3, 3}));
}

TEST(Pool, GivenMeansOverRowsAndColumns_ThenTheyAreOfTheWholeMap) {
    Model model;
    const std::string m = model.node("ReduceMean", {model.conv("x", 2, 3)}, {{"axes", Sizes{-1, -2}}, {"keepdims", 0}});
    const Imported made = model.imported(m);
    EXPECT_EQ(structure(made), "conv(x) avg_pool(0)");
    EXPECT_EQ(layer(made, 1).kernel, Ints{0});
}

TEST(Pad, GivenZerosBeforeAConv_ThenTheyAreItsPadding) {
    Model model;
    const std::string p = model.node("Pad", {"x", model.integers({0, 0, 1, 2, 0, 0, 3, 4})});
    const Imported made = model.imported(model.conv(p, 2, 1, 3, {{"pads", Sizes{1, 1, 1, 1}}}));
    ASSERT_EQ(structure(made), "conv(x)");
    EXPECT_EQ(layer(made, 0).padding, (Ints{2, 3, 4, 5}));
}

TEST(Pad, GivenZerosBeforeAMaximum_ThenTheyAreItsPaddingWhereNoValueIsNegative) {
    for (bool relu : {true, false}) {
        Model model;
        std::string c = model.conv("x", 2, 2);
        if (relu)
            c = model.node("Relu", {c});
        const std::string p = model.node("Pad", {c, model.integers({0, 0, 1, 1, 0, 0, 1, 1})});
        EXPECT_EQ(structure(model.imported(model.node("MaxPool", {p}, {{"kernel_shape", Sizes{3, 3}}}))),
                  relu ? "conv:relu(x) max_pool(0)" : "conv(x) conv(0) max_pool(1)");
    }
}

TEST(Slice, GivenEverySecondRowAndColumn_ThenItIsAPoolOfOneTap) {
    Model model;
    const std::string s = model.node("Slice", {model.conv("x", 2, 2), model.integers({0, 0}), model.integers({4, 4}),
                                               model.integers({2, 3}), model.integers({2, 2})});
    const Imported made = model.imported(s);
    ASSERT_EQ(structure(made), "conv(x) max_pool(0)");
    EXPECT_EQ(layer(made, 1).kernel, Ints{1});
    EXPECT_EQ(layer(made, 1).stride, Ints{2});
}

TEST(Slice, GivenRowsThatBeginLater_ThenAConvPicksThem) {
    Model model;
    const std::string s =
        model.node("Slice", {"x", model.integers({1}), model.integers({9}), model.integers({2}), model.integers({2})});
    const Imported made = model.imported(s);
    ASSERT_EQ(structure(made), "conv(x)");
    EXPECT_EQ(made.report.layers[0].out, (Shape{2, 2, 4}));
    EXPECT_THAT(values_of(made, layer(made, 0).name + ".weight"),
                ElementsAre(0, 1, 0, 1));  // rows 1 and 3 of windows of 2
}

TEST(Channels, GivenSplitConcatAndPad_ThenTheyAreCutJoinedAndPadded) {
    Model model;
    const std::string c = model.conv("x", 2, 6);
    model.node("Split", {c, model.integers({2, 4})}, {{"axis", 1}}, {"a", "b"});
    const std::string p = model.node("Pad", {"a", model.integers({0, 1, 0, 0, 0, 1, 0, 0})});
    const Imported made = model.imported(model.node("Concat", {"b", p}, {{"axis", 1}}));
    ASSERT_EQ(structure(made), "conv(x) pad_channels(0) pad_channels(0) pad_channels(1) concat(2,3)");
    EXPECT_EQ(layer(made, 1).channel_padding, (Ints{0, -4}));
    EXPECT_EQ(layer(made, 2).channel_padding, (Ints{-2, 0}));
    EXPECT_EQ(layer(made, 3).channel_padding, (Ints{1, 1}));
    EXPECT_EQ(made.report.layers[4].out.channels, 8);
}

TEST(Products, GivenAGateForEachChannel_ThenItIsTheSecondFactor) {
    Model model;
    const std::string c = model.conv("x", 2, 2);
    const std::string gate = model.node("Sigmoid", {model.conv(model.node("GlobalAveragePool", {c}), 2, 2)});
    EXPECT_EQ(structure(model.imported(model.node("Mul", {gate, c}))),
              "conv(x) avg_pool(0) conv:sigmoid(1) multiply(0,2)");
}

TEST(Sums, GivenADifference_ThenOneSideIsNegated) {
    Model model;
    const Imported made =
        model.imported(model.node("Relu", {model.node("Sub", {model.conv("x", 2, 1), model.conv("x", 2, 1)})}));
    ASSERT_EQ(structure(made), "conv(x) conv(x) add:relu(0,1)");
    EXPECT_THAT(values_of(made, layer(made, 1).name + ".weight"), ElementsAre(-1, -2));
}

struct FunctionCase {
    const char* name;
    ActivationFunction function;
    ActivationParameters parameters;
    std::function<std::string(Model&, const std::string&)> build;
};

class Functions : public testing::TestWithParam<FunctionCase> {};

TEST_P(Functions, GivenTheOperators_ThenTheConvCarriesTheFunction) {
    Model model({1, 2, 4, 4}, 20);
    const std::string pooled =
        model.node("MaxPool", {GetParam().build(model, model.conv("x", 2, 2))}, {{"kernel_shape", Sizes{2, 2}}});
    const Imported made = model.imported(pooled);
    ASSERT_EQ(made.network.spec.layers.size(), 2u) << structure(made);
    EXPECT_STREQ(name_of(layer(made, 0).activation), name_of(GetParam().function));
    EXPECT_THAT(layer(made, 0).activation_parameters,
                testing::Pointwise(testing::DoubleNear(1e-6), GetParam().parameters));
}

std::function<std::string(Model&, const std::string&)> one(const char* op, const Model::Attributes& attributes = {}) {
    return [=](Model& m, const std::string& x) { return m.node(op, {x}, attributes); };
}

INSTANTIATE_TEST_SUITE_P(
    All, Functions,
    testing::Values(
        FunctionCase{"relu", ActivationFunction::relu, {}, one("Relu")},
        FunctionCase{"sigmoid", ActivationFunction::sigmoid, {}, one("Sigmoid")},
        FunctionCase{"tanh", ActivationFunction::tanh, {}, one("Tanh")},
        FunctionCase{"softplus", ActivationFunction::softplus, {}, one("Softplus")},
        FunctionCase{"mish", ActivationFunction::mish, {}, one("Mish")},
        FunctionCase{"gelu", ActivationFunction::gelu, {}, one("Gelu")},
        FunctionCase{"hard_swish", ActivationFunction::hard_swish, {}, one("HardSwish")},
        FunctionCase{"elu", ActivationFunction::elu, {0.5}, one("Elu", {{"alpha", 0.5f}})},
        FunctionCase{"selu", ActivationFunction::selu, {1.67326324, 1.05070099}, one("Selu")},
        FunctionCase{"hard_sigmoid", ActivationFunction::hard_sigmoid, {0.2, 0.5}, one("HardSigmoid")},
        FunctionCase{"leaky_relu", ActivationFunction::leaky_relu, {0.01}, one("LeakyRelu")},
        FunctionCase{"relu6",
                     ActivationFunction::relu6,
                     {},
                     [](Model& m, const std::string& x) {
                         return m.node("Clip", {x, m.number(0), m.number(6)});
                     }},
        FunctionCase{"clip",
                     ActivationFunction::clip,
                     {-1, 2},
                     [](Model& m, const std::string& x) {
                         return m.node("Clip", {x, m.number(-1), m.number(2)});
                     }},
        FunctionCase{"prelu",
                     ActivationFunction::prelu,
                     {1, 2},
                     [](Model& m, const std::string& x) {
                         return m.node("PRelu", {x, m.tensor({2, 1, 1})});
                     }},
        FunctionCase{"silu_by_parts",
                     ActivationFunction::silu,
                     {},
                     [](Model& m, const std::string& x) {
                         return m.node("Mul", {x, m.node("Sigmoid", {x})});
                     }},
        FunctionCase{"mish_by_parts",
                     ActivationFunction::mish,
                     {},
                     [](Model& m, const std::string& x) {
                         return m.node("Mul", {x, m.node("Tanh", {m.node("Softplus", {x})})});
                     }},
        FunctionCase{
            "hard_swish_by_parts",
            ActivationFunction::hard_swish,
            {},
            [](Model& m, const std::string& x) {
                const std::string c = m.node("Clip", {m.node("Add", {x, m.number(3)}), m.number(0), m.number(6)});
                return m.node("Div", {m.node("Mul", {x, c}), m.number(6)});
            }},
        FunctionCase{"gelu_by_parts",
                     ActivationFunction::gelu,
                     {},
                     [](Model& m, const std::string& x) {
                         const std::string e = m.node("Erf", {m.node("Div", {x, m.number(1.41421356f)})});
                         return m.node("Mul", {m.node("Mul", {x, m.node("Add", {e, m.number(1)})}), m.number(0.5f)});
                     }},
        FunctionCase{"relu6_by_bounds",
                     ActivationFunction::relu6,
                     {},
                     [](Model& m, const std::string& x) {
                         return m.node("Min", {m.node("Max", {x, m.number(0)}), m.number(6)});
                     }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Function, GivenASourceWithSeveralReaders_ThenItIsALayerOfItsOwn) {
    Model model;
    const std::string c = model.conv("x", 2, 2);
    const std::string y = model.node("Add", {c, model.conv(model.node("Tanh", {c}), 2, 2)});
    EXPECT_EQ(structure(model.imported(y)), "conv(x) activation:tanh(0) conv(1) add(0,2)");
}

TEST(Function, GivenNoneThatLayersHave_ThenItsPartsAreLayers) {
    Model model;
    const std::string c = model.conv("x", 2, 2);
    const std::string y = model.node("Mul", {c, model.node("Sigmoid", {model.node("Mul", {c, model.number(1.702f)})})});
    EXPECT_EQ(structure(model.imported(model.conv(y, 2, 1))), "conv(x) scale:sigmoid(0) multiply(0,1) conv(2)");
}

struct TailCase {
    const char* name;
    std::vector<std::string> operators;
    std::vector<HostFunction> functions;
};

class Tails : public testing::TestWithParam<TailCase> {};

TEST_P(Tails, GivenTheLastOperators_ThenTheyAreTheHosts) {
    Model model({1, 4});
    std::string y = model.node("MatMul", {"x", model.tensor({4, 3})});
    for (const std::string& op : GetParam().operators)
        y = model.node(op, {y},
                       op == "ArgMax" || op == "Softmax" ? Model::Attributes{{"axis", 1}} : Model::Attributes{});
    const Imported made = model.imported(y);
    EXPECT_EQ(structure(made), "linear(x)");
    EXPECT_EQ(made.network.spec.host_functions, GetParam().functions);
}

INSTANTIATE_TEST_SUITE_P(
    All, Tails,
    testing::Values(TailCase{"softmax", {"Softmax"}, {HostFunction::softmax}},
                    TailCase{"log_of_softmax", {"Softmax", "Log"}, {HostFunction::log_softmax}},
                    TailCase{"log_softmax", {"LogSoftmax", "Identity"}, {HostFunction::log_softmax}},
                    TailCase{"sigmoid", {"Sigmoid"}, {HostFunction::sigmoid}},
                    TailCase{"arg_max", {"Softmax", "ArgMax"}, {HostFunction::softmax, HostFunction::arg_max}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Outputs, GivenSeveral_ThenTheirLogitsFollowOneAnother) {
    Model model;
    const std::string c = model.node("Relu", {model.conv("x", 2, 2)});
    const std::string a = model.node("GlobalMaxPool", {c}), b = model.conv(c, 2, 1);
    const Imported made = model.imported({a, b});
    EXPECT_EQ(structure(made), "conv:relu(x) max_pool(0) conv(0)");
    EXPECT_THAT(made.network.spec.outputs, ElementsAre("GlobalMaxPool3", "Conv4"));
}

TEST(Outputs, GivenAnActivationAtTheEnd_ThenItIsALayerBehindTheLogits) {
    Model model;
    EXPECT_EQ(structure(model.imported(model.node("Relu", {model.conv("x", 2, 2)}))), "conv(x) activation:relu(0)");
}

TEST(Names, GivenNodesWithPathsOrWithoutNames_ThenLayersHaveNamesOfTheirOwn) {
    Model model;
    std::string y = model.conv("x", 2, 2);
    model.graph().mutable_node(0)->set_name("/stem/conv.1/Conv");
    y = model.conv(y, 2, 2);
    model.graph().mutable_node(1)->set_name("stem conv 1 Conv");
    y = model.conv(y, 2, 2);
    model.graph().mutable_node(2)->set_name("17");
    const Imported made = model.imported(y);
    EXPECT_EQ(layer(made, 0).name, "stem_conv_1_Conv");
    EXPECT_EQ(layer(made, 1).name, "stem_conv_1_Conv_2");
    EXPECT_EQ(layer(made, 2).name, "conv1");
    EXPECT_THAT(made.report.layers[0].nodes, ElementsAre("/stem/conv.1/Conv"));
}

}  // namespace
}  // namespace xloop
