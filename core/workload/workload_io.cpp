#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/workload/workload_graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cstring>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "weights.bin is little-endian and written as it lies in memory");

constexpr const char* format_name = "xloop-workload-2";

std::string list_of(const std::vector<int>& values) { return fmt::format("[{}]", fmt::join(values, ", ")); }

std::string layer_yaml(const GraphLayer& layer) {
    std::vector<int> multipliers, shifts;
    for (const Rescale& r : layer.rescale) {
        multipliers.push_back(r.multiplier);
        shifts.push_back(r.shift);
    }
    std::string text = fmt::format(
        "  - {{name: \"{}\", type: {}, inputs: {},\n"
        "     in: [{}, {}, {}], out: [{}, {}, {}], kernel: [{}, {}], stride: {}, padding: {}, groups: {},\n"
        "     activation: {}, output_signed: {}, output_scale: {:.17g}",
        layer.name, name_of(layer.kind), list_of(layer.inputs), layer.in.channels, layer.in.height, layer.in.width,
        layer.out.channels, layer.out.height, layer.out.width, layer.kernel_h, layer.kernel_w, layer.stride,
        layer.padding, layer.groups, name_of(layer.activation), layer.output_signed, layer.output_scale);
    if (layer.table)
        text += fmt::format(", table_step: {:.17g}", layer.table_step);
    if (!layer.rescale.empty())
        text += fmt::format(",\n     multipliers: {},\n     shifts: {}", list_of(multipliers), list_of(shifts));
    if (layer.adc_range_levels > 0.0)
        text += fmt::format(",\n     adc_range_levels: {:.17g}", layer.adc_range_levels);
    return text + "}\n";
}

[[noreturn]] void fail(const config::Node& node, const std::string& message) {
    throw InputError(node.location.str() + ": " + message);
}

struct LayerText {
    std::string kind, activation;
    std::vector<int> in, out, kernel, multipliers, shifts;
};

Shape shape_of(const config::Node& node, const std::vector<int>& dims, const char* key) {
    if (dims.size() != 3)
        fail(node, std::string(key) + ": expected [channels, height, width]");
    return {dims[0], dims[1], dims[2]};
}

GraphLayer read_layer(const config::Node& node, int index) {
    GraphLayer layer;
    LayerText text;
    config::Section s("one layer");
    s.value("name", layer.name).required().doc("name");
    s.value("type", text.kind).required().one_of({"conv", "linear", "max_pool", "avg_pool", "add"}).doc("kind");
    s.value("inputs", layer.inputs).required().range(-1, index - 1).doc("indices of earlier layers, -1 = input");
    s.value("in", text.in).required().at_least(1).doc("input shape");
    s.value("out", text.out).required().at_least(1).doc("output shape");
    s.value("kernel", text.kernel).required().at_least(1).doc("window height and width");
    s.value("stride", layer.stride).required().at_least(1).doc("stride");
    s.value("padding", layer.padding).required().at_least(0).doc("padding");
    s.value("groups", layer.groups).required().at_least(1).doc("channel groups");
    s.value("activation", text.activation).required().one_of(activation_names()).doc("activation");
    s.value("output_signed", layer.output_signed).required().doc("signed output edge");
    s.value("output_scale", layer.output_scale).required().above(0).doc("real value of a step");
    s.value("table_step", layer.table_step)
        .at_least(0)
        .doc("real value of a step of the sums; 0 = no table")
        .source("convention");
    s.value("adc_range_levels", layer.adc_range_levels)
        .at_least(0)
        .doc("calibrated range of the ADCs; 0 = none")
        .source("convention");
    s.value("multipliers", text.multipliers).at_least(0).doc("of the rescaling factors").source("convention");
    s.value("shifts", text.shifts).range(0, 62).doc("of the rescaling factors").source("convention");
    config::read(node, s);
    for (LayerKind kind :
         {LayerKind::conv, LayerKind::linear, LayerKind::max_pool, LayerKind::avg_pool, LayerKind::add})
        if (text.kind == name_of(kind))
            layer.kind = kind;
    layer.activation = activation_named(text.activation);
    if (needs_table(layer.activation) != (layer.table_step > 0.0))
        fail(node, fmt::format("table_step: activation {} {} a positive step", text.activation,
                               needs_table(layer.activation) ? "needs" : "does not take"));
    layer.make_table();
    layer.in = shape_of(node, text.in, "in");
    layer.out = shape_of(node, text.out, "out");
    if (text.kernel.size() != 2)
        fail(node, "kernel: expected [height, width]");
    layer.kernel_h = text.kernel[0];
    layer.kernel_w = text.kernel[1];
    if (text.multipliers.size() != text.shifts.size())
        fail(node, "multipliers and shifts must be of equal length");
    for (std::size_t i = 0; i < text.multipliers.size(); ++i)
        layer.rescale.push_back({text.multipliers[i], text.shifts[i]});
    return layer;
}

