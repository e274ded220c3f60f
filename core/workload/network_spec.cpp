#include "core/workload/network_spec.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace xloop {
namespace {

[[noreturn]] void fail(const config::Location& where, const std::string& message) {
    throw InputError(where.str() + ": " + message);
}

void describe(config::Section& s, LayerSpec& layer) {
    s.value("name", layer.name, "name of the layer, unique in the network").required();
    s.value("type", layer.kind, "what the layer computes").required();
    s.value("inputs", layer.inputs, "layers that it reads; `input` is the network's; default: the layer before",
            "convention");
    s.value("out_channels", layer.out_channels, "output channels; a list makes the width searchable", "convention")
        .range(1, 65536);
    s.value("kernel", layer.kernel, "size of a square window; a list makes it searchable; pools: 0 = whole map",
            "convention")
        .range(0, 255);
    s.value("kernel_hw", layer.kernel_hw, "instead of kernel: height and width of the window", "convention")
        .range(1, 255);
    s.value("stride", layer.stride, "step of the window, or [height, width]", "convention").range(1, 64);
    s.value("dilation", layer.dilation, "distance of the window's taps, or [height, width]", "convention").range(1, 64);
    s.value("padding", layer.padding,
            "zeros on each side, or [top, left, bottom, right]; -1 = half the kernel (conv), 0 (pools)", "convention")
        .range(-1, 255);
    s.value("groups", layer.groups, "channel groups of a conv; 0 = depthwise", "convention").range(0, 65536);
    s.value("batch_norm", layer.batch_norm, "batch normalisation, folded when quantised", "convention");
    s.value("bias", layer.bias, "conv, linear: a bias for each output channel; none with batch_norm", "convention");
    s.value("count_padding", layer.count_padding, "avg_pool: padding counts as zeros, else not at all", "convention");
    s.value("channel_padding", layer.channel_padding,
            "pad_channels: zero channels [before, after] those of the input; negative ones are cut off", "convention")
        .range(-65536, 65536);
    s.value("activation", layer.activation, "activation after the layer; pools: none; add: none or relu", "convention");
    s.value("activation_parameters", layer.activation_parameters,
            "numbers that the activation takes; default: those of its row in docs/modelling.md", "convention")
        .range(-1e6, 1e6);
}

bool has_duplicates(std::vector<int> values) {
    std::sort(values.begin(), values.end());
    return std::adjacent_find(values.begin(), values.end()) != values.end();
}

/// A key, or keys that go together, and whether a layer has it.
struct KeyRule {
    LayerKeys key;
    const char* name;
    bool (*given)(const LayerSpec& layer);
};
const KeyRule key_rules[] = {
    {out_channels_key, "out_channels", [](const LayerSpec& l) { return !l.out_channels.empty(); }},
    {window_keys, "kernel", [](const LayerSpec& l) { return !l.kernel.empty(); }},
    {window_keys, "kernel_hw", [](const LayerSpec& l) { return !l.kernel_hw.empty(); }},
    {window_keys, "stride", [](const LayerSpec& l) { return l.stride != std::vector<int>{1}; }},
    {window_keys, "padding", [](const LayerSpec& l) { return l.padding != std::vector<int>{-1}; }},
    {dilation_key, "dilation", [](const LayerSpec& l) { return l.dilation != std::vector<int>{1}; }},
    {groups_key, "groups", [](const LayerSpec& l) { return l.groups != 1; }},
    {batch_norm_key, "batch_norm", [](const LayerSpec& l) { return l.batch_norm; }},
    {bias_key, "bias", [](const LayerSpec& l) { return !l.bias; }},
    {count_padding_key, "count_padding", [](const LayerSpec& l) { return !l.count_padding; }},
    {channel_padding_key, "channel_padding",
     [](const LayerSpec& l) {
         return l.channel_padding != std::vector<int>{0, 0};
     }},
};

void check_keys(const LayerSpec& layer) {
    const unsigned takes = traits_of(layer.kind).keys;
    for (const KeyRule& rule : key_rules)
        if ((takes & rule.key) == 0 && rule.given(layer)) {
            std::vector<std::string> names;
            for (const KeyRule& other : key_rules)
                if ((takes & other.key) != 0)
                    names.emplace_back(other.name);
            fail(layer.location, fmt::format("{} does not apply to layer `{}`: a layer of type {} takes {}", rule.name,
                                             layer.name, name_of(layer.kind),
                                             names.empty() ? "inputs only" : fmt::to_string(fmt::join(names, ", "))));
        }
}

void check_size(const LayerSpec& layer, const char* key, const std::vector<int>& values, std::size_t all,
                const char* form) {
    if (values.size() != 1 && values.size() != all)
        fail(layer.location, fmt::format("{} of layer `{}`: expected one number or {}", key, layer.name, form));
}

void check_window(const LayerSpec& layer) {
    const LayerTraits& traits = traits_of(layer.kind);
    if (layer.kernel.empty() == layer.kernel_hw.empty())
        fail(layer.location,
             fmt::format("layer `{}` needs a kernel: either `kernel` (square{}) or `kernel_hw: [height, width]`",
                         layer.name, traits.layer_class == LayerClass::matrix ? "" : ", 0 = whole map"));
    if (!layer.kernel_hw.empty() && layer.kernel_hw.size() != 2)
        fail(layer.location, fmt::format("kernel_hw of layer `{}`: expected [height, width]", layer.name));
    check_size(layer, "stride", layer.stride, 2, "[height, width]");
    check_size(layer, "dilation", layer.dilation, 2, "[height, width]");
    check_size(layer, "padding", layer.padding, 4, "[top, left, bottom, right]");
    if (layer.padding.size() == 4 && *std::min_element(layer.padding.begin(), layer.padding.end()) < 0)
        fail(layer.location, fmt::format("padding of layer `{}`: each of the four sides is 0 or more", layer.name));
    if (traits.layer_class != LayerClass::matrix) {
        if (layer.kernel.size() > 1)
            fail(layer.location, fmt::format("layer `{}` has no weights: one kernel, not a choice", layer.name));
        return;
    }
    for (const std::vector<int>* kernels : {&layer.kernel, &layer.kernel_hw})
        for (int k : *kernels) {
            if (k == 0)
                fail(layer.location, fmt::format("kernel of `{}` must be 1 or more", layer.name));
            if (k % 2 == 0 && layer.kernel.size() > 1)
                fail(layer.location, fmt::format("kernels to choose from must be odd (a smaller one is the centre of a "
                                                 "larger one); `{}` has {}",
                                                 layer.name, k));
            if (k % 2 == 0 && layer.padding.front() < 0)
                fail(layer.location, fmt::format("kernel {} of `{}` is even, so half of it is no padding: say "
                                                 "`padding: [top, left, bottom, right]`",
                                                 k, layer.name));
        }
}

void check_activation(const LayerSpec& layer) {
    switch (traits_of(layer.kind).activation) {
    case ActivationRule::any: return;
    case ActivationRule::none_or_relu:
        if (needs_table(layer.activation))
            fail(layer.location, fmt::format("layer `{}` of type {} takes activation none or relu; {} belongs to conv, "
                                             "linear, scale and activation",
                                             layer.name, name_of(layer.kind), name_of(layer.activation)));
        return;
    case ActivationRule::none:
        if (layer.activation != ActivationFunction::none)
            fail(layer.location,
                 fmt::format("layer `{}` of type {} takes no activation", layer.name, name_of(layer.kind)));
    }
}

void check_layer(const LayerSpec& layer) {
    const LayerTraits& traits = traits_of(layer.kind);
    if (has_duplicates(layer.out_channels) || has_duplicates(layer.kernel))
        fail(layer.location, "layer `" + layer.name + "` lists a choice twice");
    check_keys(layer);
    if ((traits.keys & out_channels_key) != 0 && layer.out_channels.empty())
        fail(layer.location, "layer `" + layer.name + "` needs out_channels");
    if (traits.takes_window())
        check_window(layer);
    if (layer.groups == 0 && layer.out_channels.size() > 1)
        fail(layer.location, "depthwise layer `" + layer.name + "` (groups: 0) cannot have a searchable width");
    if (layer.channel_padding.size() != 2)
        fail(layer.location, fmt::format("channel_padding of layer `{}`: expected [before, after]", layer.name));
    check_activation(layer);
}

LayerSpec read_layer(const config::Node& node) {
    LayerSpec layer;
    config::Section schema("one layer");
    describe(schema, layer);
    config::read(node, schema);
    layer.location = node.location;
    return layer;
}

void link_inputs(NetworkSpec& net) {
    std::vector<std::string> known = {"input"};
    for (LayerSpec& layer : net.layers) {
        if (layer.inputs.empty())
            layer.inputs = {known.back()};
        for (const std::string& name : layer.inputs)
            if (std::find(known.begin(), known.end(), name) == known.end())
                fail(layer.location,
                     fmt::format("layer `{}` reads `{}`, which is no earlier layer{}; earlier layers: {}", layer.name,
                                 name, did_you_mean(name, known), fmt::join(known, ", ")));
        if (std::find(known.begin(), known.end(), layer.name) != known.end())
            fail(layer.location, "layer name `" + layer.name + "` is used twice");
        known.push_back(layer.name);
        check_layer(layer);
    }
    known.erase(known.begin());
    for (const std::string& name : net.outputs)
        if (std::count(known.begin(), known.end(), name) == 0 ||
            std::count(net.outputs.begin(), net.outputs.end(), name) > 1)
            fail(net.layers.back().location,
                 fmt::format("outputs: `{}` is listed twice or is no layer; layers: {}", name, fmt::join(known, ", ")));
}

NetworkSpec read_network(const config::Node& root) {
    NetworkSpec net;
    config::Node layers;
    config::Section schema("a network");
    schema.value("name", net.name, "name of the network").required();
    auto& input = schema.section("input", "shape of the images");
    input.value("channels", net.input.channels, "channels").required().range(1, 4096);
    input.value("height", net.input.height, "height").required().range(1, 4096);
    input.value("width", net.input.width, "width").required().range(1, 4096);
    input
        .value("mean", net.input_mean, "what is subtracted from each channel first; one number: from all", "convention")
        .range(-1e9, 1e9);
    input.value("std", net.input_std, "what each channel is divided by then; one number: all", "convention")
        .above(0, 1e9);
    input.value("order", net.input_order, "order of the values in a file of samples: chw or hwc", "convention");
    schema.value("outputs", net.outputs,
                 "layers whose sums are the logits, one after the other; default: the last layer", "convention");
    schema.value("output_order", net.output_order, "order of the values of an output map in a file of results",
                 "convention");
    std::vector<std::string> host_functions;
    schema.value("host_functions", host_functions, "what the host makes of the logits, in order", "convention")
        .one_of(all_names<HostFunction>());
    schema.raw("layers", layers, "list of layers in topological order");
    config::read(root, schema);
    for (const std::string& function : host_functions)
        net.host_functions.push_back(*value_named<HostFunction>(function));
    if (layers.kind != config::Node::Kind::sequence || layers.items.empty())
        fail(layers.kind == config::Node::Kind::null ? root.location : layers.location,
             "layers: expected a list of one or more layers");
    for (const auto& item : layers.items)
        net.layers.push_back(read_layer(item.second));
    for (const auto& [key, values] : {std::pair("mean", &net.input_mean), std::pair("std", &net.input_std)})
        if (values->size() > 1 && values->size() != static_cast<std::size_t>(net.input.channels))
            fail(root.location, fmt::format("input.{}: expected one number or {}, one a channel; got {}", key,
                                            net.input.channels, values->size()));
    link_inputs(net);
    return net;
}

template <class Pick>
SubnetPath pick_path(const NetworkSpec& net, Pick pick) {
    SubnetPath path;
    for (const LayerSpec& layer : net.layers)
        path.push_back(
            {layer.out_channels.empty() ? 0 : pick(layer.out_channels), layer.kernel.empty() ? 0 : pick(layer.kernel)});
    return path;
}

bool is_choice(const std::vector<int>& choices, int value) {
    return choices.empty() ? value == 0 : std::find(choices.begin(), choices.end(), value) != choices.end();
}

}  // namespace

