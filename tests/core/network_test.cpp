#include "core/error.hpp"
#include "core/workload/executor.hpp"
#include "core/workload/float_network.hpp"
#include "core/workload/precision.hpp"
#include "core/workload/workload_graph.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <filesystem>
#include <fstream>

namespace xloop {
namespace {

using testing::HasSubstr;

const char* space_text = R"(
name: space
input: {channels: 1, height: 28, width: 28}
layers:
  - {name: a, type: conv, out_channels: [8, 16], kernel: [3, 5], stride: 2, activation: relu}
  - {name: p, type: avg_pool, kernel: 0}
  - {name: z, type: linear, out_channels: 10}
)";

std::string error_of(const std::string& yaml) {
    try {
        const NetworkSpec net = parse_network(yaml, "net.yaml");
        build_graph(net.resolve(net.largest_path()));
    } catch (const InputError& e) {
        return e.what();
    }
    return "no error";
}

TEST(NetworkSpec, GivenTwoChoicesOfTwo_ThenThereAreFourSubnetsAndTextNamesThem) {
    const NetworkSpec net = parse_network(space_text, "net.yaml");
    ASSERT_EQ(net.path_count(), 4u);
    for (std::uint64_t i = 0; i < 4; ++i)
        EXPECT_EQ(net.parse_path(net.path_text(net.path(i))), net.path(i));
    EXPECT_EQ(net.path_text(net.largest_path()), "a=w16k5");
    EXPECT_EQ(net.path_text(net.smallest_path()), "a=w8k3");
    EXPECT_THROW(net.parse_path("a=w9k3"), InputError);
}

TEST(NetworkSpec, GivenAPathOfAnotherSpace_ThenResolveRefuses) {
    const NetworkSpec net = parse_network(space_text, "net.yaml");
    SubnetPath path = net.largest_path();
    path[1] = 7;
    EXPECT_THROW(net.resolve(path), Error);
}

/// A residual block that may be there twice, with widths that go together.
const char* const choices_text = R"(
name: blocks
input: {channels: 3, height: 8, width: 8}
choices:
  stage: [8, 16]
  expansion: [1, 2, 3]
  depth: [1, 2]
  groups: [1, 4]
  window: [3, 5]
layers:
  - {name: stem, type: conv, out_channels_from: [stage], kernel: 3, activation: relu}
  - {name: one, type: conv, out_channels_from: [stage, expansion], kernel_from: window, groups_from: groups, activation: relu}
  - {name: one_b, type: conv, out_channels_from: [stage], kernel: 1}
  - {name: sum_one, type: add, inputs: [one_b, stem], activation: relu}
  - {name: two, type: conv, out_channels_from: ["2", stage], kernel: [1, 3], activation: relu, present_if: depth >= 2}
  - {name: two_b, type: conv, out_channels_from: [stage], kernel: 1, present_if: depth >= 2}
  - {name: sum_two, type: add, inputs: [two_b, sum_one], activation: relu, present_if: depth >= 2}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: logits, type: linear, out_channels: 10}
)";

TEST(NetworkSpec, GivenNamedChoices_ThenLayersFollowThemTogether) {
    const NetworkSpec net = parse_network(choices_text, "net.yaml");
    ASSERT_EQ(net.path_count(), 2u * 3 * 2 * 2 * 2 * 2);
    EXPECT_EQ(net.path_text(net.largest_path()), "stage=16 expansion=3 depth=2 groups=1 window=5 two=k3");
    EXPECT_EQ(net.path_text(net.smallest_path()), "stage=8 expansion=1 depth=1 groups=4 window=3 two=k1");
    const WorkloadGraph graph =
        build_graph(net.resolve(net.parse_path("stage=16 expansion=2 depth=2 groups=4 window=5 two=k3")));
    ASSERT_EQ(graph.layers.size(), 9u);
    EXPECT_EQ(graph.layers[1].out.channels, 32);
    EXPECT_EQ(graph.layers[1].groups, 4);
    EXPECT_EQ(graph.layers[1].window.y.kernel, 5);
    EXPECT_EQ(graph.layers[4].out.channels, 32);
    EXPECT_EQ(graph.layers[4].window.y.kernel, 3);
    for (std::uint64_t i = 0; i < net.path_count(); ++i) {
        EXPECT_NO_THROW(build_graph(net.resolve(net.path(i))));
        EXPECT_EQ(net.parse_path(net.path_text(net.path(i))), net.path(i));
    }
    EXPECT_EQ(network_yaml(parse_network(network_yaml(net), "again.yaml")), network_yaml(net));
    EXPECT_FALSE(parse_network(network_yaml(net.resolve(net.path(77))), "one.yaml").searchable());
}