bool is_signed(const WorkloadGraph& graph, int index) {
    return index >= 0 && graph.layers[static_cast<std::size_t>(index)].output_signed;
}

/// Every relation that the arithmetic relies on; a file edited by hand must not make it read out of bounds.
void check_layer(const WorkloadGraph& graph, std::size_t index, const config::Node& node) {
    const GraphLayer& layer = graph.layers[index];
    const bool is_add = layer.kind == LayerKind::add;
    if (layer.inputs.empty() || (!is_add && layer.inputs.size() != 1))
        fail(node, "inputs: wrong number for this kind of layer");
    for (int i : layer.inputs)
        if ((i < 0 ? graph.input : graph.layers[static_cast<std::size_t>(i)].out) != layer.in)
            fail(node, "in: is not the shape of the layer's input");
    if (layer.in.channels % layer.groups != 0 || layer.out.channels % layer.groups != 0)
        fail(node, "groups: must divide the input and output channels");
    const auto out_size = [&](int in, int kernel) { return (in + 2 * layer.padding - kernel) / layer.stride + 1; };
    const bool fits =
        layer.kernel_h <= layer.in.height + 2 * layer.padding && layer.kernel_w <= layer.in.width + 2 * layer.padding;
    if (!fits || layer.out.height != out_size(layer.in.height, layer.kernel_h) ||
        layer.out.width != out_size(layer.in.width, layer.kernel_w))
        fail(node, "out: does not follow from in, kernel, stride and padding");
    if (!layer.on_crossbars() && layer.out.channels != layer.in.channels)
        fail(node, "out: this kind of layer keeps the number of channels");
    if (layer.on_crossbars() && is_signed(graph, layer.inputs.front()))
        fail(node, "inputs: row drivers take unsigned values, this input is signed");
    if (layer.kind == LayerKind::linear && (layer.kernel_h != layer.in.height || layer.kernel_w != layer.in.width))
        fail(node, "kernel: the window of a linear layer is its whole input map");
    if (layer.is_output && layer.activation != ActivationFunction::none)
        fail(node, "activation: the output layer has none, its accumulators are the logits");
    if ((layer.on_crossbars() || is_add) && layer.output_signed != has_signed_output(layer.activation))
        fail(node, fmt::format("output_signed: does not follow from activation {}", name_of(layer.activation)));
    if (!layer.on_crossbars() && layer.table)
        fail(node, fmt::format("activation: {} belongs to conv and linear", name_of(layer.activation)));
    if (layer.kind == LayerKind::max_pool && layer.output_signed != is_signed(graph, layer.inputs.front()))
        fail(node, "output_signed: a max_pool keeps the sign of its input");
    if (!layer.on_crossbars() && 2 * layer.padding > std::min(layer.kernel_h, layer.kernel_w))
        fail(node, "padding: at most half the kernel");
    std::size_t factors = 0;
    if (layer.on_crossbars() && !layer.is_output)
        factors = static_cast<std::size_t>(layer.out.channels);
    else if (is_add)
        factors = layer.inputs.size();
    else if (layer.kind == LayerKind::avg_pool)
        factors = 1;
    if (layer.rescale.size() != factors)
        fail(node, fmt::format("multipliers: expected {}, got {}", factors, layer.rescale.size()));
}

