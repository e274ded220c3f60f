#include "dnn/quantise.hpp"

#include "core/error.hpp"
#include "core/workload/precision.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace xloop {
namespace {

constexpr double percentile = 0.9999;
constexpr std::int64_t histogram_bins = 4096;
constexpr std::int64_t calibration_batch = 128;

/// Runs the network over the images in batches: memory stays that of one batch.
void for_each_map(Supernet& net, const torch::Tensor& images, const WeightOffsets* offsets,
                  const LayerObserver& observer) {
    for (std::int64_t at = 0; at < images.size(0); at += calibration_batch)
        net->observe(images.narrow(0, at, std::min(calibration_batch, images.size(0) - at)), offsets, observer);
}

/// Magnitudes of one map over many batches: first all batches' largest, then a histogram up to it.
class Magnitudes {
public:
    void widen(const torch::Tensor& map) { largest_ = std::max(largest_, map.abs().max().item<double>()); }
    void count(const torch::Tensor& map) {
        if (largest_ <= 0.0)
            return;
        const auto counts = torch::histc(map.abs(), histogram_bins, 0, largest_).to(torch::kFloat64);
        histogram_ = histogram_.defined() ? histogram_ + counts : counts;
    }
    /// The 99.99th percentile; 0 when all values are.
    double typical() const {
        if (!histogram_.defined())
            return 0.0;
        const auto share = histogram_.cumsum(0) / histogram_.sum();
        const auto bin = share.lt(percentile).sum().item<std::int64_t>();
        return largest_ * static_cast<double>(std::min(bin + 1, histogram_bins)) / histogram_bins;
    }

private:
    double largest_ = 0.0;
    torch::Tensor histogram_;
};

/// Of each layer's output, and of the sum before its activation function where that is looked up in a table.
struct Ranges {
    std::vector<double> outputs, sums;
};

Ranges typical_ranges(Supernet& net, const torch::Tensor& images, const WeightOffsets* offsets,
                      const WorkloadGraph& graph) {
    std::vector<Magnitudes> outputs(graph.layers.size()), sums(graph.layers.size());
    const auto observe = [&](void (Magnitudes::*see)(const torch::Tensor&)) {
        for_each_map(net, images, offsets, [&](int layer, const torch::Tensor& sum, const torch::Tensor& output) {
            const auto l = static_cast<std::size_t>(layer);
            (outputs[l].*see)(output);
            if (needs_table(graph.layers[l].activation))
                (sums[l].*see)(sum);
        });
    };
    observe(&Magnitudes::widen);
    observe(&Magnitudes::count);
    Ranges ranges;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        ranges.outputs.push_back(outputs[l].typical());
        ranges.sums.push_back(sums[l].typical());
    }
    return ranges;
}

void set_edge_scales(WorkloadGraph& graph, const std::vector<double>& ranges) {
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        const double steps = layer.output_signed ? 127.0 : 255.0;
        // An edge that is always 0 may have any scale.
        layer.output_scale = layer.traits().factors == FactorRule::none ? graph.edge(layer.inputs.front()).scale
                                                                        : (ranges[l] > 0.0 ? ranges[l] : 1.0) / steps;
    }
}

/// Magnitude above which a sum gives the same result as this one, to half a step of 8 bits.
double saturation(ActivationFunction function) {
    switch (function) {
    case ActivationFunction::sigmoid: return std::log(2.0 * 255.0 - 1.0);  // 1 - sigmoid(x) = 1 / 510
    case ActivationFunction::tanh: return std::atanh(1.0 - 1.0 / 254.0);
    default: return std::numeric_limits<double>::infinity();
    }
}

/// The sums of relu6 are in steps of its output; those of other functions reach up to their range in 127 steps.
void make_table(GraphLayer& layer, double sum_range) {
    if (!needs_table(layer.activation))
        return;
    const double range = std::min(sum_range > 0.0 ? sum_range : 1.0, saturation(layer.activation));
    layer.table_step = layer.activation == ActivationFunction::relu6 ? layer.output_scale : range / 127.0;
    layer.make_table();
}

/// An int32 bias must hold b / (s_in * s_w) with room for the sum: a channel of tiny weights takes a larger scale.
torch::Tensor scales_with_room(const torch::Tensor& scales, const torch::Tensor& bias, double input_scale) {
    constexpr double bias_limit = 1 << 30;
    return torch::max(scales, bias.abs() / (input_scale * bias_limit));
}

