#include "core/workload/network_spec.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

namespace xloop {
namespace {

const std::vector<std::string> kind_names = {"conv", "linear", "max_pool", "avg_pool", "add"};

[[noreturn]] void fail(const config::Location& where, const std::string& message) {
    throw InputError(where.str() + ": " + message);
}

struct LayerText {
    std::string kind, activation = "none";
};

void describe(config::Section& s, LayerSpec& layer, LayerText& text) {
    s.value("name", layer.name).required().doc("name of the layer, unique in the network");
    s.value("type", text.kind).required().one_of(kind_names).doc("what the layer computes");
    s.value("inputs", layer.inputs)
        .doc("layers that it reads; `input` is the network's; default: the layer before")
        .source("convention");
    s.value("out_channels", layer.out_channels)
        .range(1, 65536)
        .doc("output channels; a list makes the width searchable")
        .source("convention");
    s.value("kernel", layer.kernel)
        .range(0, 255)
        .doc("window size; a list makes it searchable; pools: 0 = whole map")
        .source("convention");
    s.value("stride", layer.stride).range(1, 64).doc("step of the window").source("convention");
    s.value("padding", layer.padding)
        .range(-1, 255)
        .doc("zeros on each side; -1 = kernel / 2 (conv), 0 (pools)")
        .source("convention");
    s.value("groups", layer.groups).range(0, 65536).doc("channel groups of a conv; 0 = depthwise").source("convention");
    s.value("batch_norm", layer.batch_norm).doc("batch normalisation, folded when quantised").source("convention");
    s.value("activation", text.activation)
        .one_of(activation_names())
        .doc("activation after the layer; pools: none; add: none or relu")
        .source("convention");
}

LayerKind kind_of(const std::string& name) {
    return static_cast<LayerKind>(std::find(kind_names.begin(), kind_names.end(), name) - kind_names.begin());
}

bool has_duplicates(std::vector<int> values) {
    std::sort(values.begin(), values.end());
    return std::adjacent_find(values.begin(), values.end()) != values.end();
}

void check_conv_or_linear(const LayerSpec& layer) {
    if (layer.out_channels.empty())
        fail(layer.location, "layer `" + layer.name + "` needs out_channels");
    if (layer.kind == LayerKind::linear) {
        if (!layer.kernel.empty() || layer.stride != 1 || layer.padding != -1 || layer.groups != 1 || layer.batch_norm)
            fail(layer.location, "linear layer `" + layer.name +
                                     "` takes out_channels and activation only; kernel, stride, padding, groups and "
                                     "batch_norm belong to conv");
        return;
    }
    if (layer.kernel.empty())
        fail(layer.location, "conv layer `" + layer.name + "` needs a kernel");
    for (int k : layer.kernel)
        if (k % 2 == 0)
            fail(layer.location, fmt::format("kernel of `{}` must be odd, got {}", layer.name, k));
    if (layer.groups == 0 && layer.out_channels.size() > 1)
        fail(layer.location, "depthwise layer `" + layer.name + "` (groups: 0) cannot have a searchable width");
}

void check_layer(const LayerSpec& layer) {
    if (has_duplicates(layer.out_channels) || has_duplicates(layer.kernel))
        fail(layer.location, "layer `" + layer.name + "` lists a choice twice");
    if (layer.kind == LayerKind::conv || layer.kind == LayerKind::linear)
        return check_conv_or_linear(layer);
    if (!layer.out_channels.empty() || layer.batch_norm || layer.groups != 1)
        fail(layer.location,
             "layer `" + layer.name + "` has no weights: out_channels, groups and batch_norm do not apply");
    if (layer.kind == LayerKind::add) {
        if (!layer.kernel.empty() || layer.stride != 1 || layer.padding != -1)
            fail(layer.location,
                 "add layer `" + layer.name + "` has no window: kernel, stride and padding do not apply");
        if (layer.inputs.size() < 2)
            fail(layer.location, "add layer `" + layer.name + "` needs two or more inputs");
        if (needs_table(layer.activation))
            fail(layer.location,
                 fmt::format("add layer `{}` takes activation none or relu; {} belongs to conv and linear", layer.name,
                             name_of(layer.activation)));
    } else {
        if (layer.kernel.size() != 1)
            fail(layer.location, "pooling layer `" + layer.name + "` needs one kernel size (0 = the whole map)");
        if (layer.activation != ActivationFunction::none)
            fail(layer.location, "pooling layer `" + layer.name + "` takes no activation");
    }
    if (layer.inputs.size() != 1 && layer.kind != LayerKind::add)
        fail(layer.location, "layer `" + layer.name + "` takes one input");
}

LayerSpec read_layer(const config::Node& node) {
    LayerSpec layer;
    LayerText text;
    config::Section schema("one layer");
    describe(schema, layer, text);
    config::read(node, schema);
    layer.kind = kind_of(text.kind);
    layer.activation = activation_named(text.activation);
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
}

NetworkSpec read_network(const config::Node& root) {
    NetworkSpec net;
    config::Node layers;
    config::Section schema("a network");
    schema.value("name", net.name).required().doc("name of the network");
    auto& input = schema.section("input", "shape of the images");
    input.value("channels", net.input.channels).required().range(1, 4096).doc("channels");
    input.value("height", net.input.height).required().range(1, 4096).doc("height");
    input.value("width", net.input.width).required().range(1, 4096).doc("width");
    schema.raw("layers", layers, "list of layers in topological order");
    config::read(root, schema);
    if (layers.kind != config::Node::Kind::sequence || layers.items.empty())
        fail(layers.kind == config::Node::Kind::null ? root.location : layers.location,
             "layers: expected a list of one or more layers");
    for (const auto& item : layers.items)
        net.layers.push_back(read_layer(item.second));
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

const char* name_of(LayerKind kind) { return kind_names[static_cast<std::size_t>(kind)].c_str(); }

bool NetworkSpec::searchable() const { return path_count() > 1; }

std::uint64_t NetworkSpec::path_count() const {
    std::uint64_t count = 1;
    for (const LayerSpec& layer : layers)
        count *= std::max<std::size_t>(1, layer.out_channels.size()) * std::max<std::size_t>(1, layer.kernel.size());
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

int NetworkSpec::padding_of(const LayerSpec& layer, int kernel) {
    if (layer.padding >= 0)
        return layer.padding;
    return layer.kind == LayerKind::conv ? kernel / 2 : 0;
}

NetworkSpec load_network(const std::string& path) { return read_network(config::load_file(path)); }

NetworkSpec parse_network(const std::string& text, const std::string& name) {
    return read_network(config::load_text(text, name));
}

}  // namespace xloop
