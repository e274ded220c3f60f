#include "core/error.hpp"
#include "core/files.hpp"
#include "dnn/import/import.hpp"
#include "dnn/import/onnx_export.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>
#include <cmath>
#include <filesystem>
#include <map>

namespace xloop {
namespace {

std::string temporary(const char* name) {
    return testing::TempDir() + "xloop_export_" + std::to_string(::getpid()) + "_" + name;
}

/// With weights that are numbers in a row.
FloatNetwork numbered(const std::string& yaml) {
    FloatNetwork network{parse_network(yaml, "net.yaml"), {}};
    float next = 0.0f;
    for (const TensorShape& shape : tensor_shapes(network.spec)) {
        FloatTensor& tensor = network.tensors[shape.name];
        tensor.shape = shape.shape;
        for (std::int64_t i = 0; i < FloatTensor::count(shape.shape); ++i)
            tensor.values.push_back((next = std::fmod(next + 0.37f, 2.0f)) - (shape.trained ? 1.0f : -0.5f));
    }
    return network;
}

FloatNetwork there_and_back(const FloatNetwork& network) {
    const std::string path = temporary("float.onnx");
    export_onnx(network, path);
    Imported back = import_onnx(path, {});
    std::filesystem::remove(path);
    return back.network;
}

/// Everything but names.
std::string structure(NetworkSpec spec) {
    std::map<std::string, std::string> renamed = {{"input", "input"}};
    spec.name = "n";
    for (LayerSpec& layer : spec.layers) {
        renamed[layer.name] = "l" + std::to_string(renamed.size());
        layer.name = renamed[layer.name];
        for (std::string& input : layer.inputs)
            input = renamed.at(input);
        if (layer.padding.size() == 1 && layer.padding.front() < 0 && !layer.kernel.empty())
            layer.padding = {traits_of(layer.kind).window == WindowRule::half_padded
                                 ? layer.dilation.front() * (layer.kernel.front() / 2)
                                 : 0};
    }
    for (std::string& output : spec.outputs)
        output = renamed.at(output);
    return network_yaml(spec);
}

TEST(Export, GivenAnExportedNetwork_ThenItsImportIsTheSame) {
    for (const char* yaml : {R"(
name: one
input: {channels: 2, height: 8, width: 8, mean: [0.5, 0.25], std: [0.5, 0.75], order: hwc}
host_functions: [softmax]
layers:
  - {name: stem, type: conv, out_channels: 12, kernel: 3, batch_norm: true, activation: relu}
  - {name: deep, type: conv, out_channels: 12, kernel: 3, groups: 0, activation: relu6}
  - {name: left, type: conv, out_channels: 12, kernel: 3, groups: 3}
  - {name: sum, type: add, inputs: [left, stem], activation: relu}
  - {name: half, type: conv, out_channels: 10, kernel: 5, stride: 2, activation: hard_swish}
  - {name: peak, type: max_pool, kernel: 3, stride: 1, padding: 1}
  - {name: mean, type: avg_pool, kernel: 2, stride: 2}
  - {name: logits, type: conv, out_channels: 10, kernel: 2, padding: 0}
)",
                             R"(
name: two
input: {channels: 2, height: 7, width: 6}
layers:
  - {name: stem, type: conv, out_channels: 6, kernel: 3, activation: silu}
  - {name: squeeze, type: avg_pool, kernel: 0}
  - {name: reduce, type: conv, out_channels: 3, kernel: 1, activation: prelu, activation_parameters: [0.5, -0.25, 2]}
  - {name: gate, type: conv, out_channels: 6, kernel: 1, activation: hard_sigmoid, activation_parameters: [0.25, 0.5]}
  - {name: scaled, type: multiply, inputs: [stem, gate]}
  - {name: mean, type: avg_pool, kernel: 3, stride: 2, padding: 1, count_padding: false}
  - {name: left, type: conv, out_channels: 5, kernel: 3, activation: elu, activation_parameters: [0.5]}
  - {name: right, type: conv, inputs: [mean], out_channels: 5, kernel: 1, activation: clip, activation_parameters: [-2, 3]}
  - {name: joined, type: concat, inputs: [left, right]}
  - {name: a, type: conv, out_channels: 4, kernel: 1, activation: gelu}
  - {name: b, type: conv, inputs: [joined], out_channels: 4, kernel: 1, activation: mish}
  - {name: sum, type: add, inputs: [a, b]}
  - {name: logits, type: conv, out_channels: 5, kernel: 3, padding: 0}
)"}) {
        const FloatNetwork network = numbered(yaml), back = there_and_back(network);
        EXPECT_EQ(structure(back.spec), structure(network.spec));
        ASSERT_EQ(back.tensors.size(), network.tensors.size());
        for (std::size_t l = 0; l < network.spec.layers.size(); ++l)
            for (const char* part : {".weight", ".bias", ".gamma", ".beta", ".mean", ".variance"}) {
                const auto own = network.tensors.find(network.spec.layers[l].name + part);
                if (own != network.tensors.end()) {
                    EXPECT_EQ(back.tensors.at(back.spec.layers[l].name + part).values, own->second.values)
                        << own->first;
                }
            }
    }
}

TEST(Export, GivenIntegers_ThenScalesAndZeroPointsAreThoseOfTheGraph) {
    WorkloadGraph graph = test::random_graph(test::all_kinds);
    graph.input_zero_point = 17;
    const std::string path = temporary("qdq.onnx");
    NetworkSpec spec = parse_network(test::all_kinds, "net.yaml");
    export_onnx(graph, spec, path);
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(read_file(path)));
    std::filesystem::remove(path);
    std::map<std::string, const onnx::TensorProto*> constants;
    for (const auto& constant : model.graph().initializer())
        constants[constant.name()] = &constant;
    EXPECT_EQ(static_cast<std::uint8_t>(constants.at("input.zero")->raw_data()[0]), 17);
    // A weight's step times the input's is the step of the sums, which the rescaling factor takes to the output's.
    const GraphLayer& layer = graph.layers[0];
    for (const auto& node : model.graph().node())
        if (node.op_type() == "DequantizeLinear" && node.input(0) == layer.name + ".weight") {
            float step = 0.0f;
            std::memcpy(&step, constants.at(node.input(1))->raw_data().data(), sizeof step);
            EXPECT_NEAR(step * graph.input_scale / layer.output_scale, layer.rescale[0].real(), 1e-6);
        }
    // [out][ky][kx][in] became [out][in][ky][kx]; the zero point's share is not in the bias.
    const std::string& values = constants.at(layer.name + ".weight")->raw_data();
    EXPECT_EQ(static_cast<std::int8_t>(values[9 + 4]), (*layer.weights)[4 * 2 + 1]);
    std::int32_t bias = 0;
    std::memcpy(&bias, constants.at(layer.name + ".bias")->raw_data().data(), sizeof bias);
    int sum = 0;
    for (int r = 0; r < layer.rows(); ++r)
        sum += (*layer.weights)[static_cast<std::size_t>(r)];
    EXPECT_EQ(bias, (*layer.bias)[0] + 17 * sum);
    EXPECT_THROW(
        {
            graph.layers[0].weight_bits = 4;
            export_onnx(graph, spec, path);
        },
        Error);
}

}  // namespace
}  // namespace xloop
