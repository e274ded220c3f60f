#include "core/workload/float_network.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/workload/workload_graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace xloop {
namespace {

constexpr const char* network_file = "/network.yaml";
constexpr const char* weights_file = "/weights.safetensors";

}  // namespace

void check_tensors(const FloatNetwork& network, const std::string& name) {
    const auto fail = [&](const std::string& message) { throw InputError(name + ": " + message); };
    const WorkloadGraph graph = build_graph(network.spec);
    std::set<std::string> known;
    const auto check = [&](const std::string& tensor, const std::vector<std::int64_t>& shape) {
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
    };
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        check(layer.name + ".weight", {layer.out.channels, layer.in.channels / layer.groups, layer.window.y.kernel,
                                       layer.window.x.kernel});
        const bool normalised = network.spec.layers[l].batch_norm;
        for (const char* part : {"bias", "gamma", "beta", "mean", "variance"})
            if (normalised != (std::string(part) == "bias"))
                check(layer.name + "." + part, {layer.out.channels});
        if (normalised)
            for (float variance : network.tensors.at(layer.name + ".variance").values)
                if (variance + batch_norm_epsilon <= 0.0)
                    fail(fmt::format("tensor `{}.variance`: {} is below 0", layer.name, variance));
    }
    for (const auto& [tensor, values] : network.tensors)
        if (known.count(tensor) == 0)
            fail(fmt::format("tensor `{}` belongs to no layer{}", tensor,
                             did_you_mean(tensor, {known.begin(), known.end()})));
}

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
