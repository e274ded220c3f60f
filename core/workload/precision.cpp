#include "core/workload/precision.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Bits of each edge: of the input, then of the layers' outputs. Readers come after what they read.
std::vector<int> edge_bits(const WorkloadGraph& graph, const std::vector<LayerBits>& layers) {
    std::vector<int> bits(graph.layers.size() + 1, 0);
    for (std::size_t l = graph.layers.size(); l-- > 0;) {
        const GraphLayer& layer = graph.layers[l];
        const bool keeps_steps = layer.traits().factors == FactorRule::none;
        const int wanted = keeps_steps ? bits[l + 1] : layers[l].activations;
        for (int input : layer.inputs) {
            int& of_edge = bits[static_cast<std::size_t>(input + 1)];
            of_edge = std::max(of_edge, wanted);
        }
    }
    return bits;
}

/// A network of fewer than 8 bits was made for them.
int width(int own, int asked) { return own < 8 ? std::min(own, asked) : asked; }

}  // namespace

void set_precision(WorkloadGraph& graph, const std::vector<LayerBits>& layers) {
    const std::vector<int> bits = edge_bits(graph, layers);
    graph.input_bits = width(graph.input_bits, bits.front());
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        layer.weight_bits = width(layer.weight_bits, layers[l].weights);
        if (!layer.is_output)
            layer.output_bits = width(layer.output_bits, bits[l + 1]);
    }
}

}  // namespace xloop
