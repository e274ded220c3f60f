#include "core/error.hpp"
#include "core/workload/workload_graph.hpp"
#include "tests/support.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

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
    Path path = net.largest_path();
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
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, groups: 2}"), HasSubstr("2 groups must divide"));
    EXPECT_THAT(with("  - {name: aa, type: conv, out_channels: 4, kernel: 3}\n"
                     "  - {name: b, type: add, inputs: [aaa, input]}"),
                HasSubstr("did you mean `aa`?"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3}\n"
                     "  - {name: b, type: conv, out_channels: 4, kernel: 3}"),
                HasSubstr("reads the signed output of `a`"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}\n"
                     "  - {name: b, type: add, inputs: [a, input]}"),
                HasSubstr("`a` is 4x8x8, `input` is 3x8x8"));
    EXPECT_THAT(with("  - {name: a, type: max_pool, kernel: 2}"), HasSubstr("last layer must be a conv or linear"));
    EXPECT_THAT(with("  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}\n"
                     "  - {name: b, type: linear, inputs: [input], out_channels: 4}"),
                HasSubstr("nothing reads this layer"));
    EXPECT_THAT(error_of("name: n\ninput: {channels: 3, height: 8, width: 8}\nlayers: []"), HasSubstr("one or more layers"));
}

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
