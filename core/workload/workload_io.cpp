#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/workload/workload_graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "weights.bin is little-endian and written as it lies in memory");

/// What is written, and what is read beside it: 2 had one number for stride and padding, one output, no zero points.
constexpr const char* format_name = "xloop-workload-3";
constexpr const char* older_format_name = "xloop-workload-2";

/// Of channels, rows and columns.
constexpr int most_side = 1 << 20;

std::string list_of(const std::vector<int>& values) { return fmt::format("[{}]", fmt::join(values, ", ")); }
std::string list_of(const std::vector<double>& values) { return fmt::format("[{:.17g}]", fmt::join(values, ", ")); }

std::string layer_yaml(const GraphLayer& layer) {
    const WindowAxis &y = layer.window.y, &x = layer.window.x;
    std::vector<int> multipliers, shifts;
    for (const Rescale& r : layer.rescale) {
        multipliers.push_back(r.multiplier);
        shifts.push_back(r.shift);
    }
    std::string text = fmt::format(
        "  - {{name: \"{}\", type: {}, inputs: {},\n"
        "     in: [{}, {}, {}], out: [{}, {}, {}], kernel: [{}, {}], stride: [{}, {}], dilation: [{}, {}],\n"
        "     padding: [{}, {}, {}, {}], groups: {},\n"
        "     activation: {}, output_signed: {}, output_scale: {:.17g}, zero_point: {}",
        layer.name, name_of(layer.kind), list_of(layer.inputs), layer.in.channels, layer.in.height, layer.in.width,
        layer.out.channels, layer.out.height, layer.out.width, y.kernel, x.kernel, y.stride, x.stride, y.dilation,
        x.dilation, y.before, x.before, y.after, x.after, layer.groups, name_of(layer.activation), layer.output_signed,
        layer.output_scale, layer.output_zero_point);
    if (layer.output_bits != 8)
        text += fmt::format(", output_bits: {}", layer.output_bits);
    if (layer.on_crossbars() && layer.weight_bits != 8)
        text += fmt::format(", weight_bits: {}", layer.weight_bits);
    if (!layer.count_padding)
        text += ", count_padding: false";
    if (layer.channel_padding != std::array{0, 0})
        text += fmt::format(", channel_padding: [{}, {}]", layer.channel_padding[0], layer.channel_padding[1]);
    if (!layer.activation_parameters.empty())
        text += ", activation_parameters: " + list_of(layer.activation_parameters);
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
    std::vector<int> in, out, kernel, stride, dilation{1}, padding, channel_padding{0, 0}, multipliers, shifts;
};

Shape shape_of(const config::Node& node, const std::vector<int>& dims, const char* key) {
    if (dims.size() != 3)
        fail(node, std::string(key) + ": expected [channels, height, width]");
    return {dims[0], dims[1], dims[2]};
}

/// One number for all, or one for each.
void spread(const config::Node& node, const char* key, std::vector<int>& values, std::size_t count) {
    if (values.size() == 1)
        values.resize(count, values.front());
    if (values.size() != count)
        fail(node, fmt::format("{}: expected {} numbers", key, count));
}

Window window_of(const config::Node& node, LayerText text) {
    if (text.kernel.size() != 2)
        fail(node, "kernel: expected [height, width]");
    spread(node, "stride", text.stride, 2);
    spread(node, "dilation", text.dilation, 2);
    spread(node, "padding", text.padding, 4);
    const auto axis = [&](std::size_t a) -> WindowAxis {
        return {text.kernel[a], text.stride[a], text.dilation[a], text.padding[a], text.padding[a + 2]};
    };
    return {axis(0), axis(1)};
}

