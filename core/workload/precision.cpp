#include "core/workload/precision.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace xloop {
namespace {

/// What weights and activations have when they are made. Wider ones are counted, not computed.
constexpr int made = 8;

/// Its logits are int32 sums, which no width applies to.
bool has_logits_as_sums(const GraphLayer& layer) { return layer.is_output && layer.on_crossbars(); }

/// What was narrowed stays so.
int width(int own, int asked) { return own < made ? std::min(own, asked) : asked; }

/// Bits of each edge: of the input, then of the layers' outputs.
std::vector<int> edge_bits(const WorkloadGraph& graph, const std::vector<LayerBits>& layers) {
    std::vector<int> bits(graph.layers.size() + 1, 0);
    const auto at = [&](int producer) -> int& { return bits[static_cast<std::size_t>(producer + 1)]; };
    const auto keeps_steps = [](const GraphLayer& layer) { return layer.traits().factors == FactorRule::none; };
    for (int output : graph.outputs)
        at(output) = graph.edge(output).bits;
    // Readers come after what they read.
    for (std::size_t l = graph.layers.size(); l-- > 0;)
        for (int input : graph.layers[l].inputs)
            at(input) = std::max(at(input), keeps_steps(graph.layers[l]) ? bits[l + 1] : layers[l].activations);
    for (int producer = -1; producer < static_cast<int>(graph.layers.size()); ++producer) {
        const Edge edge = graph.edge(producer);
        if (edge.is_signed)
            at(producer) = std::max(at(producer), 2);
        at(producer) = width(edge.bits, at(producer));
        // Others may read the same map with more bits.
        if (producer >= 0 && keeps_steps(graph.layers[static_cast<std::size_t>(producer)]))
            at(producer) = at(graph.layers[static_cast<std::size_t>(producer)].inputs.front());
    }
    return bits;
}

/// Steps of the edge with `bits` bits over steps before.
double growth(const Edge& edge, int bits) {
    return static_cast<double>(highest_value(edge.is_signed, edge.bits)) / highest_value(edge.is_signed, bits);
}

/// An edge with a zero point keeps one: without, it would be signed.
int narrow_zero_point(const Edge& edge, int bits) {
    return edge.zero_point == 0 ? 0 : std::max(1, static_cast<int>(std::lround(edge.zero_point / growth(edge, bits))));
}

void narrow_input(WorkloadGraph& graph, int bits) {
    const Edge edge = graph.edge(-1);
    graph.input_scale *= growth(edge, bits);
    graph.input_zero_point = narrow_zero_point(edge, bits);
    graph.input_bits = bits;
}

void narrow_output(WorkloadGraph& graph, int index, int bits) {
    const Edge edge = graph.edge(index);
    GraphLayer& layer = graph.layers[static_cast<std::size_t>(index)];
    layer.output_scale *= growth(edge, bits);
    layer.output_zero_point = narrow_zero_point(edge, bits);
    layer.output_bits = bits;
    // Sums for a table keep their 8 bits, but those of relu6 are in steps of the output.
    if (layer.activation == ActivationFunction::relu6)
        layer.table_step *= growth(edge, bits);
    if (layer.table)
        layer.make_table();
}

/// Never 0: of weights that are, the bias decides the step.
template <class Iterator>
double mean_magnitude(Iterator begin, Iterator end) {
    const auto sum = std::accumulate(begin, end, std::int64_t{0},
                                     [](std::int64_t total, std::int8_t w) { return total + std::abs(w); });
    return std::max(1e-9, static_cast<double>(sum) / static_cast<double>(end - begin));
}

/// Returns the steps of each output's sums over those before.
std::vector<double> narrow_matrix(GraphLayer& layer, int weight_bits, const Edge& before, const Edge& after) {
    const NarrowWeights narrow =
        narrow_weights(*layer.weights, layer.out.channels, layer.weight_bits, weight_bits, layer.is_output);
    const auto rows = static_cast<std::size_t>(layer.rows());
    const auto sum_of_row = [rows](const std::vector<std::int8_t>& weights, std::size_t row) {
        const auto first = weights.begin() + static_cast<std::ptrdiff_t>(row * rows);
        return std::accumulate(first, first + static_cast<std::ptrdiff_t>(rows), std::int64_t{0});
    };
    std::vector<double> biases, steps;  // real bias in the accumulator's old steps; new steps over old ones
    for (std::size_t o = 0; o < narrow.growth.size(); ++o) {
        biases.push_back(static_cast<double>((*layer.bias)[o] + before.zero_point * sum_of_row(*layer.weights, o)));
        // A bias has room for the sum beside it: see dnn/quantise.cpp.
        steps.push_back(std::max(growth(before, after.bits) * narrow.growth[o], std::abs(biases[o]) / (1 << 30)));
    }
    if (layer.is_output) {
        std::fill(steps.begin(), steps.end(), *std::max_element(steps.begin(), steps.end()));
        layer.output_scale *= steps.front();
    }
    std::vector<std::int32_t> bias;
    for (std::size_t o = 0; o < steps.size(); ++o)
        bias.push_back(static_cast<std::int32_t>(std::llround(biases[o] / steps[o]) -
                                                 after.zero_point * sum_of_row(narrow.weights, o)));
    layer.weights = std::make_shared<const std::vector<std::int8_t>>(narrow.weights);
    layer.bias = std::make_shared<const std::vector<std::int32_t>>(std::move(bias));
    layer.adc_range_levels = 0.0;
    layer.weight_bits = weight_bits;
    return steps;
}

/// What the steps of a layer without a matrix grow by with those of its inputs.
void widen_steps(GraphLayer& layer, const WorkloadGraph& old, const WorkloadGraph& graph, std::vector<double>& by) {
    const auto growth_of = [&](int input) { return growth(old.edge(input), graph.edge(input).bits); };
    if (!layer.traits().has_weights()) {
        for (std::size_t i = 0; i < layer.inputs.size() && !by.empty(); ++i)
            by[std::min(i, by.size() - 1)] *= growth_of(layer.inputs[i]);
        return;
    }
    const double grown = growth_of(layer.inputs.front());
    std::fill(by.begin(), by.end(), grown);
    std::vector<std::int32_t> bias;
    for (std::int32_t b : *layer.bias)
        bias.push_back(static_cast<std::int32_t>(std::llround(b / grown)));
    layer.bias = std::make_shared<const std::vector<std::int32_t>>(std::move(bias));
}

/// `bits` of the edges, `weight_bits` of the layers.
void set_widths(WorkloadGraph& graph, const std::vector<int>& bits, const std::vector<int>& weight_bits) {
    graph.input_bits = bits.front();
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        layer.weight_bits = weight_bits[l];
        if (!has_logits_as_sums(layer))
            layer.output_bits = bits[l + 1];
    }
}