void read_weights(WorkloadGraph& graph, const std::string& path) {
    const std::string blob = read_file(path);
    std::size_t expected = 0;
    for (const GraphLayer& layer : graph.layers)
        if (layer.on_crossbars())
            expected += static_cast<std::size_t>(layer.out.channels) * (layer.rows() + sizeof(std::int32_t));
    if (blob.size() != expected)
        throw InputError(
            fmt::format("{}: expected {} bytes for the layers of the workload file beside it, found {}; "
                        "the two files do not belong together or one is damaged",
                        path, expected, blob.size()));
    const char* at = blob.data();
    for (GraphLayer& layer : graph.layers) {
        if (!layer.on_crossbars())
            continue;
        std::vector<std::int8_t> weights(static_cast<std::size_t>(layer.out.channels) * layer.rows());
        std::memcpy(weights.data(), at, weights.size());
        at += weights.size();
        std::vector<std::int32_t> bias(static_cast<std::size_t>(layer.out.channels));
        std::memcpy(bias.data(), at, bias.size() * sizeof(std::int32_t));
        at += bias.size() * sizeof(std::int32_t);
        for (std::int8_t w : weights)
            if (w == -128)
                throw InputError(path + ": weight -128 is outside [-127, 127]; the file is damaged");
        layer.weights = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
        layer.bias = std::make_shared<const std::vector<std::int32_t>>(std::move(bias));
    }
}

}  // namespace

void save_workload(const WorkloadGraph& graph, const std::string& dir) {
    if (!graph.has_weights())
        throw Error("a workload without weights cannot be saved");
    std::string blob;
    std::string yaml = fmt::format(
        "format: {}\nname: \"{}\"\ninput: [{}, {}, {}]\ninput_scale: {:.17g}\n"
        "weights: weights.bin\nlayers:\n",
        format_name, graph.name, graph.input.channels, graph.input.height, graph.input.width, graph.input_scale);
    for (const GraphLayer& layer : graph.layers) {
        yaml += layer_yaml(layer);
        if (!layer.on_crossbars())
            continue;
        blob.append(reinterpret_cast<const char*>(layer.weights->data()), layer.weights->size());
        blob.append(reinterpret_cast<const char*>(layer.bias->data()), layer.bias->size() * sizeof(std::int32_t));
    }
    fs::create_directories(dir);
    write_file_atomically((fs::path(dir) / "weights.bin").string(), blob);
    write_file_atomically((fs::path(dir) / "workload.yaml").string(), yaml);
}

WorkloadGraph load_workload(const std::string& yaml_path) {
    const config::Node root = config::load_file(yaml_path);
    WorkloadGraph graph;
    std::string format, weights;
    std::vector<int> input;
    config::Node layers;
    config::Section s("a workload");
    s.value("format", format).required().one_of({format_name}).doc("version of the file format");
    s.value("name", graph.name).required().doc("name of the network");
    s.value("input", input).required().at_least(1).doc("channels, height, width");
    s.value("input_scale", graph.input_scale).required().above(0).doc("real value of an input step");
    s.value("weights", weights).required().file_path().doc("file with weights and biases");
    s.raw("layers", layers, "list of layers");
    config::read(root, s);
    graph.input = shape_of(root, input, "input");
    if (layers.kind != config::Node::Kind::sequence || layers.items.empty())
        fail(root, "layers: expected a list of one or more layers");
    for (std::size_t i = 0; i < layers.items.size(); ++i) {
        graph.layers.push_back(read_layer(layers.items[i].second, static_cast<int>(i)));
        graph.layers.back().is_output = i + 1 == layers.items.size();
        check_layer(graph, i, layers.items[i].second);
    }
    if (!graph.layers.back().on_crossbars())
        fail(layers.items.back().second, "the last layer must be a conv or linear layer");
    read_weights(graph, weights);
    return graph;
}

}  // namespace xloop
