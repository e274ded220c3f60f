#include "core/workload/equalise.hpp"

#include "core/workload/workload_graph.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

bool commutes_with_factors(ActivationFunction function) {
    switch (function) {
    case ActivationFunction::none:
    case ActivationFunction::relu:
    case ActivationFunction::leaky_relu:
    case ActivationFunction::prelu: return true;
    default: return false;
    }
}

/// The layer of class matrix that alone reads layer `index`, perhaps after pools; -1: there is none.
int only_reader(const WorkloadGraph& graph, int index) {
    for (;;) {
        const std::vector<int> readers = graph.consumers(index);
        if (readers.size() != 1)
            return -1;
        index = readers.front();
        const GraphLayer& reader = graph.layers[static_cast<std::size_t>(index)];
        if (reader.on_crossbars())
            return index;
        if (reader.traits().layer_class != LayerClass::window || reader.is_output)
            return -1;
    }
}

/// Calls visit(weight) for the weights of `layer` that make output channel `channel`.
template <class Visit>
void visit_output(const GraphLayer& layer, std::vector<float>& weights, int channel, const Visit& visit) {
    const auto rows = static_cast<std::size_t>(layer.rows());
    std::for_each_n(weights.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(channel) * rows), rows,
                    visit);
}

/// The same for those that read input channel `channel`.
template <class Visit>
void visit_input(const GraphLayer& layer, std::vector<float>& weights, int channel, const Visit& visit) {
    const int ins = layer.in.channels / layer.groups, outs = layer.out.channels / layer.groups, group = channel / ins;
    const std::size_t taps = static_cast<std::size_t>(layer.window.taps());
    for (int o = group * outs; o < (group + 1) * outs; ++o) {
        const std::size_t first =
            (static_cast<std::size_t>(o) * static_cast<std::size_t>(ins) + static_cast<std::size_t>(channel % ins)) *
            taps;
        std::for_each_n(weights.begin() + static_cast<std::ptrdiff_t>(first), taps, visit);
    }
}

}  // namespace

FloatNetwork fold_batch_norm(FloatNetwork network) {
    for (LayerSpec& layer : network.spec.layers) {
        if (!layer.batch_norm)
            continue;
        const auto take = [&](const char* part) {
            auto node = network.tensors.extract(layer.name + "." + part);
            return std::move(node.mapped().values);
        };
        const std::vector<float> gamma = take("gamma"), beta = take("beta"), mean = take("mean"),
                                 variance = take("variance");
        const auto channels = static_cast<std::int64_t>(gamma.size());
        if (layer.kind == LayerKind::scale)
            network.tensors[layer.name + ".weight"] = {{channels}, std::vector<float>(gamma.size(), 1.0f)};
        std::vector<float>& weights = network.tensors.at(layer.name + ".weight").values;
        const auto steps = network.tensors.find(layer.name + ".weight_step");
        FloatTensor bias{{channels}, {}};
        const std::size_t rows = weights.size() / gamma.size();
        for (std::size_t o = 0; o < gamma.size(); ++o) {
            const double factor = gamma[o] / std::sqrt(variance[o] + batch_norm_epsilon);
            std::for_each_n(weights.begin() + static_cast<std::ptrdiff_t>(o * rows), rows,
                            [&](float& w) { w = static_cast<float>(w * factor); });
            bias.values.push_back(static_cast<float>(beta[o] - mean[o] * factor));
            if (steps != network.tensors.end() && factor != 0.0)
                steps->second.values[o] = static_cast<float>(steps->second.values[o] * std::abs(factor));
        }
        network.tensors[layer.name + ".bias"] = std::move(bias);
        layer.batch_norm = false;
    }
    return network;
}

FloatNetwork equalise(FloatNetwork network) {
    constexpr int most_rounds = 20;
    constexpr double still = 1e-3;  // a factor this near to 1 is none
    network = fold_batch_norm(std::move(network));
    const WorkloadGraph graph = build_graph(network.spec);
    bool moved = true;
    for (int round = 0; moved && round < most_rounds; ++round) {
        moved = false;
        for (std::size_t l = 0; l < graph.layers.size(); ++l) {
            const GraphLayer& first = graph.layers[l];
            const int reader = first.on_crossbars() && !first.is_output && commutes_with_factors(first.activation)
                                   ? only_reader(graph, static_cast<int>(l))
                                   : -1;
            if (reader < 0)
                continue;
            const GraphLayer& second = graph.layers[static_cast<std::size_t>(reader)];
            std::vector<float>&a = network.tensors.at(first.name + ".weight").values,
            &b = network.tensors.at(second.name + ".weight").values,
            &bias = network.tensors.at(first.name + ".bias").values;
            for (int c = 0; c < first.out.channels; ++c) {
                float out = 0.0f, in = 0.0f;
                visit_output(first, a, c, [&](float w) { out = std::max(out, std::abs(w)); });
                visit_input(second, b, c, [&](float w) { in = std::max(in, std::abs(w)); });
                if (out <= 0.0f || in <= 0.0f)
                    continue;
                const float s = std::sqrt(out / in);
                moved = moved || std::abs(s - 1.0f) > still;
                visit_output(first, a, c, [&](float& w) { w /= s; });
                bias[static_cast<std::size_t>(c)] /= s;
                visit_input(second, b, c, [&](float& w) { w *= s; });
            }
        }
    }
    return network;
}

}  // namespace xloop