TEST(NetworkSpec, GivenAnAbsentBlock_ThenItsInputPassesAndItsChoicesMeanNothing) {
    const NetworkSpec net = parse_network(choices_text, "net.yaml");
    const SubnetPath path = net.parse_path("stage=8 expansion=1 depth=1 groups=1 window=3 two=k3");
    const NetworkSpec shallow = net.resolve(path);
    ASSERT_EQ(shallow.layers.size(), 6u);
    EXPECT_EQ(shallow.layers[4].name, "pool");
    EXPECT_EQ(shallow.layers[4].inputs, std::vector<std::string>{"sum_one"});
    EXPECT_EQ(net.path_text(net.canonical(path)), "stage=8 expansion=1 depth=1 groups=1 window=3 two=k1");
    const SubnetPath deep = net.parse_path("stage=8 expansion=1 depth=2 groups=1 window=3 two=k3");
    EXPECT_EQ(net.canonical(deep), deep);
}

TEST(NetworkSpec, GivenChoicesThatDoNotFit_ThenTheMessageNamesThem) {
    const auto message = [](const std::string& from, const std::string& to) {
        std::string text = choices_text;
        text.replace(text.find(from), from.size(), to);
        try {
            parse_network(text, "net.yaml");
        } catch (const InputError& e) {
            return std::string(e.what());
        }
        return std::string("nothing");
    };
    const auto has = [](const char* part) { return testing::HasSubstr(part); };
    EXPECT_THAT(message("kernel_from: window", "kernel_from: windo"), has("did you mean `window`"));
    EXPECT_THAT(message("  window: [3, 5]", "  window: [3, 4]"), has("must be odd"));
    EXPECT_THAT(message("  groups: [1, 4]", "  groups: [2, 4]"), has("must have 1 among them"));
    EXPECT_THAT(message("  depth: [1, 2]", "  depth: [1, 2]\n  more: [1, 2]"), has("choices.more: no layer"));
    EXPECT_THAT(message("  depth: [1, 2]", "  depth: [1]"), has("two or more different"));
    EXPECT_THAT(message("depth >= 2", "depth > 2"), has("CHOICE >= NUMBER"));
    EXPECT_THAT(message("depth >= 2", "depth >= 3"), has("never 3 or more"));
    EXPECT_THAT(message("  depth: [1, 2]", "  depth: {a: 1}"), has("net.yaml"));
}

TEST(BuildGraph, GivenSignedMapsThatArraysRead_ThenTheirEdgesHaveAZeroPointPoolsIncluded) {
    const NetworkSpec net = parse_network(R"(
name: n
input: {channels: 3, height: 8, width: 8}
layers:
  - {name: a, type: conv, out_channels: 4, kernel: 3}
  - {name: pool, type: max_pool, kernel: 2}
  - {name: b, type: conv, out_channels: 4, kernel: 3, activation: tanh}
  - {name: sum, type: add, inputs: [b, pool], activation: relu}
  - {name: c, type: linear, out_channels: 4}
)",
                                          "net.yaml");
    const WorkloadGraph graph = build_graph(net);
    std::vector<int> zero_points;
    std::vector<bool> is_signed;
    for (const GraphLayer& layer : graph.layers) {
        zero_points.push_back(layer.output_zero_point);
        is_signed.push_back(layer.output_signed);
    }
    EXPECT_EQ(zero_points, (std::vector{128, 128, 0, 0, 0}));
    EXPECT_EQ(is_signed, (std::vector{false, false, true, false, true}));
}

TEST(NetworkYaml, GivenEveryKey_ThenTheTextReadsBackAsTheSameNetwork) {
    const std::string text = std::string("output_order: hwc\nhost_functions: [softmax, arg_max]\n") + test::gated;
    NetworkSpec net = parse_network(text, "net.yaml");
    net.name = "a \"name\": # with signs";
    net.input_mean = {0.1, 1.0 / 3.0};
    net.input_std = {0.5};
    net.input_order = MapOrder::hwc;
    net.layers[1].name = net.layers[2].inputs[0] = "strange: [name]";
    const std::string written = network_yaml(net);
    EXPECT_EQ(network_yaml(parse_network(written, "again.yaml")), written);
    const NetworkSpec again = parse_network(written, "again.yaml");
    EXPECT_EQ(again.name, net.name);
    EXPECT_EQ(again.input_mean, net.input_mean);
    EXPECT_EQ(again.host_functions, (std::vector{HostFunction::softmax, HostFunction::arg_max}));
    EXPECT_EQ(again.layers[2].activation_parameters, (std::vector{0.5, -0.25, 2.0}));
    EXPECT_EQ(again.layers[2].inputs, net.layers[2].inputs);
    EXPECT_EQ(build_graph(again).macs(), build_graph(net).macs());
    for (const char* network : {test::all_kinds, test::all_activations, space_text}) {
        const std::string plain = network_yaml(parse_network(network, "net.yaml"));
        EXPECT_EQ(network_yaml(parse_network(plain, "again.yaml")), plain);
    }
}

