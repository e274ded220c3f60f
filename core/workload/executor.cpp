#include "core/workload/executor.hpp"

#include "core/workload/digital.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Runs a crossbar layer over all its positions; returns the raw accumulators.
std::vector<std::int32_t> accumulate(const GraphLayer& layer, int index, const MatrixEngine& engine,
                                     const InputMap& input, std::int64_t image) {
    const int window = layer.groups * layer.rows();
    std::vector<std::uint8_t> windows(static_cast<std::size_t>(layer.positions()) * window);
    for (int p = 0; p < layer.positions(); ++p)
        for (int g = 0; g < layer.groups; ++g)
            gather_window(layer, input, p, g, &windows[static_cast<std::size_t>(p) * window + g * layer.rows()]);
    std::vector<std::int32_t> accumulators(static_cast<std::size_t>(layer.out.size()));
    engine.multiply(index, {image}, layer.positions(), windows.data(), accumulators.data());
    return accumulators;
}

}  // namespace

void IntegerEngine::multiply(int layer_index, const ReadAddress&, int count, const std::uint8_t* windows,
                             std::int32_t* accumulators) const {
    const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(layer_index)];
    const int rows = layer.rows();
    const int per_group = layer.out.channels / layer.groups;
    for (int p = 0; p < count; ++p)
        for (int o = 0; o < layer.out.channels; ++o) {
            const std::uint8_t* x = windows + (static_cast<std::size_t>(p) * layer.groups + o / per_group) * rows;
            const std::int8_t* w = layer.weights->data() + static_cast<std::size_t>(o) * rows;
            accumulators[static_cast<std::size_t>(p) * layer.out.channels + o] = exact_sum(x, w, rows);
        }
}

std::vector<std::int32_t> run_graph(const WorkloadGraph& graph, const MatrixEngine& engine, const std::uint8_t* image,
                                    std::int64_t image_index) {
    FeatureMap input(static_cast<std::size_t>(graph.input.size()));
    std::transform(image, image + graph.input.size(), input.begin(),
                   [&](std::uint8_t pixel) { return input_value(pixel, graph.input_bits); });
    std::vector<FeatureMap> maps(graph.layers.size());
    std::vector<std::int32_t> logits(static_cast<std::size_t>(graph.logit_count()));
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        const int index = static_cast<int>(l);
        std::vector<InputMap> inputs;
        for (int i : layer.inputs)
            inputs.push_back({i < 0 ? input.data() : maps[static_cast<std::size_t>(i)].data(), graph.map_of(i).channels,
                              graph.edge(i).zero_point, graph.map_of(i).positions()});
        FeatureMap& out = maps[l];
        out.resize(static_cast<std::size_t>(layer.out.size()));
        const auto place = [&](int p) { return static_cast<std::size_t>(p) * layer.out.channels; };
        switch (layer.traits().layer_class) {
        case LayerClass::matrix: {
            auto sums = accumulate(layer, index, engine, inputs.front(), image_index);
            if (layer.is_output) {
                for (std::size_t i = 0; i < sums.size(); ++i)
                    sums[i] += (*layer.bias)[i % static_cast<std::size_t>(layer.out.channels)];
                std::copy(sums.begin(), sums.end(), logits.begin() + graph.first_logit(index));
                break;
            }
            for (int p = 0; p < layer.positions(); ++p)
                finish_position(layer, &sums[place(p)], &out[place(p)]);
            break;
        }
        case LayerClass::window:
        case LayerClass::pointwise:
            for (int p = 0; p < layer.positions(); ++p)
                layer.traits().position(layer, inputs.data(), p, &out[place(p)]);
            if (layer.is_output)
                std::transform(out.begin(), out.end(), logits.begin() + graph.first_logit(index),
                               [&](Activation value) { return logit_of(layer, value); });
            break;
        }
    }
    return logits;
}

}  // namespace xloop
