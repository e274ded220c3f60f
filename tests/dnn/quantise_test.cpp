#include "dnn/quantise.hpp"

#include "core/error.hpp"
#include "core/workload/executor.hpp"
#include "dnn/tensors.hpp"
#include "tests/dnn/small_networks.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

struct Agreement {
    double argmax = 0.0;  ///< share of images with the same largest logit
    double error = 0.0;   ///< root mean square difference of logits over their root mean square
};

Agreement compare(Supernet& net, const WorkloadGraph& graph, const ImageSet& images) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor real = net->forward(image_tensor(images)).contiguous();
    const IntegerEngine engine(graph);
    Agreement result;
    double difference = 0.0, size = 0.0;
    for (int i = 0; i < images.count(); ++i) {
        const auto logits = run_graph(graph, engine, images.image(i), i);
        const float* expected = real[i].data_ptr<float>();
        const auto classes = static_cast<std::ptrdiff_t>(logits.size());
        result.argmax += std::max_element(logits.begin(), logits.end()) - logits.begin() ==
                         std::max_element(expected, expected + classes) - expected;
        std::vector<double> steps;
        for (int output : graph.outputs)
            steps.resize(steps.size() + static_cast<std::size_t>(graph.map_of(output).size()),
                         graph.edge(output).scale);
        for (std::ptrdiff_t c = 0; c < classes; ++c) {
            const double got = logits[static_cast<std::size_t>(c)] * steps[static_cast<std::size_t>(c)];
            difference += (got - expected[c]) * (got - expected[c]);
            size += expected[c] * expected[c];
        }
    }
    result.argmax /= images.count();
    result.error = std::sqrt(difference / size);
    return result;
}

TEST(Quantise, IntegerNetworkFollowsTheRealOne) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        Supernet net(test::varied_network(), seed);
        test::disturb(net, seed);
        const ImageSet images = random_images(net->spec().input, 150, seed);
        recalibrate_batch_norm(net, image_tensor(images));
        const WorkloadGraph graph = quantise(net, image_tensor(images), "varied");
        const Agreement found = compare(net, graph, images);
        EXPECT_GE(found.argmax, 0.96) << "seed " << seed;
        EXPECT_LE(found.error, 0.04) << "seed " << seed;
    }
}

TEST(Quantise, IntegerNetworkFollowsTheRealOneThroughEveryActivation) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        Supernet net(test::network_of_activations(), seed);
        test::disturb(net, seed);
        const ImageSet images = random_images(net->spec().input, 150, seed);
        recalibrate_batch_norm(net, image_tensor(images));
        const WorkloadGraph graph = quantise(net, image_tensor(images), "activations");
        const Agreement found = compare(net, graph, images);
        EXPECT_GE(found.argmax, 0.9) << "seed " << seed;
        EXPECT_LE(found.error, 0.04) << "seed " << seed;
    }
}

// LibTorch's own convolutions and pools are the reference of the windows.
TEST(Quantise, IntegerNetworkFollowsTheRealOneThroughOddWindowsToBothHeads) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        Supernet net(test::odd_windows(), seed);
        test::disturb(net, seed);
        const ImageSet images = random_images(net->spec().input, 100, seed);
        recalibrate_batch_norm(net, image_tensor(images));
        const WorkloadGraph graph = quantise(net, image_tensor(images), "odd");
        ASSERT_EQ(graph.logit_count(), 14);
        EXPECT_LE(compare(net, graph, images).error, 0.04) << "seed " << seed;
    }
}

class EachKind : public testing::TestWithParam<std::size_t> {};

TEST_P(EachKind, GivenANetworkWithIt_ThenTheIntegerNetworkFollowsTheRealOne) {
    Supernet net(parse_network(test::network_with(static_cast<LayerKind>(GetParam())), "test.yaml"), 1);
    test::disturb(net, 1);
    const ImageSet images = random_images(net->spec().input, 100, 1);
    EXPECT_LE(compare(net, quantise(net, image_tensor(images), "kind"), images).error, 0.04);
}

INSTANTIATE_TEST_SUITE_P(All, EachKind, testing::Range<std::size_t>(0, layer_kind_count),
                         [](const auto& tested) { return std::string(name_of(static_cast<LayerKind>(tested.param))); });

TEST(Quantise, TablesFollowFromTheCalibratedScales) {
    Supernet net(test::network_of_activations(), 1);
    test::disturb(net, 1);
    const WorkloadGraph graph = quantise(net, torch::rand({64, 3, 10, 10}), "activations");
    for (const GraphLayer& layer : graph.layers) {
        ASSERT_EQ(layer.table != nullptr, needs_table(layer.activation)) << layer.name;
        if (!layer.table)
            continue;
        EXPECT_GT(layer.table_step, 0.0) << layer.name;
        const int first = layer.table->input_signed() ? -128 : 0;
        for (int sum = first; sum < first + 256; ++sum) {
            const double real = apply(layer.activation, sum * layer.table_step);
            const int lowest = layer.output_signed ? -128 : 0;
            const double steps = std::clamp(real / layer.output_scale, static_cast<double>(lowest), lowest + 255.0);
            EXPECT_NEAR((*layer.table)[static_cast<Activation>(sum)], steps, 0.5001) << layer.name << ' ' << sum;
        }
    }
    EXPECT_EQ(graph.layers[0].table_step, graph.layers[0].output_scale) << "relu6 works in steps of its output";
    EXPECT_LE(graph.layers[1].table_step * 127, 6.3) << "a sigmoid is flat beyond";
    EXPECT_LE(graph.layers[2].table_step * 127, 3.2) << "a tanh is flat beyond";
}

