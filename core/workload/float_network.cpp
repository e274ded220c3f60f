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

std::int64_t parameter_count(const NetworkSpec& spec) {
    std::int64_t sum = 0;
    for (const TensorShape& tensor : tensor_shapes(spec))
        sum += tensor.trained ? FloatTensor::count(tensor.shape) : 0;
    return sum;
}

void check_tensors(const FloatNetwork& network, const std::string& name) {
    const auto fail = [&](const std::string& message) { throw InputError(name + ": " + message); };
    std::set<std::string> known;
    for (const auto& [tensor, shape, trained] : tensor_shapes(network.spec)) {
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
        constexpr std::string_view of_variance = ".variance";
        if (!trained && tensor.size() > of_variance.size() &&
            tensor.compare(tensor.size() - of_variance.size(), of_variance.size(), of_variance) == 0)
            for (float variance : values)
                if (variance + batch_norm_epsilon <= 0.0)
                    fail(fmt::format("tensor `{}`: {} is below 0", tensor, variance));
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
