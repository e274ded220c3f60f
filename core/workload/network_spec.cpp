#include "core/workload/network_spec.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
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
    s.value("out_channels_from", layer.out_channels_from,
            "instead of out_channels: choices of the network, or numbers, whose product it is", "convention");
    s.value("kernel_from", layer.kernel_from, "instead of kernel: a choice of the network", "convention");
    s.value("groups_from", layer.groups_from, "instead of groups: a choice of the network, with 1 among its values",
            "convention");
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
    {out_channels_key, "out_channels_from", [](const LayerSpec& l) { return !l.out_channels_from.empty(); }},
    {window_keys, "kernel", [](const LayerSpec& l) { return !l.kernel.empty(); }},
    {window_keys, "kernel_from", [](const LayerSpec& l) { return !l.kernel_from.empty(); }},
    {window_keys, "kernel_hw", [](const LayerSpec& l) { return !l.kernel_hw.empty(); }},
    {window_keys, "stride", [](const LayerSpec& l) { return l.stride != std::vector<int>{1}; }},
    {window_keys, "padding", [](const LayerSpec& l) { return l.padding != std::vector<int>{-1}; }},
    {dilation_key, "dilation", [](const LayerSpec& l) { return l.dilation != std::vector<int>{1}; }},
    {groups_key, "groups", [](const LayerSpec& l) { return l.groups != 1; }},
    {groups_key, "groups_from", [](const LayerSpec& l) { return !l.groups_from.empty(); }},
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
    if (layer.kernel.empty() + layer.kernel_hw.empty() + layer.kernel_from.empty() != 2)
        fail(layer.location,
             fmt::format("layer `{}` needs a kernel: either `kernel` (square{}), `kernel_from` (a choice) or "
                         "`kernel_hw: [height, "
                         "width]`",
                         layer.name, traits.layer_class == LayerClass::matrix ? "" : ", 0 = whole map"));
    if (!layer.kernel_hw.empty() && layer.kernel_hw.size() != 2)
        fail(layer.location, fmt::format("kernel_hw of layer `{}`: expected [height, width]", layer.name));
    check_size(layer, "stride", layer.stride, 2, "[height, width]");
    check_size(layer, "dilation", layer.dilation, 2, "[height, width]");
    check_size(layer, "padding", layer.padding, 4, "[top, left, bottom, right]");
    if (layer.padding.size() == 4 && *std::min_element(layer.padding.begin(), layer.padding.end()) < 0)
        fail(layer.location, fmt::format("padding of layer `{}`: each of the four sides is 0 or more", layer.name));
    if (traits.layer_class != LayerClass::matrix) {
        if (layer.kernel.size() > 1 || !layer.kernel_from.empty())
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
    if ((traits.keys & out_channels_key) != 0 && layer.out_channels.empty() == layer.out_channels_from.empty())
        fail(layer.location, "layer `" + layer.name + "` needs out_channels, or out_channels_from, one of the two");
    if (layer.groups != 1 && !layer.groups_from.empty())
        fail(layer.location, "layer `" + layer.name + "` has groups and groups_from; one of the two");
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
    std::string presence;
    config::Section schema("one layer");
    describe(schema, layer);
    schema.value(
        "present_if", presence,
        "the layer is there where a choice of the network is large enough: `depth >= 2`; else its input passes",
        "convention");
    config::read(node, schema);
    layer.location = node.location;
    if (!presence.empty()) {
        const std::size_t sign = presence.find(">=");
        std::istringstream number(sign == std::string::npos ? std::string() : presence.substr(sign + 2));
        if (!(number >> layer.present.least) || !(number >> std::ws).eof())
            fail(layer.location,
                 fmt::format("present_if of `{}`: expected `CHOICE >= NUMBER`, got `{}`", layer.name, presence));
        layer.present.choice = presence.substr(0, presence.find_last_not_of(' ', sign - 1) + 1);
    }
    return layer;
}

const NamedChoice* find_choice(const NetworkSpec& net, const std::string& name) {
    const auto found = std::find_if(net.choices.begin(), net.choices.end(),
                                    [&](const NamedChoice& choice) { return choice.name == name; });
    return found == net.choices.end() ? nullptr : &*found;
}