TEST(BuildGraph, GivenStrideAndPadding_ThenShapesAndWorkAreThoseOfTheConvolution) {
    const NetworkSpec net = parse_network(space_text, "net.yaml");
    const WorkloadGraph graph = build_graph(net.resolve(net.largest_path()));
    EXPECT_EQ(graph.layers[0].out, (Shape{16, 14, 14}));
    EXPECT_EQ(graph.layers[0].rows(), 25);
    EXPECT_EQ(graph.layers[1].out, (Shape{16, 1, 1}));
    EXPECT_EQ(graph.layers[2].rows(), 16);
    EXPECT_EQ(graph.macs(), 14 * 14 * 16 * 25 + 16 * 10);
    EXPECT_TRUE(graph.layers[2].is_output);
}

TEST(BuildGraph, GivenMistakes_ThenEachMessageNamesFileLineLayerAndRemedy) {
    const std::string head = "name: n\ninput: {channels: 3, height: 8, width: 8}\nlayers:\n";
    const auto with = [&](const std::string& layers) { return error_of(head + layers); };
    EXPECT_THAT(with("  - {name: a, type: convv, out_channels: 4, kernel: 3}"), HasSubstr("did you mean `conv`"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 4}"),
                HasSubstr("kernel 4 of `a` is even, so half of it is no padding"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 11, padding: 0}"),
                HasSubstr("net.yaml:4:5: layer `a`: window 11x11 is larger than its padded input map 8x8"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, groups: 2}"),
                HasSubstr("2 groups must divide"));
    EXPECT_THAT(with("  - {name: aa, type: conv, out_channels: 4, kernel: 3}\n"
                     "  - {name: b, type: add, inputs: [aaa, input]}"),
                HasSubstr("did you mean `aa`?"));
    EXPECT_THAT(with("  - {name: a, type: pad_channels, channel_padding: [-1, -2]}"),
                HasSubstr("leaves 0 channels of 3"));
    EXPECT_THAT(with("  - {name: a, type: pad_channels, channel_padding: [1]}"), HasSubstr("expected [before, after]"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, count_padding: false}"),
                HasSubstr("count_padding does not apply to layer `a`"));
    EXPECT_THAT(with("  - {name: a, type: activation, activation: elu, activation_parameters: [1, 2]}"),
                HasSubstr("elu takes 1, not 2"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}\n"
                     "  - {name: b, type: add, inputs: [a, input]}"),
                HasSubstr("`a` is 4x8x8, `input` is 3x8x8"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: hard_swich}"),
                HasSubstr("did you mean `hard_swish`"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 3, kernel: 3}\n"
                     "  - {name: b, type: add, inputs: [a, input], activation: sigmoid}"),
                HasSubstr("sigmoid belongs to conv, linear, scale and activation"));
    EXPECT_THAT(with("  - {name: a, type: max_pool, kernel: 2, activation: relu6}"), HasSubstr("takes no activation"));
    EXPECT_THAT(with("  - {name: a, type: linear, out_channels: 4, activation: sigmoid}"),
                HasSubstr("has no activation"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}\n"
                     "  - {name: b, type: linear, inputs: [input], out_channels: 4}"),
                HasSubstr("nothing reads this layer"));
    EXPECT_THAT(error_of("name: n\ninput: {channels: 3, height: 8, width: 8}\nlayers: []"),
                HasSubstr("one or more layers"));
}

TEST(BuildGraph, GivenKeysThatDoNotApply_ThenTheMessageSaysWhichDo) {
    const std::string head = "name: n\ninput: {channels: 3, height: 8, width: 8}\nlayers:\n";
    const auto with = [&](const std::string& layer) { return error_of(head + "  - {name: a, " + layer + "}"); };
    EXPECT_THAT(
        with("type: linear, out_channels: 4, stride: 2"),
        HasSubstr("net.yaml:4:5: stride does not apply to layer `a`: a layer of type linear takes out_channels"));
    EXPECT_THAT(with("type: add, kernel: 3"), HasSubstr("kernel does not apply to layer `a`: a layer of type add takes "
                                                        "inputs only"));
    EXPECT_THAT(with("type: avg_pool, kernel: 2, dilation: 2"), HasSubstr("dilation does not apply"));
    EXPECT_THAT(with("type: conv, out_channels: 4"), HasSubstr("needs a kernel"));
    EXPECT_THAT(with("type: conv, out_channels: 4, kernel: 3, kernel_hw: [1, 3]"), HasSubstr("either `kernel`"));
    EXPECT_THAT(with("type: conv, out_channels: 4, kernel_hw: [1, 3, 3]"), HasSubstr("expected [height, width]"));
    EXPECT_THAT(with("type: conv, out_channels: 4, kernel: 3, padding: [1, 1]"),
                HasSubstr("expected one number or [top, left, bottom, right]"));
    EXPECT_THAT(with("type: conv, out_channels: 4, kernel: 3, padding: [1, 1, 1, -1]"), HasSubstr("0 or more"));
    EXPECT_THAT(with("type: conv, out_channels: 4, kernel: [2, 3], padding: 0"), HasSubstr("must be odd"));
    EXPECT_THAT(with("type: max_pool, kernel: [2, 3]"), HasSubstr("one kernel, not a choice"));
    EXPECT_THAT(with("type: max_pool, kernel: 2, padding: 2"), HasSubstr("lies in the padding only"));
    EXPECT_THAT(with("type: add, inputs: [input]"), HasSubstr("takes 2 or more, not 1"));
}