TEST(Quantise, SubnetOfASpace) {
    Supernet space(test::small_space(), 5);
    Supernet net = extract(space, space->spec().path(6));
    const ImageSet images = random_images(net->spec().input, 150, 2);
    recalibrate_batch_norm(net, image_tensor(images));
    EXPECT_LE(compare(net, quantise(net, image_tensor(images), "space"), images).error, 0.04);
}

TEST(Quantise, GraphIsCompleteAndScalesFollowTheEdges) {
    Supernet net(test::varied_network(), 1);
    const WorkloadGraph graph = quantise(net, torch::rand({32, 3, 13, 11}), "named");
    EXPECT_EQ(graph.name, "named");
    EXPECT_TRUE(graph.has_weights());
    EXPECT_DOUBLE_EQ(graph.input_scale, 1.0 / 255.0);
    for (const GraphLayer& layer : graph.layers) {
        EXPECT_GT(layer.output_scale, 0.0);
        if (!layer.on_crossbars())
            continue;
        ASSERT_EQ(layer.weights->size(), static_cast<std::size_t>(layer.out.channels * layer.rows()));
        EXPECT_EQ(layer.rescale.size(), layer.is_output ? 0u : static_cast<std::size_t>(layer.out.channels));
        for (int o = 0; o < layer.out.channels && !layer.is_output; ++o) {
            const auto first = layer.weights->begin() + o * layer.rows();
            const int largest = std::abs(
                *std::max_element(first, first + layer.rows(), [](int a, int b) { return std::abs(a) < std::abs(b); }));
            EXPECT_EQ(largest, 127) << "each channel uses the whole range";
        }
    }
    EXPECT_EQ(graph.layers[4].output_scale, graph.layers[3].output_scale) << "a maximum keeps its input's scale";
    EXPECT_EQ(graph.layers[2].rescale.size(), 2u);
    EXPECT_EQ(graph.layers[6].rescale.size(), 1u);
}

TEST(Quantise, RowOrderIsKernelThenChannel) {
    const torch::Tensor weight = torch::arange(12, torch::kFloat32).view({1, 3, 2, 2});
    const auto rows = integer_weights(weight, torch::ones({1}, torch::kFloat64));
    EXPECT_EQ(rows, (std::vector<std::int8_t>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}));
}

TEST(Quantise, DeadChannelsKeepTheirBias) {
    Supernet net(test::varied_network(), 2);
    const ImageSet images = random_images(net->spec().input, 60, 2);
    recalibrate_batch_norm(net, image_tensor(images));
    {
        const torch::NoGradGuard no_grad;
        auto parameters = net->named_parameters();
        parameters["layer0_weight"][1].zero_();
        parameters["layer0_beta"][1].fill_(0.7);
        parameters["layer5_gamma"][3].zero_();
        parameters["layer5_beta"][3].fill_(0.5);
        parameters["layer5_gamma"][4].fill_(1e-12);
        parameters["layer5_beta"][4].fill_(0.5);
        parameters["layer7_weight"][2].zero_();
    }
    const Agreement found = compare(net, quantise(net, image_tensor(images), "dead"), images);
    EXPECT_LE(found.error, 0.04);
}

TEST(Quantise, NetworkOfZerosIsFinite) {
    Supernet net(test::varied_network(), 2);
    {
        const torch::NoGradGuard no_grad;
        for (auto& p : net->parameters())
            p.zero_();
    }
    const WorkloadGraph graph = quantise(net, torch::rand({4, 3, 13, 11}), "zeros");
    const ImageSet images = random_images(net->spec().input, 1, 2);
    for (std::int32_t logit : run_graph(graph, IntegerEngine(graph), images.image(0), 0))
        EXPECT_EQ(logit, 0);
}

TEST(Quantise, NeedsImages) {
    Supernet net(test::varied_network(), 2);
    EXPECT_THROW(quantise(net, torch::rand({0, 3, 13, 11}), "none"), Error);
}

TEST(Tensors, RoundTripKeepsPixelsAndChannelOrder) {
    const ImageSet images = random_images({3, 4, 5}, 6, 9);
    const torch::Tensor x = image_tensor(images);
    EXPECT_EQ(x.sizes(), torch::IntArrayRef({6, 3, 4, 5}));
    EXPECT_FLOAT_EQ((x[2][1][3][4].item<float>()), static_cast<float>(images.image(2)[(3 * 5 + 4) * 3 + 1]) / 255.0f);
    const ImageSet back = image_set(x, label_tensor(images));
    EXPECT_EQ(back.pixels, images.pixels);
    EXPECT_EQ(back.labels, images.labels);
    EXPECT_TRUE(torch::equal(image_tensor(images, 4, 2), x.slice(0, 4, 6)));
    EXPECT_THROW(image_tensor(images, 5, 2), Error);
}

TEST(Tensors, GivenSamplesOrManyClasses_ThenValuesAndLabelsStayAsTheyAre) {
    ImageSet set;
    set.shape = {2, 1, 2};
    set.samples = {-1.5f, 2, 3, 4, 5, 6, 7, 8};
    set.labels = {999, 65535};
    const torch::Tensor x = image_tensor(set, 1, 1);
    EXPECT_TRUE(torch::equal(x, torch::tensor({5.0f, 7.0f, 6.0f, 8.0f}).view({1, 2, 1, 2})));
    EXPECT_TRUE(torch::equal(label_tensor(set), torch::tensor({999, 65535}, torch::kInt64)));
    EXPECT_EQ(image_set(torch::zeros({2, 2, 1, 2}), label_tensor(set)).labels, set.labels);
}

}  // namespace
}  // namespace xloop
