#include "core/workload/executor.hpp"

#include "core/workload/digital.hpp"

#include <algorithm>

namespace xloop {
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

ImageRun::ImageRun(const WorkloadGraph& graph, const std::uint8_t* image, std::int64_t image_index)
    : graph_(graph), image_index_(image_index), input_(static_cast<std::size_t>(graph.input.size())),
      maps_(graph.layers.size()), logits_(static_cast<std::size_t>(graph.logit_count())) {
    std::transform(image, image + graph.input.size(), input_.begin(),
                   [&](std::uint8_t pixel) { return input_value(pixel, graph.input_bits); });
}

std::vector<InputMap> ImageRun::inputs_of(const GraphLayer& layer) const {
    std::vector<InputMap> inputs;
    for (int i : layer.inputs)
        inputs.push_back({i < 0 ? input_.data() : maps_[static_cast<std::size_t>(i)].data(), graph_.map_of(i).channels,
                          graph_.edge(i).zero_point, graph_.map_of(i).positions()});
    return inputs;
}

std::vector<std::int32_t> ImageRun::sums(int index, const MatrixEngine& engine) const {
    const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(index)];
    const InputMap input = inputs_of(layer).front();
    const int window = layer.groups * layer.rows();
    std::vector<std::uint8_t> windows(static_cast<std::size_t>(layer.positions()) * window);
    for (int p = 0; p < layer.positions(); ++p)
        for (int g = 0; g < layer.groups; ++g)
            gather_window(layer, input, p, g, &windows[static_cast<std::size_t>(p) * window + g * layer.rows()]);
    std::vector<std::int32_t> sums(static_cast<std::size_t>(layer.out.size()));
    engine.multiply(index, {image_index_}, layer.positions(), windows.data(), sums.data());
    return sums;
}

void ImageRun::finish(int index, const std::vector<std::int32_t>& sums) {
    const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(index)];
    FeatureMap& out = maps_[static_cast<std::size_t>(index)];
    out.resize(static_cast<std::size_t>(layer.out.size()));
    const auto place = [&](int p) { return static_cast<std::size_t>(p) * layer.out.channels; };
    std::int32_t* logits = layer.is_output ? &logits_[static_cast<std::size_t>(graph_.first_logit(index))] : nullptr;
    switch (layer.traits().layer_class) {
    case LayerClass::matrix:
        if (layer.is_output) {
            for (std::size_t i = 0; i < sums.size(); ++i)
                logits[i] = sums[i] + (*layer.bias)[i % static_cast<std::size_t>(layer.out.channels)];
            return;
        }
        for (int p = 0; p < layer.positions(); ++p)
            finish_position(layer, &sums[place(p)], &out[place(p)]);
        return;
    case LayerClass::window:
    case LayerClass::pointwise: {
        const std::vector<InputMap> inputs = inputs_of(layer);
        for (int p = 0; p < layer.positions(); ++p)
            layer.traits().position(layer, inputs.data(), p, &out[place(p)]);
        if (layer.is_output)
            std::transform(out.begin(), out.end(), logits, [&](Activation value) { return logit_of(layer, value); });
        return;
    }
    }
}

std::vector<std::int32_t> run_graph(const WorkloadGraph& graph, const MatrixEngine& engine, const std::uint8_t* image,
                                    std::int64_t image_index) {
    ImageRun run(graph, image, image_index);
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const int index = static_cast<int>(l);
        if (graph.layers[l].on_crossbars())
            run.finish(index, run.sums(index, engine));
        else
            run.finish(index);
    }
    return run.logits();
}

}  // namespace xloop