TEST(BuildGraph, GivenWindowsThatAreNotSquare_ThenShapesAreThoseOfEachAxis) {
    const auto out = [](const std::string& window) {
        return build_graph(parse_network("name: n\ninput: {channels: 1, height: 9, width: 8}\nlayers: [{name: a, type: "
                                         "conv, out_channels: 2, " +
                                             window + "}]",
                                         "net.yaml"))
            .layers.front()
            .out;
    };
    EXPECT_EQ(out("kernel_hw: [1, 7]"), (Shape{2, 9, 8}));
    EXPECT_EQ(out("kernel_hw: [7, 1], padding: 0"), (Shape{2, 3, 8}));
    EXPECT_EQ(out("kernel: 2, stride: 2, padding: 0"), (Shape{2, 4, 4}));
    EXPECT_EQ(out("kernel: 4, padding: [1, 2, 2, 1]"), (Shape{2, 9, 8}));
    EXPECT_EQ(out("kernel: 3, dilation: 2"), (Shape{2, 9, 8})) << "half of the dilated kernel";
    EXPECT_EQ(out("kernel: 3, dilation: [2, 3], padding: 0"), (Shape{2, 5, 2}));
    EXPECT_EQ(out("kernel: 3, stride: [2, 1]"), (Shape{2, 5, 8}));
}

const char* two_heads = R"(
name: heads
input: {channels: 2, height: 6, width: 6}
outputs: [far, near]
layers:
  - {name: stem, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: near, type: conv, out_channels: 3, kernel: 3, stride: 3}
  - {name: deep, type: conv, inputs: [stem], out_channels: 4, kernel: 3, activation: relu}
  - {name: far, type: linear, out_channels: 5}
)";

TEST(BuildGraph, GivenAConcatenation_ThenItHasTheChannelsOfAllAndIsSignedWhenOneIs) {
    const std::string head =
        "name: n\ninput: {channels: 3, height: 8, width: 8}\nlayers:\n"
        "  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: tanh}\n"
        "  - {name: b, type: conv, inputs: [input], out_channels: 2, kernel: 3, activation: relu, ";
    const std::string tail =
        "  - {name: c, type: concat, inputs: [b, input, a]}\n"
        "  - {name: p, type: max_pool, kernel: 2}\n"
        "  - {name: d, type: conv, inputs: [b], out_channels: 1, kernel: 8, padding: 0}\n";
    EXPECT_THAT(error_of(head + "stride: 2}\n" + tail),
                HasSubstr("layer `c`: reads maps of different shapes: `b` is 2x4x4, `input` is 3x8x8"));
    EXPECT_THAT(error_of(head + "stride: 1}\n" + tail), HasSubstr("layer `p`: nothing reads this layer"));
    const WorkloadGraph graph =
        build_graph(parse_network(head + "stride: 1}\n" + tail.substr(0, tail.find("  - {name: p")) +
                                      "  - {name: e, type: add, inputs: [c, c], activation: relu}\n  - {name: f, type: "
                                      "linear, out_channels: 2}\n",
                                  "net.yaml"));
    EXPECT_EQ(graph.layers[2].out, (Shape{9, 8, 8}));
    EXPECT_TRUE(graph.layers[2].output_signed);
}

TEST(BuildGraph, GivenTwoOutputs_ThenLogitsFollowInTheirOrder) {
    WorkloadGraph graph = test::random_graph(two_heads);
    EXPECT_EQ(graph.outputs, (std::vector<int>{3, 1}));
    EXPECT_EQ(graph.logit_count(), 5 + 4 * 3);
    EXPECT_EQ(graph.first_logit(1), 5);
    const auto pixels = test::random_pixels(graph.input.size(), 5);
    const auto both = run_graph(graph, IntegerEngine(graph), pixels.data(), 0);
    set_outputs(graph, {1, 3});
    const auto turned = run_graph(graph, IntegerEngine(graph), pixels.data(), 0);
    std::vector<std::int32_t> expected(turned.begin() + 12, turned.end());
    expected.insert(expected.end(), turned.begin(), turned.begin() + 12);
    EXPECT_EQ(both, expected);
}

