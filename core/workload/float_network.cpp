#include "core/workload/float_network.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/workload/workload_graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

namespace xloop {
namespace {

constexpr const char* network_file = "/network.yaml";
constexpr const char* weights_file = "/weights.safetensors";

bool ends_with(std::string_view name, std::string_view end) {
    return name.size() >= end.size() && name.substr(name.size() - end.size()) == end;
}

/// What is wrong with a value of a tensor, by the end of the tensor's name; empty: nothing.
std::string value_error(std::string_view tensor, float value) {
    const auto count_up_to = [&](float low, float high) {
        return value >= low && value <= high && value == std::round(value)
                   ? std::string()
                   : fmt::format("{} is no integer from {} to {}", value, low, high);
    };
    if (ends_with(tensor, ".variance"))
        return value + batch_norm_epsilon <= 0.0 ? fmt::format("{} is below 0", value) : std::string();
    if (ends_with(tensor, "_step"))
        return value <= 0.0f ? fmt::format("{} is not above 0", value) : std::string();
    if (ends_with(tensor, "_bits"))
        return count_up_to(1.0f, 8.0f);
    if (ends_with(tensor, "_zero_point"))
        return count_up_to(0.0f, 255.0f);
    return {};
}

}  // namespace

std::vector<TensorShape> tensor_shapes(const NetworkSpec& spec) {
    const WorkloadGraph graph = build_graph(spec);
    std::vector<TensorShape> shapes;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        if (!layer.traits().has_weights())
            continue;
        const auto add = [&](const char* part, std::vector<std::int64_t> shape, bool trained = true) {
            shapes.push_back({layer.name + "." + part, std::move(shape), trained});
        };
        const std::int64_t channels = layer.out.channels;
        const bool normalised = spec.layers[l].batch_norm;
        if (layer.on_crossbars())
            add("weight", {channels, layer.in.channels / layer.groups, layer.window.y.kernel, layer.window.x.kernel});
        else if (!normalised)
            add("weight", {channels});
        if (normalised) {
            add("gamma", {channels});
            add("beta", {channels});
            add("mean", {channels}, false);
            add("variance", {channels}, false);
        } else if (spec.layers[l].bias) {
            add("bias", {channels});
        }
    }
    return shapes;
}

std::vector<TensorShape> step_shapes(const NetworkSpec& spec) {
    const WorkloadGraph graph = build_graph(spec);
    std::vector<TensorShape> shapes;
    const auto add = [&](const std::string& name, std::int64_t size = 1) { shapes.push_back({name, {size}, true}); };
    const auto add_edge = [&](const std::string& prefix) {
        for (const char* part : {"_step", "_zero_point", "_bits"})
            add(prefix + part);
    };
    add_edge("input");
    for (const GraphLayer& layer : graph.layers) {
        if (layer.on_crossbars()) {
            add(layer.name + ".weight_step", layer.out.channels);
            add(layer.name + ".weight_bits");
        }
        if (has_own_edge(layer))
            add_edge(layer.name + ".output");
        if (has_sum_step(layer))
            add(layer.name + ".sum_step");
    }
    return shapes;
}

bool has_steps(const FloatNetwork& network) {
    const std::vector<TensorShape> shapes = step_shapes(network.spec);
    return std::any_of(shapes.begin(), shapes.end(),
                       [&](const TensorShape& shape) { return network.tensors.count(shape.name) > 0; });
}

std::int64_t parameter_count(const NetworkSpec& spec) {
    std::int64_t sum = 0;
    for (const TensorShape& tensor : tensor_shapes(spec))
        sum += tensor.trained ? FloatTensor::count(tensor.shape) : 0;
    return sum;
}

void check_tensors(const FloatNetwork& network, const std::string& name) {
    const auto fail = [&](const std::string& message) { throw InputError(name + ": " + message); };
    std::set<std::string> known;
    std::vector<TensorShape> shapes = tensor_shapes(network.spec);
    if (has_steps(network)) {
        const std::vector<TensorShape> steps = step_shapes(network.spec);
        shapes.insert(shapes.end(), steps.begin(), steps.end());
    }
    for (const auto& [tensor, shape, trained] : shapes) {
        known.insert(tensor);
        const auto found = network.tensors.find(tensor);
        if (found == network.tensors.end())
            fail(fmt::format("tensor `{}` of shape [{}] is missing", tensor, fmt::join(shape, ", ")));
        if (found->second.shape != shape)
            fail(fmt::format("tensor `{}`: expected shape [{}], found [{}]", tensor, fmt::join(shape, ", "),
                             fmt::join(found->second.shape, ", ")));
        const std::vector<float>& values = found->second.values;
        if (const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
            bad != values.end())
            fail(fmt::format("tensor `{}`: value {} is not finite", tensor, bad - values.begin()));
        for (float value : values)
            if (const std::string error = value_error(tensor, value); !error.empty())
                fail(fmt::format("tensor `{}`: {}", tensor, error));
    }
    for (const auto& [tensor, values] : network.tensors)
        if (known.count(tensor) == 0)
            fail(fmt::format("tensor `{}` belongs to no layer{}", tensor,
                             did_you_mean(tensor, {known.begin(), known.end()})));
}

std::string float_network_file(const std::string& dir) { return dir + network_file; }

void save_float_network(const FloatNetwork& network, const std::string& dir) {
    make_folder(dir);
    save_safetensors(network.tensors, dir + weights_file);
    write_file_atomically(dir + network_file, network_yaml(network.spec));
}

FloatNetwork load_float_network(const std::string& dir) {
    FloatNetwork network{load_network(dir + network_file), load_safetensors(dir + weights_file)};
    if (network.spec.searchable())
        throw InputError(dir + network_file + ": is a space of networks, not one network with weights");
    check_tensors(network, dir + weights_file);
    return network;
}

}  // namespace xloop