std::optional<int> number_in(const std::string& text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Names of the choices that decide what a layer is where it is there.
std::vector<std::string> choices_of(const LayerSpec& layer) {
    std::vector<std::string> names;
    for (const std::string& factor : layer.out_channels_from)
        if (!number_in(factor))
            names.push_back(factor);
    for (const std::string& name : {layer.kernel_from, layer.groups_from})
        if (!name.empty())
            names.push_back(name);
    return names;
}

/// A layer must not need what nothing offers, and a choice must not decide nothing.
void check_choices(const NetworkSpec& net, const config::Location& location) {
    std::vector<std::string> known, used;
    for (const NamedChoice& choice : net.choices) {
        if (choice.values.size() < 2 || has_duplicates(choice.values))
            fail(location, fmt::format("choices.{}: expected two or more different values", choice.name));
        if (*std::min_element(choice.values.begin(), choice.values.end()) < 0)
            fail(location, fmt::format("choices.{}: values are 0 or more", choice.name));
        known.push_back(choice.name);
    }
    const auto values = [&](const LayerSpec& layer, const char* key,
                            const std::string& name) -> const std::vector<int>& {
        const NamedChoice* choice = find_choice(net, name);
        if (choice == nullptr)
            fail(layer.location, fmt::format("{} of `{}`: `{}` is no choice of this network{}; choices: {}", key,
                                             layer.name, name, did_you_mean(name, known), fmt::join(known, ", ")));
        used.push_back(name);
        return choice->values;
    };
    for (const LayerSpec& layer : net.layers) {
        for (const std::string& factor : layer.out_channels_from)
            for (int value :
                 number_in(factor) ? std::vector<int>{*number_in(factor)} : values(layer, "out_channels_from", factor))
                if (value < 1)
                    fail(layer.location, fmt::format("out_channels_from of `{}`: {} is no width", layer.name, value));
        if (!layer.kernel_from.empty())
            for (int value : values(layer, "kernel_from", layer.kernel_from))
                if (value % 2 == 0)
                    fail(layer.location, fmt::format("kernels to choose from must be odd (a smaller one is the centre "
                                                     "of a larger one); `{}` has {}",
                                                     layer.name, value));
        if (!layer.groups_from.empty()) {
            const std::vector<int>& groups = values(layer, "groups_from", layer.groups_from);
            if (std::find(groups.begin(), groups.end(), 1) == groups.end() ||
                *std::min_element(groups.begin(), groups.end()) < 1)
                fail(layer.location,
                     fmt::format("groups_from of `{}`: groups to choose from must have 1 among them, and no 0 (the "
                                 "others are blocks of its matrix)",
                                 layer.name));
        }
        if (!layer.present.choice.empty()) {
            const std::vector<int>& counts = values(layer, "present_if", layer.present.choice);
            if (*std::max_element(counts.begin(), counts.end()) < layer.present.least)
                fail(layer.location, fmt::format("present_if of `{}`: {} is never {} or more", layer.name,
                                                 layer.present.choice, layer.present.least));
            if (std::find(net.outputs.begin(), net.outputs.end(), layer.name) != net.outputs.end())
                fail(layer.location, fmt::format("`{}` is an output and must always be there", layer.name));
        }
    }
    for (const std::string& name : known)
        if (std::find(used.begin(), used.end(), name) == used.end())
            fail(location, fmt::format("choices.{}: no layer refers to it", name));
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

std::vector<NamedChoice> read_choices(const config::Node& node) {
    std::vector<NamedChoice> choices;
    if (node.kind == config::Node::Kind::null)
        return choices;
    if (node.kind != config::Node::Kind::map)
        fail(node.location, "choices: expected a map from names to lists of numbers");
    for (const auto& [name, values] : node.items)
        choices.push_back({name, {}});
    config::Section schema("choices");
    for (NamedChoice& choice : choices)
        schema.value(choice.name, choice.values, "values to choose from", "convention").range(0, 65536);
    config::read(node, schema);
    return choices;
}

NetworkSpec read_network(const config::Node& root) {
    NetworkSpec net;
    config::Node layers, choices;
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
    schema.raw("choices", choices, "what layers may refer to, by name: a list of numbers each");
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
    net.choices = read_choices(choices);
    check_choices(net, choices.kind == config::Node::Kind::null ? root.location : choices.location);
    return net;
}

/// Of a choice of groups the most weights come with the smallest value.
bool counts_groups(const NetworkSpec& net, const OpenChoice& choice) {
    return choice.of == OpenChoice::Of::name &&
           std::any_of(net.layers.begin(), net.layers.end(),
                       [&](const LayerSpec& layer) { return layer.groups_from == choice.name; });
}

SubnetPath extreme_path(const NetworkSpec& net, bool largest) {
    SubnetPath path;
    for (const OpenChoice& choice : net.open_choices()) {
        const auto [low, high] = std::minmax_element(choice.values.begin(), choice.values.end());
        path.push_back(largest == counts_groups(net, choice) ? *low : *high);
    }
    return path;
}

/// The values that a path gives to what is open.
class Chosen {
public:
    Chosen(const NetworkSpec& net, const SubnetPath& path) : net_(net), choices_(net.open_choices()), path_(path) {
        if (path.size() != choices_.size())
            throw Error(fmt::format("a path of {} choices does not belong to network `{}` of {}", path.size(), net.name,
                                    choices_.size()));
        for (std::size_t c = 0; c < choices_.size(); ++c)
            if (const auto& values = choices_[c].values;
                std::find(values.begin(), values.end(), path[c]) == values.end())
                throw Error(
                    fmt::format("`{}` of network `{}` has no value {} to choose", choices_[c].name, net.name, path[c]));
    }

    int named(const std::string& name) const {
        for (std::size_t c = 0; c < choices_.size(); ++c)
            if (choices_[c].of == OpenChoice::Of::name && choices_[c].name == name)
                return path_[c];
        throw Error("`" + name + "` is no choice of network `" + net_.name + "`");
    }
    bool present(const LayerSpec& layer) const {
        return layer.present.choice.empty() || named(layer.present.choice) >= layer.present.least;
    }
    /// With nothing left open.
    LayerSpec resolve(std::size_t index) const {
        LayerSpec layer = net_.layers[index];
        for (std::size_t c = 0; c < choices_.size(); ++c)
            if (choices_[c].layer == static_cast<int>(index))
                (choices_[c].of == OpenChoice::Of::width ? layer.out_channels : layer.kernel) = {path_[c]};
        if (!layer.out_channels_from.empty()) {
            std::int64_t width = 1;
            for (const std::string& factor : layer.out_channels_from)
                width *= number_in(factor) ? *number_in(factor) : named(factor);
            layer.out_channels = {static_cast<int>(std::min<std::int64_t>(width, std::numeric_limits<int>::max()))};
        }
        if (!layer.kernel_from.empty())
            layer.kernel = {named(layer.kernel_from)};
        if (!layer.groups_from.empty())
            layer.groups = named(layer.groups_from);
        layer.out_channels_from.clear();
        layer.kernel_from.clear();
        layer.groups_from.clear();
        layer.present = {};
        return layer;
    }

private:
    const NetworkSpec& net_;
    std::vector<OpenChoice> choices_;
    const SubnetPath& path_;
};

}  // namespace

std::string Shape::str() const { return fmt::format("{}x{}x{}", channels, height, width); }

bool NetworkSpec::searchable() const { return path_count() > 1; }

std::vector<OpenChoice> NetworkSpec::open_choices() const {
    std::vector<OpenChoice> open;
    for (const NamedChoice& choice : choices)
        open.push_back({OpenChoice::Of::name, choice.name, choice.values});
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const LayerSpec& layer = layers[l];
        if (layer.out_channels.size() > 1)
            open.push_back({OpenChoice::Of::width, layer.name, layer.out_channels, static_cast<int>(l)});
        if (layer.kernel.size() > 1)
            open.push_back({OpenChoice::Of::kernel, layer.name, layer.kernel, static_cast<int>(l)});
    }
    return open;
}