TEST(BuildGraph, GivenOutputsThatCannotBe_ThenTheMessageSaysWhy) {
    const auto with = [](const std::string& outputs) {
        std::string text = two_heads;
        return error_of(text.replace(text.find("[far, near]"), 11, outputs));
    };
    EXPECT_EQ(with("[near, far]"), "no error");
    EXPECT_THAT(with("[far]"), HasSubstr("layer `near`: nothing reads this layer"));
    EXPECT_THAT(with("[far, near, stem]"), HasSubstr("layer `stem`: an output"));
    EXPECT_THAT(with("[far, nearer]"), HasSubstr("`nearer` is listed twice or is no layer"));
    EXPECT_THAT(with("[far, near, far]"), HasSubstr("`far` is listed twice"));
}

TEST(BuildGraph, GivenEachActivation_ThenItsOutputIsSignedWhenItMayBeNegative) {
    const NetworkSpec net = parse_network(test::all_activations, "net.yaml");
    const WorkloadGraph graph = build_graph(net);
    const auto is_signed = [&](const char* name) {
        for (const GraphLayer& layer : graph.layers)
            if (layer.name == name)
                return layer.output_signed;
        throw Error(name);
    };
    EXPECT_FALSE(is_signed("relu6"));
    EXPECT_FALSE(is_signed("sigmoid"));
    EXPECT_TRUE(is_signed("tanh"));
    EXPECT_TRUE(is_signed("hard_swish"));
    EXPECT_TRUE(is_signed("leaky_relu"));
}

struct NetworkFile {
    const char* name;
    std::int64_t weights, macs;
};

/// A block of two 3 x 3 convolutions, the first from `in` channels, on maps of `positions`; a 1 x 1 shortcut if they differ.
constexpr std::int64_t block_weights(std::int64_t in, std::int64_t out) {
    return 9 * in * out + 9 * out * out + (in == out ? 0 : in * out);
}

class NetworkFiles : public testing::TestWithParam<NetworkFile> {};

TEST_P(NetworkFiles, GivenTheFile_ThenWeightsAndMultiplyAddsAreThoseOfTheFormulas) {
    const NetworkSpec net =
        load_network(std::string(XLOOP_SOURCE_DIR "/configs/networks/") + GetParam().name + ".yaml");
    const WorkloadGraph graph = build_graph(net);
    EXPECT_EQ(graph.name, GetParam().name);
    std::int64_t weights = 0;
    for (const GraphLayer& layer : graph.layers)
        weights += layer.on_crossbars() ? std::int64_t{layer.out.channels} * layer.rows() : 0;
    EXPECT_EQ(weights, GetParam().weights);
    EXPECT_EQ(graph.macs(), GetParam().macs);
}

constexpr std::int64_t vgg_1 = 9 * (3 * 128 + 128 * 128), vgg_2 = 9 * (128 * 256 + 256 * 256),
                       vgg_3 = 9 * (256 * 512 + 512 * 512), vgg_linear = 4 * 4 * 512 * 1024 + 1024 * 10;
constexpr std::int64_t res18_1 = 9 * 3 * 64 + 2 * block_weights(64, 64),
                       res18_2 = block_weights(64, 128) + block_weights(128, 128),
                       res18_3 = block_weights(128, 256) + block_weights(256, 256),
                       res18_4 = block_weights(256, 512) + block_weights(512, 512);
constexpr std::int64_t res20_1 = 9 * 3 * 16 + 3 * block_weights(16, 16),
                       res20_2 = block_weights(16, 32) + 2 * block_weights(32, 32),
                       res20_3 = block_weights(32, 64) + 2 * block_weights(64, 64);
constexpr std::int64_t mobile_1 = 9 * 3 * 16 + 9 * 16 + 16 * 32,
                       mobile_2 = 9 * 32 + 32 * 64 + 64 * 256 + 9 * 256 + 256 * 64, mobile_3 = 9 * 64 + 64 * 128;
constexpr std::int64_t branches_1 = 9 * 3 * 16 + 2 * block_weights(16, 16), branches_2 = block_weights(16, 32);

INSTANTIATE_TEST_SUITE_P(Configs, NetworkFiles,
                         testing::Values(NetworkFile{"vgg8_32x32", vgg_1 + vgg_2 + vgg_3 + vgg_linear,
                                                     1024 * vgg_1 + 256 * vgg_2 + 64 * vgg_3 + vgg_linear},
                                         NetworkFile{
                                             "resnet18_32x32", res18_1 + res18_2 + res18_3 + res18_4 + 5120,
                                             1024 * res18_1 + 256 * res18_2 + 64 * res18_3 + 16 * res18_4 + 5120},
                                         NetworkFile{"resnet20", res20_1 + res20_2 + res20_3 + 640,
                                                     1024 * res20_1 + 256 * res20_2 + 64 * res20_3 + 640},
                                         NetworkFile{"mobile_block_32x32", mobile_1 + mobile_2 + mobile_3 + 1280,
                                                     1024 * mobile_1 + 256 * mobile_2 + 64 * mobile_3 + 1280},
                                         NetworkFile{"branches_16x16", branches_1 + branches_2 + 320,
                                                     256 * branches_1 + 64 * branches_2 + 320}),
                         [](const auto& tested) { return std::string(tested.param.name); });