std::string Shape::str() const { return fmt::format("{}x{}x{}", channels, height, width); }

bool NetworkSpec::searchable() const { return path_count() > 1; }

std::uint64_t NetworkSpec::path_count() const {
    std::uint64_t count = 1;
    for (const LayerSpec& layer : layers)
        for (const auto* choices : {&layer.out_channels, &layer.kernel})
            if (__builtin_mul_overflow(count, std::max<std::size_t>(1, choices->size()), &count))
                return std::numeric_limits<std::uint64_t>::max();
    return count;
}

SubnetPath NetworkSpec::smallest_path() const {
    return pick_path(*this, [](const std::vector<int>& v) { return *std::min_element(v.begin(), v.end()); });
}

SubnetPath NetworkSpec::largest_path() const {
    return pick_path(*this, [](const std::vector<int>& v) { return *std::max_element(v.begin(), v.end()); });
}

SubnetPath NetworkSpec::path(std::uint64_t index) const {
    return pick_path(*this, [&index](const std::vector<int>& v) {
        const int choice = v[index % v.size()];
        index /= v.size();
        return choice;
    });
}

NetworkSpec NetworkSpec::resolve(const SubnetPath& path) const {
    if (path.size() != layers.size())
        throw Error(
            fmt::format("a path of {} layers does not belong to network `{}` of {}", path.size(), name, layers.size()));
    NetworkSpec concrete = *this;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        LayerSpec& layer = concrete.layers[i];
        if (!is_choice(layer.out_channels, path[i].out_channels) || !is_choice(layer.kernel, path[i].kernel))
            throw Error(fmt::format("layer `{}` of network `{}` has no choice of width {} and kernel {}", layer.name,
                                    name, path[i].out_channels, path[i].kernel));
        if (!layer.out_channels.empty())
            layer.out_channels = {path[i].out_channels};
        if (!layer.kernel.empty())
            layer.kernel = {path[i].kernel};
    }
    return concrete;
}