/// The widths that values have, where wider ones are counted.
void set_widths_of_values(WorkloadGraph& graph) {
    graph.input_bits = std::min(graph.input_bits, made);
    for (GraphLayer& layer : graph.layers) {
        layer.weight_bits = std::min(layer.weight_bits, made);
        layer.output_bits = std::min(layer.output_bits, made);
    }
}

/// Makes integers of the widths that are narrower than the network's.
void requantise(WorkloadGraph& graph, const std::vector<int>& bits, const std::vector<int>& narrow_weight_bits) {
    set_widths_of_values(graph);
    const WorkloadGraph old = graph;
    const auto narrows = [&](int producer) {
        return bits[static_cast<std::size_t>(producer + 1)] < old.edge(producer).bits;
    };
    if (narrows(-1))
        narrow_input(graph, bits.front());
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const int index = static_cast<int>(l);
        GraphLayer& layer = graph.layers[l];
        std::vector<double> by(layer.rescale.size(), 1.0);  // what each factor is multiplied by
        const int producer = layer.inputs.front(), weight_bits = narrow_weight_bits[l];
        if (!layer.on_crossbars())
            widen_steps(layer, old, graph, by);
        else if (narrows(producer) || weight_bits < layer.weight_bits)
            by = narrow_matrix(layer, weight_bits, old.edge(producer), graph.edge(producer));
        if (has_logits_as_sums(layer))
            continue;
        if (narrows(index))
            narrow_output(graph, index, bits[l + 1]);
        const double step =
            layer.table ? layer.table_step / old.layers[l].table_step : growth(old.edge(index), layer.output_bits);
        for (std::size_t i = 0; i < layer.rescale.size(); ++i)
            if (by[i] != step)
                layer.rescale[i] = Rescale::from_real(layer.rescale[i].real() * by[i] / step);
    }
}

}  // namespace

void set_precision(WorkloadGraph& graph, const std::vector<LayerBits>& layers) {
    const std::vector<int> bits = edge_bits(graph, layers);
    std::vector<int> weight_bits;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        weight_bits.push_back(layer.on_crossbars() ? width(layer.weight_bits, layers[l].weights) : layer.weight_bits);
    }
    if (graph.has_weights())
        requantise(graph, bits, weight_bits);
    set_widths(graph, bits, weight_bits);
}

NarrowWeights narrow_weights(std::vector<std::int8_t> weights, int rows, int from, int to, bool one_step) {
    NarrowWeights narrow{std::move(weights), std::vector<double>(static_cast<std::size_t>(rows), 1.0)};
    if (to >= from)
        return narrow;
    const auto begin = narrow.weights.begin();
    const std::ptrdiff_t size = narrow.weights.end() - begin, row = size / rows;
    const double growth = static_cast<double>(largest_weight(from)) / largest_weight(to);
    for (int r = 0; r < rows; ++r)
        narrow.growth[static_cast<std::size_t>(r)] = to > 1 ? growth
                                                     : one_step
                                                         ? mean_magnitude(begin, begin + size)
                                                         : mean_magnitude(begin + r * row, begin + (r + 1) * row);
    for (std::int8_t& w : narrow.weights)
        w = static_cast<std::int8_t>(to > 1 ? std::lround(w / growth) : w < 0 ? -1 : 1);
    return narrow;
}

}  // namespace xloop