/// Parameters as the authors or the model zoos state them.
struct Published {
    const char* file;
    std::int64_t parameters;
};
class PublishedNetworks : public testing::TestWithParam<Published> {};

TEST_P(PublishedNetworks, GivenTheFile_ThenItHasTheParametersThatArePublished) {
    const NetworkSpec spec =
        load_network(std::string(XLOOP_SOURCE_DIR "/configs/networks/") + GetParam().file + ".yaml");
    EXPECT_EQ(parameter_count(spec), GetParam().parameters);
    EXPECT_EQ(network_yaml(parse_network(network_yaml(spec), "again.yaml")), network_yaml(spec));
}

INSTANTIATE_TEST_SUITE_P(Configs, PublishedNetworks,
                         testing::Values(Published{"lenet5", 61706}, Published{"vgg11_224x224", 132863336},
                                         Published{"vgg16_224x224", 138357544}, Published{"vgg11_32x32", 9228362},
                                         Published{"vgg16_32x32", 14724042}, Published{"resnet10_32x32", 4903242},
                                         Published{"resnet18_32x32", 11173962}, Published{"resnet20", 272474},
                                         Published{"resnet32", 464154}, Published{"resnet56", 853018},
                                         Published{"resnet18_224x224", 11689512},
                                         Published{"resnet50_224x224", 25557032}, Published{"wrn16_4", 2748890},
                                         Published{"mobilenetv2_224x224", 3504872},
                                         Published{"squeezenet1_1_224x224", 1235496}),
                         [](const auto& tested) { return std::string(tested.param.file); });

