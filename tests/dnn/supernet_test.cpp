#include "dnn/supernet.hpp"

#include "core/error.hpp"
#include "tests/dnn/small_networks.hpp"

#include <gtest/gtest.h>

#include <iomanip>
#include <set>
#include <sstream>
#include <string>

namespace xloop {
namespace {

TEST(Supernet, EverySubnetEqualsItsExtract) {
    Supernet net(test::small_space(), 3);
    test::disturb(net, 7);
    net->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = torch::rand({5, 1, 12, 12});
    for (std::uint64_t i = 0; i < net->spec().path_count(); ++i) {
        const SubnetPath path = net->spec().path(i);
        Supernet alone = extract(net, path);
        EXPECT_FALSE(alone->spec().searchable());
        EXPECT_TRUE(torch::equal(net->forward(x, path), alone->forward(x))) << net->spec().path_text(path);
    }
}

TEST(Supernet, GivenTiedWidthsGroupsAndLayersLeftOut_ThenEverySubnetEqualsItsExtract) {
    Supernet net(parse_network(R"(
name: blocks
input: {channels: 1, height: 6, width: 6}
choices:
  stage: [4, 8]
  expansion: [1, 2]
  depth: [1, 2]
  groups: [1, 2, 4]
layers:
  - {name: stem, type: conv, out_channels_from: [stage], kernel: 3, batch_norm: true, activation: relu}
  - {name: wide, type: conv, out_channels_from: [stage, expansion], kernel: 1, groups_from: groups, batch_norm: true, activation: relu}
  - {name: own, type: conv, out_channels_from: [stage, expansion], kernel: [3, 5], groups: 0, batch_norm: true, activation: relu}
  - {name: narrow, type: conv, out_channels_from: [stage], kernel: 1, batch_norm: true, activation: relu}
  - {name: more, type: conv, out_channels_from: [stage, "2"], kernel: 1, batch_norm: true, activation: relu, present_if: depth >= 2}
  - {name: back, type: conv, out_channels_from: [stage], kernel: 1, batch_norm: true, present_if: depth >= 2}
  - {name: sum, type: add, inputs: [back, narrow], activation: relu, present_if: depth >= 2}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: logits, type: linear, out_channels: 3}
)",
                               "blocks.yaml"),
                 3);
    test::disturb(net, 7);
    net->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = torch::rand({5, 1, 6, 6});
    const NetworkSpec& space = net->spec();
    std::set<std::string> logits;
    for (std::uint64_t i = 0; i < space.path_count(); ++i) {
        const SubnetPath path = space.path(i);
        Supernet alone = extract(net, path);
        const torch::Tensor y = net->forward(x, path);
        EXPECT_TRUE(torch::equal(y, alone->forward(x))) << space.path_text(path);
        std::ostringstream text;
        text << std::setprecision(9) << y;
        logits.insert(text.str());
    }
    EXPECT_EQ(logits.size(), space.path_count());
    // Two groups: the second half of the outputs reads the second half of the inputs.
    const SubnetPath two = space.parse_path("stage=4 expansion=2 depth=1 groups=2 own=k3");
    const SubnetPath one = space.parse_path("stage=4 expansion=2 depth=1 groups=1 own=k3");
    const torch::Tensor part = net->active_weight(1, two), whole = net->active_weight(1, one);
    ASSERT_EQ(part.sizes(), torch::IntArrayRef({8, 2, 1, 1}));
    EXPECT_TRUE(torch::equal(part.narrow(0, 0, 4), whole.narrow(0, 0, 4).narrow(1, 0, 2)));
    EXPECT_TRUE(torch::equal(part.narrow(0, 4, 4), whole.narrow(0, 4, 4).narrow(1, 2, 2)));
}

TEST(Supernet, GivenALayerLeftOutThatNarrowsTheMap_ThenTheSpaceIsRefused) {
    const NetworkSpec space = parse_network(R"(
name: narrows
input: {channels: 1, height: 6, width: 6}
choices: {depth: [1, 2]}
layers:
  - {name: wide, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: narrow, type: conv, out_channels: 4, kernel: 1, activation: relu, present_if: depth >= 2}
  - {name: reader, type: conv, out_channels: 4, kernel: 1, activation: relu}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: logits, type: linear, out_channels: 3}
)",
                                            "narrows.yaml");
    try {
        const Supernet net(space, 3);
        FAIL() << "was taken";
    } catch (const InputError& e) {
        const std::string message = e.what();
        EXPECT_NE(message.find("`reader`"), std::string::npos) << message;
        EXPECT_NE(message.find("depth=1"), std::string::npos) << message;
    }
}

// Copy me: tensors compared with what indices say.
TEST(Supernet, ActiveWeightIsTheCentreOfTheFirstChannels) {
    Supernet net(test::small_space(), 3);
    SubnetPath path = net->spec().smallest_path();
    const torch::Tensor whole = net->active_weight(1, net->spec().largest_path());
    ASSERT_EQ(whole.sizes(), torch::IntArrayRef({10, 8, 3, 3}));
    const torch::Tensor part = net->active_weight(1, path);
    ASSERT_EQ(part.sizes(), torch::IntArrayRef({6, 4, 1, 1}));
    const torch::Tensor centre = whole.slice(0, 0, 6).slice(1, 0, 4).select(3, 1).select(2, 1);
    EXPECT_TRUE(torch::equal(part.select(3, 0).select(2, 0), centre));
}

TEST(Supernet, ExtractHasWeightsOfItsOwn) {
    Supernet net(test::small_space(), 3);
    const SubnetPath path = net->spec().largest_path();
    Supernet alone = extract(net, path);
    const torch::NoGradGuard no_grad;
    alone->parameters()[0].zero_();
    EXPECT_GT(net->active_weight(0, path).abs().sum().item<float>(), 0.0f);
}