std::string NetworkSpec::path_text(const SubnetPath& path) const {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        std::string choice;
        if (layers[i].out_channels.size() > 1)
            choice += fmt::format("w{}", path[i].out_channels);
        if (layers[i].kernel.size() > 1)
            choice += fmt::format("k{}", path[i].kernel);
        if (!choice.empty())
            parts.push_back(layers[i].name + "=" + choice);
    }
    return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, " "));
}

SubnetPath NetworkSpec::parse_path(const std::string& text) const {
    if (path_count() > 1000000)
        throw InputError("network `" + name + "` has too many subnets to name one by text");
    std::vector<std::string> candidates;
    for (std::uint64_t i = 0; i < path_count(); ++i) {
        const SubnetPath candidate = path(i);
        if (path_text(candidate) == text)
            return candidate;
        candidates.push_back(path_text(candidate));
    }
    throw InputError(fmt::format("`{}` is no subnet of network `{}`; expected the form `{}`{}", text, name,
                                 path_text(largest_path()), did_you_mean(text, candidates)));
}

std::string network_yaml(const NetworkSpec& net) {
    const auto list = [](const auto& values) { return fmt::format("[{}]", fmt::join(values, ", ")); };
    const auto one_or_list = [&](const std::vector<int>& values) {
        return values.size() == 1 ? fmt::to_string(values.front()) : list(values);
    };
    const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
    const auto names = [&](const std::vector<std::string>& values) {
        std::vector<std::string> all;
        std::transform(values.begin(), values.end(), std::back_inserter(all), quoted);
        return list(all);
    };
    const auto reals = [](const std::vector<double>& values) {
        std::vector<std::string> all;
        for (double value : values)
            all.push_back(fmt::format("{:.17g}", value));
        return fmt::format("[{}]", fmt::join(all, ", "));
    };
    std::string text = fmt::format("name: {}\ninput: {{channels: {}, height: {}, width: {}", quoted(net.name),
                                   net.input.channels, net.input.height, net.input.width);
    if (!net.input_mean.empty())
        text += ", mean: " + reals(net.input_mean);
    if (!net.input_std.empty())
        text += ", std: " + reals(net.input_std);
    if (net.input_order != MapOrder::chw)
        text += fmt::format(", order: {}", name_of(net.input_order));
    text += "}\n";
    if (!net.outputs.empty())
        text += "outputs: " + names(net.outputs) + "\n";
    if (net.output_order != MapOrder::chw)
        text += fmt::format("output_order: {}\n", name_of(net.output_order));
    if (!net.host_functions.empty()) {
        std::vector<std::string> functions;
        for (HostFunction function : net.host_functions)
            functions.emplace_back(name_of(function));
        text += "host_functions: " + list(functions) + "\n";
    }
    text += "layers:\n";
    const LayerSpec defaults;
    std::string before = "input";
    for (const LayerSpec& layer : net.layers) {
        text += fmt::format("  - {{name: {}, type: {}", quoted(layer.name), name_of(layer.kind));
        if (layer.inputs != std::vector<std::string>{before})
            text += ", inputs: " + names(layer.inputs);
        if (!layer.out_channels.empty())
            text += ", out_channels: " + one_or_list(layer.out_channels);
        if (!layer.kernel.empty())
            text += ", kernel: " + one_or_list(layer.kernel);
        if (!layer.kernel_hw.empty())
            text += ", kernel_hw: " + list(layer.kernel_hw);
        if (layer.stride != defaults.stride)
            text += ", stride: " + one_or_list(layer.stride);
        if (layer.dilation != defaults.dilation)
            text += ", dilation: " + one_or_list(layer.dilation);
        if (layer.padding != defaults.padding)
            text += ", padding: " + one_or_list(layer.padding);
        if (layer.groups != defaults.groups)
            text += fmt::format(", groups: {}", layer.groups);
        if (layer.batch_norm)
            text += ", batch_norm: true";
        if (!layer.bias)
            text += ", bias: false";
        if (!layer.count_padding)
            text += ", count_padding: false";
        if (layer.channel_padding != defaults.channel_padding)
            text += ", channel_padding: " + list(layer.channel_padding);
        if (layer.activation != ActivationFunction::none)
            text += fmt::format(", activation: {}", name_of(layer.activation));
        if (!layer.activation_parameters.empty())
            text += ", activation_parameters: " + reals(layer.activation_parameters);
        text += "}\n";
        before = layer.name;
    }
    return text;
}

NetworkSpec load_network(const std::string& path) { return read_network(config::load_file(path)); }

NetworkSpec parse_network(const std::string& text, const std::string& name) {
    return read_network(config::load_text(text, name));
}

}  // namespace xloop