std::string text_of(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

class WorkloadFile : public testing::Test {
protected:
    WorkloadFile() { std::filesystem::remove_all(dir_); }
    ~WorkloadFile() override { std::filesystem::remove_all(dir_); }

    /// What loading says of the saved file with `to` in the place of the first `from`; the file stays as it was.
    std::string error_with(const std::string& from, const std::string& to) const {
        const std::string path = dir_ + "/workload.yaml", text = text_of(path);
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        std::ofstream(path) << changed;
        std::string error = "no error";
        try {
            load_workload(path);
        } catch (const InputError& e) {
            error = e.what();
        }
        std::ofstream(path) << text;
        return error;
    }

    std::string dir_ = testing::TempDir() + "xloop_workload_" + std::to_string(::getpid());
};

TEST_F(WorkloadFile, GivenASavedWorkload_ThenLoadingGivesTheSameNetwork) {
    const WorkloadGraph graph = test::random_graph(test::all_kinds);
    save_workload(graph, dir_);
    const WorkloadGraph loaded = load_workload(dir_ + "/workload.yaml");
    ASSERT_EQ(loaded.layers.size(), graph.layers.size());
    EXPECT_EQ(loaded.macs(), graph.macs());
    for (std::size_t i = 0; i < graph.layers.size(); ++i) {
        const GraphLayer &a = graph.layers[i], &b = loaded.layers[i];
        EXPECT_EQ(a.name, b.name);
        EXPECT_EQ(a.inputs, b.inputs);
        EXPECT_EQ(a.out, b.out);
        EXPECT_EQ(a.output_signed, b.output_signed);
        EXPECT_EQ(a.is_output, b.is_output);
        EXPECT_EQ(a.window, b.window);
        EXPECT_EQ(a.output_zero_point, b.output_zero_point);
        EXPECT_EQ(a.activation, b.activation);
        if (a.on_crossbars()) {
            EXPECT_EQ(*a.weights, *b.weights);
            EXPECT_EQ(*a.bias, *b.bias);
        }
        ASSERT_EQ(a.rescale.size(), b.rescale.size());
        for (std::size_t r = 0; r < a.rescale.size(); ++r) {
            EXPECT_EQ(a.rescale[r].multiplier, b.rescale[r].multiplier);
            EXPECT_EQ(a.rescale[r].shift, b.rescale[r].shift);
        }
    }
}

TEST_F(WorkloadFile, GivenEveryActivation_ThenLoadingGivesTheSameTablesAndLogits) {
    const WorkloadGraph graph = test::random_graph(test::all_activations);
    save_workload(graph, dir_);
    const WorkloadGraph loaded = load_workload(dir_ + "/workload.yaml");
    for (std::size_t i = 0; i < graph.layers.size(); ++i) {
        const GraphLayer &a = graph.layers[i], &b = loaded.layers[i];
        ASSERT_EQ(a.table == nullptr, b.table == nullptr);
        if (!a.table)
            continue;
        ASSERT_EQ(a.table->input_signed(), b.table->input_signed());
        const int low = a.table->input_signed() ? -128 : 0;
        for (int sum = low; sum < low + 256; ++sum)
            EXPECT_EQ((*a.table)[static_cast<Activation>(sum)], (*b.table)[static_cast<Activation>(sum)])
                << a.name << ' ' << sum;
    }
    const auto pixels = test::random_pixels(graph.input.size(), 5);
    EXPECT_EQ(run_graph(graph, IntegerEngine(graph), pixels.data(), 0),
              run_graph(loaded, IntegerEngine(loaded), pixels.data(), 0));
}

TEST_F(WorkloadFile, GivenActivationsThatDoNotFit_ThenLoadingSaysWhat) {
    save_workload(test::random_graph(test::all_activations), dir_);
    EXPECT_EQ(error_with("activation: tanh", "activation: tanh"), "no error");
    EXPECT_THAT(error_with("activation: tanh", "activation: tamh"), HasSubstr("did you mean `tanh`"));
    EXPECT_THAT(error_with("activation: tanh", "activation: sigmoid"), HasSubstr("output_signed: does not follow"));
    EXPECT_THAT(error_with("activation: tanh", "activation: none"), HasSubstr("does not take a positive step"));
    EXPECT_THAT(error_with("activation: none", "activation: tanh"), HasSubstr("needs a positive step"));
    EXPECT_THAT(error_with("activation: none", "activation: relu"), HasSubstr("output_signed: does not follow"));
}

TEST_F(WorkloadFile, GivenTwoHeadsZeroPointsAndOddWindows_ThenLoadingGivesTheSameLogits) {
    std::string text = two_heads;
    text.replace(text.find("kernel: 3, stride: 3"), 20,
                 "kernel_hw: [2, 3], stride: [3, 2], dilation: [1, 2], padding: [0, 2, 1, 1]");
    WorkloadGraph graph = test::random_graph(text);
    graph.input_zero_point = 31;
    graph.layers[0].output_zero_point = 17;
    save_workload(graph, dir_);
    const WorkloadGraph loaded = load_workload(dir_ + "/workload.yaml");
    EXPECT_EQ(loaded.outputs, graph.outputs);
    EXPECT_EQ(loaded.layers[1].window, graph.layers[1].window);
    const auto pixels = test::random_pixels(graph.input.size(), 5);
    EXPECT_EQ(run_graph(graph, IntegerEngine(graph), pixels.data(), 0),
              run_graph(loaded, IntegerEngine(loaded), pixels.data(), 0));
}

TEST_F(WorkloadFile, GivenWidthsOfTheirOwn_ThenLoadingGivesTheSameLogitsAndEightBitsAreNotWritten) {
    for (const char* network : {test::all_kinds, test::all_activations, test::gated}) {
        WorkloadGraph graph = test::random_graph(network);
        save_workload(graph, dir_);
        EXPECT_THAT(text_of(dir_ + "/workload.yaml"), testing::Not(HasSubstr("_bits")));
        std::vector<LayerBits> bits(graph.layers.size(), {8, 8});
        for (std::size_t l = 0; l < bits.size(); ++l)
            bits[l] = {static_cast<int>(l % 8) + 1, static_cast<int>(l % 3) * 2 + 3};
        set_precision(graph, bits);
        save_workload(graph, dir_);
        const WorkloadGraph loaded = load_workload(dir_ + "/workload.yaml");
        EXPECT_EQ(loaded.input_bits, 3);
        for (std::size_t l = 0; l < bits.size(); ++l) {
            EXPECT_EQ(loaded.layers[l].output_bits, graph.layers[l].output_bits);
            EXPECT_EQ(loaded.layers[l].weight_bits, graph.layers[l].weight_bits);
        }
        const auto pixels = test::random_pixels(graph.input.size(), 5);
        EXPECT_EQ(run_graph(graph, IntegerEngine(graph), pixels.data(), 0),
                  run_graph(loaded, IntegerEngine(loaded), pixels.data(), 0));
    }
}

TEST_F(WorkloadFile, GivenValuesBeyondTheirWidth_ThenLoadingSaysWhat) {
    WorkloadGraph graph = test::random_graph(test::all_kinds);
    set_precision(graph, std::vector<LayerBits>(graph.layers.size(), {2, 4}));
    save_workload(graph, dir_);
    EXPECT_EQ(error_with("output_bits: 4", "output_bits: 4"), "no error");
    EXPECT_THAT(error_with("output_bits: 4", "output_bits: 9"), HasSubstr("output_bits"));
    EXPECT_THAT(error_with("weight_bits: 2", "weight_bits: 0"), HasSubstr("weight_bits"));
    EXPECT_THAT(error_with("weight_bits: 2", "weight_bits: 1"), HasSubstr("weight 0 is outside {-1, 1}"));
    EXPECT_THAT(error_with("input_bits: 4", "input_bits: 9"), HasSubstr("input_bits"));
    EXPECT_THAT(error_with("input_zero_point: 0", "input_zero_point: 16"),
                HasSubstr("input_zero_point: expected 0 to 15"));
    EXPECT_THAT(error_with("zero_point: 0, output_bits", "zero_point: 16, output_bits"),
                HasSubstr("zero_point: expected 0 to 15"));
    const std::string text = text_of(dir_ + "/workload.yaml");
    const std::size_t pool = text.find("peak"), at = text.find("output_bits: 4", pool);
    EXPECT_THAT(error_with(text.substr(pool, at + 14 - pool), text.substr(pool, at - pool) + "output_bits: 5"),
                HasSubstr("output_bits: a layer of type max_pool keeps those of its input"));
    const std::size_t left = text.find("left"), signed_bits = text.find("output_bits: 4", left);
    EXPECT_THAT(error_with(text.substr(left, signed_bits + 14 - left),
                           text.substr(left, signed_bits - left) + "output_bits: 1"),
                HasSubstr("output_bits: expected 2 (a signed edge) or more"));
    graph.layers.back().weights =
        std::make_shared<const std::vector<std::int8_t>>(graph.layers.back().weights->size(), std::int8_t{-2});
    save_workload(graph, dir_);
    EXPECT_THAT(error_with("output_bits: 4", "output_bits: 4"), HasSubstr("weight -2 is outside [-1, 1]"));
}

/// A file of version 2: stride and padding are one number, the output is the last layer.
const char* version_2 = R"(format: xloop-workload-2
name: "old"
input: [1, 3, 3]
input_scale: 0.0039215686274509803
weights: weights.bin
layers:
  - {name: "pool", type: max_pool, inputs: [-1],
     in: [1, 3, 3], out: [1, 2, 2], kernel: [2, 2], stride: 2, padding: 1, groups: 1,
     activation: none, output_signed: false, output_scale: 0.0039215686274509803}
  - {name: "logits", type: linear, inputs: [0],
     in: [1, 2, 2], out: [1, 1, 1], kernel: [2, 2], stride: 1, padding: 0, groups: 1,
     activation: none, output_signed: true, output_scale: 0.5}
)";