TEST(Supernet, SameSeedSameWeightsWhateverElseDraws) {
    Supernet a(test::small_space(), 3);
    torch::rand({10});
    Supernet b(test::small_space(), 3);
    Supernet c(test::small_space(), 4);
    for (std::size_t i = 0; i < a->parameters().size(); ++i)
        EXPECT_TRUE(torch::equal(a->parameters()[i], b->parameters()[i]));
    EXPECT_FALSE(torch::equal(a->parameters()[0], c->parameters()[0]));
}

TEST(Supernet, OffsetsChangeTheForwardPassAndNotTheGradientsPath) {
    Supernet net(test::small_space(), 3);
    const SubnetPath path = net->spec().smallest_path();
    const torch::Tensor x = torch::rand({4, 1, 12, 12});
    // An offset that makes the last layer's weight 0: the logits are then its bias, which starts as 0.
    WeightOffsets offsets(net->spec().layers.size());
    offsets[3] = -net->active_weight(3, path);
    OffsetHooks hooks(offsets);
    const torch::Tensor y = net->forward(x, path, &hooks);
    EXPECT_EQ(y.abs().max().item<float>(), 0.0f);
    y.select(1, 0).sum().backward();
    const torch::Tensor gradient = net->named_parameters()["layer3_weight"].grad();
    EXPECT_GT(gradient.abs().sum().item<float>(), 0.0f) << "straight through: as if nothing had been added";
}

TEST(Supernet, OffsetEqualsAChangedWeight) {
    Supernet net(test::varied_network(), 3);
    net->eval();
    const torch::NoGradGuard no_grad;
    const SubnetPath path = net->spec().largest_path();
    const torch::Tensor x = torch::rand({2, 3, 13, 11});
    WeightOffsets offsets(net->spec().layers.size());
    offsets[3] = torch::randn({8, 1, 3, 3});
    OffsetHooks hooks(offsets);
    const torch::Tensor with_offset = net->forward(x, &hooks);
    net->active_weight(3, path).add_(offsets[3]);
    EXPECT_TRUE(torch::equal(with_offset, net->forward(x)));
}

TEST(Supernet, RecalibrationMeasuresTheCalibrationSet) {
    Supernet net = [] {
        Supernet space(test::small_space(), 3);
        return extract(space, space->spec().largest_path());
    }();
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = torch::rand({64, 1, 12, 12});
    recalibrate_batch_norm(net, x, nullptr, 32);
    EXPECT_FALSE(net->is_training());
    const torch::Tensor first = torch::conv2d(x, net->active_weight(0, net->spec().largest_path()), {}, 2, 2);
    const auto mean = net->named_buffers()["layer0_mean"];
    EXPECT_TRUE(torch::allclose(mean, first.mean(torch::IntArrayRef({0, 2, 3})), 1e-4, 1e-5));
    const auto variance = (first.slice(0, 0, 32).var(torch::IntArrayRef({0, 2, 3})) +
                           first.slice(0, 32, 64).var(torch::IntArrayRef({0, 2, 3}))) /
                          2;
    EXPECT_TRUE(torch::allclose(net->named_buffers()["layer0_variance"], variance, 1e-4, 1e-6));
}

TEST(Supernet, TrainingKeepsNoStatistics) {
    Supernet net(test::small_space(), 3);
    net->train();
    net->forward(torch::rand({8, 1, 12, 12}));
    EXPECT_EQ(net->named_buffers()["layer0_mean"].abs().sum().item<float>(), 0.0f);
}

TEST(Supernet, OnlyConcreteNetworksAreFoldedAndCalibrated) {
    Supernet net(test::small_space(), 3);
    EXPECT_THROW(net->folded(0), Error);
    EXPECT_THROW(recalibrate_batch_norm(net, torch::rand({8, 1, 12, 12})), Error);
}

TEST(Supernet, RejectsLinearLayerOverMapsOfSeveralSizes) {
    NetworkSpec spec = test::small_space();
    spec.layers[0].padding = {0};  // the map is then smaller with the larger kernel
    EXPECT_NO_THROW(Supernet(spec, 1)) << "a pool over the whole map comes before the linear layer";
    spec.layers.erase(spec.layers.begin() + 2);
    spec.layers.back().inputs = {"b"};
    EXPECT_THROW(Supernet(spec, 1), InputError);
}

TEST(Supernet, GivenAKindWithoutARow_ThenItStopsAndNamesIt) {
    NetworkSpec spec = test::small_space();
    spec.layers[2].kind = static_cast<LayerKind>(99);
    try {
        Supernet(spec, 1);
        FAIL() << "an unknown kind was taken";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("layer kind 99"), std::string::npos) << error.what();
    }
}

TEST(Activated, GivenEachFunction_ThenLibTorchComputesWhatTablesHold) {
    const torch::Tensor x = torch::linspace(-7.0, 7.0, 281, torch::kFloat64).view({1, 1, 1, -1});
    for (std::size_t f = 0; f < activation_count; ++f) {
        GraphLayer layer;
        layer.activation = static_cast<ActivationFunction>(f);
        const torch::Tensor values = activated(layer, x);
        for (std::int64_t i = 0; i < x.numel(); ++i)
            EXPECT_NEAR(values.data_ptr<double>()[i], apply(layer.activation, x.data_ptr<double>()[i]), 1e-6)
                << name_of(layer.activation) << " of " << x.data_ptr<double>()[i];
    }
}

}  // namespace
}  // namespace xloop