GraphLayer read_layer(const config::Node& node, int index) {
    GraphLayer layer;
    LayerText text;
    config::Section s("one layer");
    s.value("name", layer.name, "name").required();
    s.value("type", layer.kind, "kind").required();
    s.value("inputs", layer.inputs, "indices of earlier layers, -1 = input").required().range(-1, index - 1);
    s.value("in", text.in, "input shape").required().range(1, most_side);
    s.value("out", text.out, "output shape").required().range(1, most_side);
    s.value("kernel", text.kernel, "window height and width").required().range(1, 65536);
    s.value("stride", text.stride, "vertical and horizontal stride").required().range(1, 65536);
    s.value("dilation", text.dilation, "vertical and horizontal distance of the taps", "convention").range(1, 65536);
    s.value("padding", text.padding, "padding at the top, left, bottom and right").required().range(0, 65536);
    s.value("groups", layer.groups, "channel groups").required().range(1, most_side);
    s.value("count_padding", layer.count_padding, "padding counts as zeros", "convention");
    s.value("channel_padding", text.channel_padding, "channels before and after", "convention")
        .range(-most_side, most_side);
    s.value("activation", layer.activation, "activation").required();
    s.value("activation_parameters", layer.activation_parameters, "of the activation", "convention").range(-1e6, 1e6);
    s.value("output_signed", layer.output_signed, "signed output edge").required();
    s.value("output_scale", layer.output_scale, "real value of a step").required().above(0, 1e30);
    s.value("zero_point", layer.output_zero_point, "stored value that means 0 on the output edge", "convention")
        .range(0, 255);
    s.value("output_bits", layer.output_bits, "bits of a value on the output edge", "convention").range(1, 8);
    s.value("weight_bits", layer.weight_bits, "bits of a weight; 1: only -1 and 1", "convention").range(1, 8);
    s.value("table_step", layer.table_step, "real value of a step of the sums; 0 = no table", "convention")
        .range(0, 1e30);
    s.value("adc_range_levels", layer.adc_range_levels, "calibrated range of the ADCs; 0 = none", "convention")
        .range(0, 1e30);
    s.value("multipliers", text.multipliers, "of the rescaling factors", "convention").range(0, 2147483647);
    s.value("shifts", text.shifts, "of the rescaling factors", "convention").range(0, 62);
    config::read(node, s);
    if (needs_table(layer.activation) != (layer.table_step > 0.0))
        fail(node, fmt::format("table_step: activation {} {} a positive step", name_of(layer.activation),
                               needs_table(layer.activation) ? "needs" : "does not take"));
    layer.in = shape_of(node, text.in, "in");
    layer.out = shape_of(node, text.out, "out");
    layer.window = window_of(node, text);
    if (text.channel_padding.size() != 2)
        fail(node, "channel_padding: expected [before, after]");
    layer.channel_padding = {text.channel_padding[0], text.channel_padding[1]};
    if (const std::string error = parameter_error(layer.activation, layer.activation_parameters, layer.out.channels);
        !error.empty())
        fail(node, error);
    layer.make_table();
    if (text.multipliers.size() != text.shifts.size())
        fail(node, "multipliers and shifts must be of equal length");
    for (std::size_t i = 0; i < text.multipliers.size(); ++i)
        layer.rescale.push_back({text.multipliers[i], text.shifts[i]});
    return layer;
}

/// A mistake, with the place in the file.
template <class Work>
void at(const config::Node& node, const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        fail(node, error.what());
    }
}

/// A file of another version, or none of ours, is refused before its keys are read.
void check_format(const config::Node& root) {
    const config::Node* format = root.find("format");
    const std::string found = format ? format->text : "";
    if (found != format_name && found != older_format_name)
        fail(format ? *format : root,
             fmt::format("format: expected {} or {}, got `{}`; make the workload again, with this "
                         "version's `xloop run`, or read it with the version that wrote it",
                         format_name, older_format_name, found));
}

void read_weights(WorkloadGraph& graph, const std::string& path) {
    std::size_t expected = 0;
    for (const GraphLayer& layer : graph.layers)
        if (layer.traits().has_weights())
            expected += static_cast<std::size_t>(layer.out.channels) * (layer.rows() + sizeof(std::int32_t));
    const std::string blob = read_file(path);
    if (blob.size() != expected)
        throw InputError(
            fmt::format("{}: expected {} bytes for the layers of the workload file beside it, found {}; "
                        "the two files do not belong together or one is damaged",
                        path, expected, blob.size()));
    read_checked(path, "make the workload again");  // of the right size, but perhaps with other bits
    const char* at = blob.data();
    for (GraphLayer& layer : graph.layers) {
        if (!layer.traits().has_weights())
            continue;
        std::vector<std::int8_t> weights(static_cast<std::size_t>(layer.out.channels) * layer.rows());
        std::memcpy(weights.data(), at, weights.size());
        at += weights.size();
        std::vector<std::int32_t> bias(static_cast<std::size_t>(layer.out.channels));
        std::memcpy(bias.data(), at, bias.size() * sizeof(std::int32_t));
        at += bias.size() * sizeof(std::int32_t);
        const int largest = largest_weight(layer.weight_bits);
        for (std::int8_t w : weights)
            if (std::abs(w) > largest || (layer.weight_bits == 1 && w == 0))
                throw InputError(
                    fmt::format("{}: weight {} is outside {}; the file is damaged", path, w,
                                layer.weight_bits == 1 ? "{-1, 1}" : fmt::format("[{}, {}]", -largest, largest)));
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
        "format: {}\nname: \"{}\"\ninput: [{}, {}, {}]\ninput_scale: {:.17g}\ninput_zero_point: {}\n{}outputs: {}\n"
        "weights: weights.bin\n",
        format_name, graph.name, graph.input.channels, graph.input.height, graph.input.width, graph.input_scale,
        graph.input_zero_point, graph.input_bits == 8 ? "" : fmt::format("input_bits: {}\n", graph.input_bits),
        list_of(graph.outputs));
    for (const auto& [key, values] : {std::pair("input_mean", &graph.input_mean), {"input_std", &graph.input_std}})
        if (!values->empty())
            yaml += fmt::format("{}: {}\n", key, list_of(*values));
    for (const auto& [key, digest] :
         {std::pair("ranges_for", &graph.ranges_for), {"corrected_for", &graph.corrected_for}})
        if (!digest->empty())
            yaml += fmt::format("{}: \"{}\"\n", key, *digest);
    yaml += "layers:\n";
    for (const GraphLayer& layer : graph.layers) {
        yaml += layer_yaml(layer);
        if (!layer.traits().has_weights())
            continue;
        blob.append(reinterpret_cast<const char*>(layer.weights->data()), layer.weights->size());
        blob.append(reinterpret_cast<const char*>(layer.bias->data()), layer.bias->size() * sizeof(std::int32_t));
    }
    make_folder(dir);
    write_checked((fs::path(dir) / "weights.bin").string(), blob);
    write_checked((fs::path(dir) / "workload.yaml").string(), yaml);
}

