#include "core/error.hpp"
#include "core/workload/executor.hpp"
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
    path[0].kernel = 7;
    EXPECT_THROW(net.resolve(path), Error);
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
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 4}"), HasSubstr("must be odd, got 4"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 11, padding: 0}"),
                HasSubstr("net.yaml:4:5: layer `a`: window 11x11 is larger than its padded input map 8x8"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, groups: 2}"),
                HasSubstr("2 groups must divide"));
    EXPECT_THAT(with("  - {name: aa, type: conv, out_channels: 4, kernel: 3}\n"
                     "  - {name: b, type: add, inputs: [aaa, input]}"),
                HasSubstr("did you mean `aa`?"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3}\n"
                     "  - {name: b, type: conv, out_channels: 4, kernel: 3}"),
                HasSubstr("reads the signed output of `a`"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}\n"
                     "  - {name: b, type: add, inputs: [a, input]}"),
                HasSubstr("`a` is 4x8x8, `input` is 3x8x8"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: tanh}\n"
                     "  - {name: b, type: linear, out_channels: 4}"),
                HasSubstr("never negative (relu, relu6, sigmoid)"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: hard_swich}"),
                HasSubstr("did you mean `hard_swish`"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 3, kernel: 3}\n"
                     "  - {name: b, type: add, inputs: [a, input], activation: sigmoid}"),
                HasSubstr("sigmoid belongs to conv and linear"));
    EXPECT_THAT(with("  - {name: a, type: max_pool, kernel: 2, activation: relu6}"), HasSubstr("takes no activation"));
    EXPECT_THAT(with("  - {name: a, type: linear, out_channels: 4, activation: sigmoid}"),
                HasSubstr("without activation"));
    EXPECT_THAT(with("  - {name: a, type: max_pool, kernel: 2}"), HasSubstr("last layer must be a conv or linear"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}\n"
                     "  - {name: b, type: linear, inputs: [input], out_channels: 4}"),
                HasSubstr("nothing reads this layer"));
    EXPECT_THAT(error_of("name: n\ninput: {channels: 3, height: 8, width: 8}\nlayers: []"),
                HasSubstr("one or more layers"));
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
    EXPECT_EQ(graph.weight_count(), GetParam().weights);
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

class WorkloadFile : public testing::Test {
protected:
    WorkloadFile() { std::filesystem::remove_all(dir_); }
    ~WorkloadFile() override { std::filesystem::remove_all(dir_); }
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
    const std::string path = dir_ + "/workload.yaml";
    std::ifstream in(path);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto error_with = [&](const std::string& from, const std::string& to) -> std::string {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        std::ofstream(path) << changed;
        try {
            load_workload(path);
        } catch (const InputError& e) {
            return e.what();
        }
        return "no error";
    };
    EXPECT_EQ(error_with("activation: tanh", "activation: tanh"), "no error");
    EXPECT_THAT(error_with("activation: tanh", "activation: tamh"), HasSubstr("did you mean `tanh`"));
    EXPECT_THAT(error_with("activation: tanh", "activation: sigmoid"), HasSubstr("output_signed: does not follow"));
    EXPECT_THAT(error_with("activation: tanh", "activation: none"), HasSubstr("does not take a positive step"));
    EXPECT_THAT(error_with("activation: none", "activation: tanh"), HasSubstr("needs a positive step"));
    EXPECT_THAT(error_with("activation: none", "activation: relu"), HasSubstr("the output layer has none"));
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
    text.replace(text.find("stride: 2"), 9, "stride: 3");
    std::ofstream(dir_ + "/workload.yaml") << text;
    EXPECT_THROW(load_workload(dir_ + "/workload.yaml"), InputError);
}

}  // namespace
}  // namespace xloop