std::uint64_t NetworkSpec::path_count() const {
    std::uint64_t count = 1;
    for (const OpenChoice& choice : open_choices())
        if (__builtin_mul_overflow(count, choice.values.size(), &count))
            return std::numeric_limits<std::uint64_t>::max();
    return count;
}

SubnetPath NetworkSpec::smallest_path() const { return extreme_path(*this, false); }

SubnetPath NetworkSpec::largest_path() const { return extreme_path(*this, true); }

SubnetPath NetworkSpec::path(std::uint64_t index) const {
    SubnetPath path;
    for (const OpenChoice& choice : open_choices()) {
        path.push_back(choice.values[index % choice.values.size()]);
        index /= choice.values.size();
    }
    return path;
}

SubnetPath NetworkSpec::canonical(const SubnetPath& path) const {
    const Chosen chosen(*this, path);
    const std::vector<OpenChoice> open = open_choices();
    SubnetPath same = path;
    for (std::size_t c = 0; c < open.size(); ++c) {
        const auto matters = [&](std::size_t l) {
            const LayerSpec& layer = layers[l];
            if (open[c].of != OpenChoice::Of::name)
                return open[c].layer == static_cast<int>(l) && chosen.present(layer);
            const std::vector<std::string> names = choices_of(layer);
            return layer.present.choice == open[c].name ||
                   (chosen.present(layer) && std::find(names.begin(), names.end(), open[c].name) != names.end());
        };
        bool any = false;
        for (std::size_t l = 0; l < layers.size() && !any; ++l)
            any = matters(l);
        if (!any)
            same[c] = open[c].values.front();
    }
    return same;
}