WorkloadGraph load_workload(const std::string& yaml_path) {
    const config::Node root = config::load_file(yaml_path);
    WorkloadGraph graph;
    std::string format, weights;
    std::vector<int> input, outputs;
    config::Node layers;
    check_format(root);
    config::Section s("a workload");
    s.value("format", format, "version of the file format").required();
    s.value("name", graph.name, "name of the network").required();
    s.value("input", input, "channels, height, width").required().range(1, most_side);
    constexpr double largest_value = 1e30;
    s.value("input_mean", graph.input_mean, "subtracted from values of images first; one number: from all channels",
            "convention")
        .range(-largest_value, largest_value);
    s.value("input_std", graph.input_std, "what they are divided by then; one number: all channels", "convention")
        .above(0, largest_value);
    s.value("input_scale", graph.input_scale, "real value of an input step").required().above(0, 1e30);
    s.value("input_zero_point", graph.input_zero_point, "stored value that means 0 on the input", "convention")
        .range(0, 255);
    s.value("input_bits", graph.input_bits, "bits of an input value; pixels have 8", "convention").range(1, 8);
    s.value("outputs", outputs, "indices of the layers whose sums are the logits; default: the last layer",
            "convention")
        .range(0, 100000);
    s.value("weights", weights, "file with weights and biases").required().file_path();
    s.value("ranges_for", graph.ranges_for, "digest of the hardware that adc_range_levels are for", "convention");
    s.value("corrected_for", graph.corrected_for, "digest of the hardware that biases and factors are corrected for",
            "convention");
    s.raw("layers", layers, "list of layers");
    config::read(root, s);
    graph.input = shape_of(root, input, "input");
    for (const auto& [key, values] : {std::pair("input_mean", &graph.input_mean), {"input_std", &graph.input_std}})
        if (values->size() > 1 && static_cast<int>(values->size()) != graph.input.channels)
            fail(root, fmt::format("{}: expected one number, or {}, one for each channel", key, graph.input.channels));
    if (const int highest = highest_value(false, graph.input_bits); graph.input_zero_point > highest)
        fail(root,
             fmt::format("input_zero_point: expected 0 to {}, as the input has {} bits", highest, graph.input_bits));
    if (layers.kind != config::Node::Kind::sequence || layers.items.empty())
        fail(root, "layers: expected a list of one or more layers");
    for (std::size_t i = 0; i < layers.items.size(); ++i) {
        const config::Node& node = layers.items[i].second;
        GraphLayer layer = read_layer(node, static_cast<int>(i));
        at(node, [&] { check_layer(graph, layer); });
        graph.layers.push_back(std::move(layer));
    }
    const int last = static_cast<int>(graph.layers.size()) - 1;
    if (outputs.empty())
        outputs.push_back(last);
    if (*std::max_element(outputs.begin(), outputs.end()) > last)
        fail(root, fmt::format("outputs: the last layer has index {}", last));
    at(layers.items.back().second, [&] { set_outputs(graph, outputs); });
    for (std::size_t i = 0; i < graph.layers.size(); ++i)
        if (const GraphLayer& layer = graph.layers[i]; layer.rescale.size() != layer.factor_count())
            fail(layers.items[i].second, fmt::format("multipliers: layer `{}` has {}, expected {}", layer.name,
                                                     layer.rescale.size(), layer.factor_count()));
    read_weights(graph, weights);
    return graph;
}

}  // namespace xloop