void quantise_crossbar_layer(GraphLayer& layer, const SupernetImpl::Folded& real, double input_scale) {
    torch::Tensor scales = weight_scales(real.weight, layer.is_output);
    const torch::Tensor roomy = scales_with_room(scales, real.bias, input_scale);
    scales = layer.is_output ? torch::full_like(scales, roomy.max().item<double>()) : roomy;
    const torch::Tensor steps = (scales * input_scale).contiguous();
    const torch::Tensor bias = (real.bias / steps).round().to(torch::kInt32).contiguous();
    layer.weights = std::make_shared<const std::vector<std::int8_t>>(integer_weights(real.weight, scales));
    const auto* b = bias.data_ptr<std::int32_t>();
    layer.bias = std::make_shared<const std::vector<std::int32_t>>(b, b + bias.numel());
    const double* step = steps.data_ptr<double>();
    if (layer.is_output) {
        layer.output_scale = step[0];
        return;
    }
    for (std::int64_t o = 0; o < steps.numel(); ++o)
        layer.rescale.push_back(Rescale::from_real(step[o] / (layer.table ? layer.table_step : layer.output_scale)));
}

}  // namespace

torch::Tensor weight_scales(const torch::Tensor& weight, bool per_tensor) {
    constexpr double largest = largest_weight(8);
    const torch::Tensor magnitude = weight.detach().to(torch::kFloat64).abs().flatten(1).amax(1);
    const double top = magnitude.max().item<double>();
    const double fallback = (top > 0.0 ? top : 1.0) / largest;
    if (per_tensor)
        return torch::full_like(magnitude, fallback);
    return torch::where(magnitude > 0.0, magnitude / largest, torch::full_like(magnitude, fallback));
}

std::vector<std::int8_t> integer_weights(const torch::Tensor& weight, const torch::Tensor& scales) {
    const torch::Tensor rows = (weight.detach().to(torch::kFloat64) / scales.view({-1, 1, 1, 1}))
                                   .round()
                                   .clamp(-largest_weight(8), largest_weight(8))
                                   .to(torch::kInt8)
                                   .permute({0, 2, 3, 1})
                                   .contiguous();
    const auto* data = rows.data_ptr<std::int8_t>();
    return {data, data + rows.numel()};
}

IntegerMatrix integer_matrix(const torch::Tensor& weight, bool per_tensor, int bits) {
    const torch::Tensor scales = weight_scales(weight, per_tensor).contiguous();
    NarrowWeights narrow =
        narrow_weights(integer_weights(weight, scales), static_cast<int>(weight.size(0)), 8, bits, per_tensor);
    const double* scale = scales.data_ptr<double>();
    std::transform(narrow.growth.begin(), narrow.growth.end(), scale, narrow.growth.begin(), std::multiplies<>());
    return {std::move(narrow.weights), std::move(narrow.growth)};
}

WorkloadGraph quantise(Supernet& concrete, const torch::Tensor& calibration_images, const std::string& name,
                       const WeightOffsets* offsets) {
    if (calibration_images.dim() != 4 || calibration_images.size(0) == 0)
        throw Error("quantise needs calibration images of shape [N, C, H, W], N > 0");
    const torch::NoGradGuard no_grad;
    concrete->eval();
    WorkloadGraph graph = build_graph(concrete->spec());
    graph.name = name;
    graph.input_scale = 1.0 / 255.0;
    const Ranges ranges = typical_ranges(concrete, calibration_images, offsets, graph);
    set_edge_scales(graph, ranges.outputs);
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        make_table(layer, ranges.sums[l]);
        const auto input_scale = [&](std::size_t i) { return graph.edge(layer.inputs[i]).scale; };
        if (layer.on_crossbars())
            quantise_crossbar_layer(layer, concrete->folded(static_cast<int>(l)), input_scale(0));
        else
            for (std::size_t i = 0; i < layer.factor_count(); ++i)
                layer.rescale.push_back(
                    Rescale::from_real(input_scale(i) / (layer.output_scale * layer.traits().divisor(layer))));
    }
    return graph;
}

}  // namespace xloop