NetworkSpec NetworkSpec::resolve(const SubnetPath& path) const {
    const Chosen chosen(*this, path);
    NetworkSpec concrete = *this;
    concrete.choices.clear();
    concrete.layers.clear();
    std::map<std::string, std::string> stands_for;
    const auto there = [&](const std::string& name) {
        const auto found = stands_for.find(name);
        return found == stands_for.end() ? name : found->second;
    };
    for (std::size_t l = 0; l < layers.size(); ++l) {
        if (!chosen.present(layers[l])) {
            // The first input that is there; of a residual addition without its branch that is the shortcut.
            const std::vector<std::string>& inputs = layers[l].inputs;
            const auto first = std::find_if(inputs.begin(), inputs.end(),
                                            [&](const std::string& input) { return stands_for.count(input) == 0; });
            stands_for[layers[l].name] = there(first == inputs.end() ? inputs.front() : *first);
            continue;
        }
        concrete.layers.push_back(chosen.resolve(l));
        for (std::string& input : concrete.layers.back().inputs)
            input = there(input);
    }
    return concrete;
}

std::string NetworkSpec::path_text(const SubnetPath& path) const {
    const std::vector<OpenChoice> open = open_choices();
    std::string text;
    for (std::size_t c = 0; c < open.size(); ++c) {
        const bool goes_on = open[c].layer >= 0 && c > 0 && open[c - 1].layer == open[c].layer;
        if (!goes_on)
            text += (text.empty() ? "" : " ") + open[c].name + "=";
        const char* unit = open[c].of == OpenChoice::Of::width ? "w" : open[c].of == OpenChoice::Of::kernel ? "k" : "";
        text += fmt::format("{}{}", unit, path[c]);
    }
    return text.empty() ? "-" : text;
}

SubnetPath NetworkSpec::parse_path(const std::string& text) const {
    // Read against what path_text writes for another path: the same but for the numbers.
    const std::vector<OpenChoice> open = open_choices();
    SubnetPath path;
    std::size_t at = 0;
    const auto skip = [&](const std::string& expected) {
        const bool there = text.compare(at, expected.size(), expected) == 0;
        at += expected.size();
        return there;
    };
    bool good = !open.empty() || text == "-";
    for (std::size_t c = 0; c < open.size() && good; ++c) {
        const bool goes_on = open[c].layer >= 0 && c > 0 && open[c - 1].layer == open[c].layer;
        good = goes_on || skip((c == 0 ? "" : " ") + open[c].name + "=");
        good = good && (open[c].of == OpenChoice::Of::name || skip(open[c].of == OpenChoice::Of::width ? "w" : "k"));
        const std::size_t end = good ? std::min(text.find_first_not_of("0123456789", at), text.size()) : at;
        const std::optional<int> value = good ? number_in(text.substr(at, end - at)) : std::nullopt;
        const std::vector<int>& values = open[c].values;
        good = value && std::find(values.begin(), values.end(), *value) != values.end();
        if (good)
            path.push_back(*value);
        at = end;
    }
    if (good && (open.empty() || at == text.size()))
        return path;
    std::vector<std::string> candidates;
    constexpr std::uint64_t most_compared = 10000;
    for (std::uint64_t i = 0; path_count() <= most_compared && i < path_count(); ++i)
        candidates.push_back(path_text(this->path(i)));
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
    if (!net.choices.empty())
        text += "choices:\n";
    for (const NamedChoice& choice : net.choices)
        text += fmt::format("  {}: {}\n", quoted(choice.name), list(choice.values));
    text += "layers:\n";
    const LayerSpec defaults;
    std::string before = "input";
    for (const LayerSpec& layer : net.layers) {
        text += fmt::format("  - {{name: {}, type: {}", quoted(layer.name), name_of(layer.kind));
        if (layer.inputs != std::vector<std::string>{before})
            text += ", inputs: " + names(layer.inputs);
        if (!layer.out_channels.empty())
            text += ", out_channels: " + one_or_list(layer.out_channels);
        if (!layer.out_channels_from.empty())
            text += ", out_channels_from: " + names(layer.out_channels_from);
        if (!layer.kernel.empty())
            text += ", kernel: " + one_or_list(layer.kernel);
        if (!layer.kernel_from.empty())
            text += ", kernel_from: " + quoted(layer.kernel_from);
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
        if (!layer.groups_from.empty())
            text += ", groups_from: " + quoted(layer.groups_from);
        if (!layer.present.choice.empty())
            text += fmt::format(", present_if: {}",
                                quoted(fmt::format("{} >= {}", layer.present.choice, layer.present.least)));
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