TEST_F(WorkloadFile, GivenVersion2_ThenItMeansWhatItMeant) {
    std::filesystem::create_directories(dir_);
    std::ofstream(dir_ + "/workload.yaml") << version_2;
    const signed char blob[] = {1, 2, 3, 4, 10, 0, 0, 0};  // four weights and a bias
    std::ofstream(dir_ + "/weights.bin", std::ios::binary).write(reinterpret_cast<const char*>(blob), sizeof blob);
    const WorkloadGraph graph = load_workload(dir_ + "/workload.yaml");
    EXPECT_EQ(graph.layers[0].window, (Window{{2, 2, 1, 1, 1}, {2, 2, 1, 1, 1}}));
    EXPECT_EQ(graph.outputs, (std::vector<int>{1}));
    const std::vector<std::uint8_t> image = {1, 2, 3, 4, 5,
                                             6, 7, 8, 9};  // largest of {1}, {2, 3}, {4, 7}, {5, 6, 8, 9}
    EXPECT_EQ(run_graph(graph, IntegerEngine(graph), image.data(), 0),
              (std::vector<std::int32_t>{1 * 1 + 2 * 3 + 3 * 7 + 4 * 9 + 10}));
}

TEST_F(WorkloadFile, GivenAnotherVersion_ThenOneLineSaysWhatToDo) {
    for (const char* version : {"xloop-workload-1", "xloop-workload-4", "-1"}) {
        std::filesystem::create_directories(dir_);
        std::ofstream(dir_ + "/workload.yaml") << "format: " << version << "\nwhatever: [1]\n";
        try {
            load_workload(dir_ + "/workload.yaml");
            FAIL() << version;
        } catch (const InputError& e) {
            EXPECT_THAT(e.what(), HasSubstr(std::string("workload.yaml:1:9: format: expected xloop-workload-3 or "
                                                        "xloop-workload-2, got `") +
                                            version + "`; make the workload again"));
            EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
        }
    }
}

TEST_F(WorkloadFile, GivenTruncatedWeights_ThenTheMessageSaysHowManyBytesWereExpected) {
    save_workload(test::random_graph(test::all_kinds), dir_);
    const auto size = std::filesystem::file_size(dir_ + "/weights.bin");
    std::filesystem::resize_file(dir_ + "/weights.bin", size - 1);
    try {
        load_workload(dir_ + "/workload.yaml");
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("expected " + std::to_string(size) + " bytes"));
    }
}

TEST_F(WorkloadFile, GivenShapesThatDoNotFit_ThenLoadingRefuses) {
    save_workload(test::random_graph(test::all_kinds), dir_);
    std::ifstream in(dir_ + "/workload.yaml");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    text.replace(text.find("stride: [2, 2]"), 14, "stride: [3, 2]");
    std::ofstream(dir_ + "/workload.yaml") << text;
    EXPECT_THROW(load_workload(dir_ + "/workload.yaml"), InputError);
}

}  // namespace
}  // namespace xloop
