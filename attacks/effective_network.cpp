#include "attacks/effective_network.hpp"

#include "core/workload/equalise.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace xloop {

std::vector<double> weight_steps(const WorkloadGraph& graph, int index) {
    const GraphLayer& layer = graph.layers[static_cast<std::size_t>(index)];
    const double in = graph.edge(layer.inputs.front()).scale;
    const double out = layer.is_output ? layer.output_scale : layer.table ? layer.table_step : graph.edge(index).scale;
    std::vector<double> steps;
    for (std::size_t o = 0; o < static_cast<std::size_t>(layer.out.channels); ++o)
        steps.push_back((layer.is_output ? 1.0 : layer.rescale[o % layer.rescale.size()].real()) * out / in);
    return steps;
}

namespace {

/// The mean over the copies of a layer.
std::vector<float> realised(const LayerArrays& arrays) {
    if (arrays.is_digital())
        return arrays.effective_weights();
    std::vector<float> mean = arrays.effective_weights(0);
    for (int copy = 1; copy < arrays.copy_count(); ++copy) {
        const std::vector<float> one = arrays.effective_weights(copy);
        std::transform(mean.begin(), mean.end(), one.begin(), mean.begin(), std::plus<>());
    }
    const auto share = 1.0f / static_cast<float>(arrays.copy_count());
    for (float& value : mean)
        value *= share;
    return mean;
}

}  // namespace

FloatNetwork effective_network(const FloatNetwork& network, const RunningNetwork& running) {
    FloatNetwork real = fold_batch_norm(network);
    const WorkloadGraph& graph = running.graph();
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        const LayerArrays* arrays = running.chip() ? running.chip()->layer_arrays(static_cast<int>(l)) : nullptr;
        const std::vector<float> stored =
            arrays ? realised(*arrays) : std::vector<float>(layer.weights->begin(), layer.weights->end());
        const std::vector<double> steps = weight_steps(graph, static_cast<int>(l));
        const Edge in = graph.edge(layer.inputs.front());
        const auto rows = static_cast<std::size_t>(layer.rows()), taps = static_cast<std::size_t>(layer.window.taps());
        const std::size_t channels = rows / taps;
        FloatTensor& weight = real.tensors.at(layer.name + ".weight");
        FloatTensor& bias = real.tensors[layer.name + ".bias"];
        bias.shape = {layer.out.channels};
        bias.values.assign(static_cast<std::size_t>(layer.out.channels), 0.0f);
        real.spec.layers[l].bias = true;
        for (std::size_t o = 0; o < bias.values.size(); ++o) {
            const float* of_output = &stored[o * rows];
            for (std::size_t tap = 0; tap < taps; ++tap)
                for (std::size_t c = 0; c < channels; ++c)
                    weight.values[(o * channels + c) * taps + tap] =
                        static_cast<float>(steps[o] * of_output[tap * channels + c]);
            // The bias makes up for the zero point of the inputs with the weights as they should be.
            const double at_zero = std::accumulate(of_output, of_output + rows, 0.0) * in.zero_point;
            bias.values[o] = static_cast<float>(((*layer.bias)[o] + at_zero) * in.scale * steps[o]);
        }
    }
    return real;
}

}  // namespace xloop
