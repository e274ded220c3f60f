#include "dnn/quantise.hpp"

#include <torch/torch.h>
#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

namespace xloop {
namespace {

constexpr std::int64_t histogram_bins = 4096;
constexpr std::int64_t calibration_batch = 128;
constexpr int table_steps = 127;  ///< of the magnitudes of sums, which have 8 bits

/// Sees each layer's output, and what its activation function was applied to.
class MapViewer : public LayerHooks {
public:
    using See = std::function<void(int layer, const torch::Tensor& before, const torch::Tensor& map)>;
    explicit MapViewer(See see) : see_(std::move(see)) {}
    torch::Tensor output(const LayerAt& at, const torch::Tensor& before, const torch::Tensor& map) override {
        see_(at.index, before, map);
        return map;
    }

private:
    See see_;
};

/// Runs the network over the images in batches: memory stays that of one batch.
void for_each_map(Supernet& net, const torch::Tensor& images, LayerHooks* hooks, const MapViewer::See& see) {
    MapViewer viewer(see);
    HookChain chain;
    if (hooks)
        chain.add(*hooks);
    chain.add(viewer);
    for (std::int64_t at = 0; at < images.size(0); at += calibration_batch)
        net->forward(images.narrow(0, at, std::min(calibration_batch, images.size(0) - at)), &chain);
}

/// Ends of a range of real values; low is 0 where it is one of magnitudes.
struct Range {
    double low = 0.0, high = 0.0;
};

/// Values of one map over many batches, or their magnitudes: first all batches' ends, then a histogram between them.
class Values {
public:
    explicit Values(bool two_ends) : two_ends_(two_ends) {}

    void widen(const torch::Tensor& map) {
        const torch::Tensor values = two_ends_ ? map : map.abs();
        all_.high = std::max(all_.high, values.max().item<double>());
        if (two_ends_)
            all_.low = std::min(all_.low, values.min().item<double>());
    }
    void count(const torch::Tensor& map) {
        if (all_.high <= all_.low)
            return;
        const auto counts =
            torch::histc(two_ends_ ? map : map.abs(), histogram_bins, all_.low, all_.high).to(torch::kFloat64);
        histogram_ = histogram_.defined() ? histogram_ + counts : counts;
    }

    /// By a rule, for integers from 0 to `steps` over the range; {0, 0} when all values are 0.
    Range range(const QuantiseConfig& config, int steps) const {
        if (!histogram_.defined())
            return {};
        switch (config.activations) {
        case RangeRule::max: return all_;
        case RangeRule::percentile: return between(config.percentile / 100.0);
        case RangeRule::mse: return best([&](int begin, int end) { return squared_error(begin, end, steps); });
        case RangeRule::entropy: return best([&](int begin, int end) { return divergence(begin, end, steps); });
        }
        return all_;
    }

private:
    static constexpr int bins = static_cast<int>(histogram_bins);
    double width() const { return (all_.high - all_.low) / bins; }
    double edge(int bin) const { return all_.low + bin * width(); }
    /// The bin in which the values begin to be positive.
    int zero_bin() const { return std::clamp(static_cast<int>(std::lround(-all_.low / width())), 0, bins - 1); }

    Range between(double share) const {
        const auto shares = histogram_.cumsum(0) / histogram_.sum();
        const auto bin_of = [&](double s) { return shares.lt(s).sum().item<std::int64_t>(); };
        const auto high = std::min(bin_of(share) + 1, histogram_bins);
        if (!two_ends_)
            return {0.0, all_.high * static_cast<double>(high) / histogram_bins};
        return {std::min(0.0, edge(static_cast<int>(bin_of(1.0 - share)))),
                std::max(0.0, edge(static_cast<int>(high)))};
    }

    /// The shrunk copy of the whole range, in bins [begin, end), with the least cost.
    template <class Cost>
    Range best(const Cost& cost) const {
        constexpr int candidates = 96, smallest = 5;  // the whole range is 96 of 96
        Range found = all_;
        double least = std::numeric_limits<double>::infinity();
        const int zero = zero_bin();
        for (int c = candidates; c >= smallest; --c) {
            const double share = static_cast<double>(c) / candidates;
            const int begin = zero - static_cast<int>(share * zero);
            const int end = std::max(zero + static_cast<int>(share * (bins - zero)), begin + 1);
            if (const double value = cost(begin, end); value < least) {
                least = value;
                found = {begin == zero ? std::min(0.0, all_.low * share) : edge(begin), edge(end)};
            }
        }
        return found;
    }

    double squared_error(int begin, int end, int steps) const {
        const double low = edge(begin), step = (edge(end) - low) / steps;
        const double* counts = histogram_.data_ptr<double>();
        double sum = 0.0;
        for (int b = 0; b < bins; ++b) {
            const double x = edge(b) + 0.5 * width();
            const double error = x - (low + std::clamp(std::round((x - low) / step), 0.0, double(steps)) * step);
            sum += counts[b] * error * error;
        }
        return sum;
    }

    /// Of the clipped histogram from itself in `steps` + 1 levels; values next to 0, which any range has, are left out.
    double divergence(int begin, int end, int steps) const {
        const double* counts = histogram_.data_ptr<double>();
        std::vector<double> p(counts + begin, counts + end);
        p.front() += std::accumulate(counts, counts + begin, 0.0);
        p.back() += std::accumulate(counts + end, counts + bins, 0.0);
        if (const int zero = zero_bin() - begin; zero >= 0 && zero < end - begin - 1)
            p[static_cast<std::size_t>(zero)] = p[static_cast<std::size_t>(zero) + 1];
        const auto size = static_cast<int>(p.size());
        const double total = std::accumulate(p.begin(), p.end(), 0.0);
        double sum = 0.0;
        for (int level = 0; level <= steps; ++level) {
            const auto at = [&](int l) {
                return static_cast<std::size_t>(static_cast<std::int64_t>(size) * l / (steps + 1));
            };
            const auto first = p.begin() + static_cast<std::ptrdiff_t>(at(level)),
                       last = p.begin() + static_cast<std::ptrdiff_t>(at(level + 1));
            // Outliers belong to the end bins of the true distribution only.
            double mass = 0.0;
            for (auto bin = first; bin != last; ++bin)
                mass += counts[begin + (bin - p.begin())];
            const auto filled = std::count_if(first, last, [](double count) { return count > 0.0; });
            for (auto bin = first; bin != last; ++bin)
                if (*bin > 0.0)
                    sum += *bin / total * std::log(*bin * static_cast<double>(filled) / std::max(mass, 1e-9 * total));
        }
        return sum;
    }

    bool two_ends_;
    Range all_;
    torch::Tensor histogram_;
};

/// Of each layer's output, and of the sum before its activation function where that is looked up in a table.
struct Ranges {
    std::vector<Range> outputs, sums;
};

int steps_of(const GraphLayer& layer) { return highest_value(layer.output_signed, layer.output_bits); }

Ranges typical_ranges(Supernet& net, const torch::Tensor& images, const QuantiseOptions& options,
                      const WorkloadGraph& graph) {
    std::vector<Values> outputs, sums(graph.layers.size(), Values(false));
    for (const GraphLayer& layer : graph.layers)
        outputs.emplace_back(layer.output_zero_point > 0);
    const auto observe = [&](void (Values::*see)(const torch::Tensor&)) {
        for_each_map(net, images, options.hooks, [&](int layer, const torch::Tensor& sum, const torch::Tensor& output) {
            const auto l = static_cast<std::size_t>(layer);
            (outputs[l].*see)(output);
            if (needs_table(graph.layers[l].activation))
                (sums[l].*see)(sum);
        });
    };
    observe(&Values::widen);
    observe(&Values::count);
    Ranges ranges;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        ranges.outputs.push_back(outputs[l].range(options.config, steps_of(graph.layers[l])));
        ranges.sums.push_back(sums[l].range(options.config, table_steps));
    }
    return ranges;
}

void set_edge_scales(WorkloadGraph& graph, const std::vector<Range>& ranges) {
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        const Edge input = graph.edge(layer.inputs.front());
        if (layer.traits().factors == FactorRule::none) {
            layer.output_scale = input.scale;
            layer.output_zero_point = input.zero_point;
            continue;
        }
        // An edge that is always 0 may have any scale.
        const Range range = ranges[l].high > ranges[l].low ? ranges[l] : Range{0.0, 1.0};
        layer.output_scale = (range.high - range.low) / steps_of(layer);
        if (layer.output_zero_point > 0)
            layer.output_zero_point = zero_point_of(range.low, range.high, steps_of(layer));
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
    layer.table_step = layer.activation == ActivationFunction::relu6 ? layer.output_scale : range / table_steps;
    layer.make_table();
}

/// What integers stand for, in the shape of the real weight.
torch::Tensor real_weights(const GraphLayer& layer, std::vector<std::int8_t>& weights, const torch::Tensor& scales) {
    const torch::Tensor rows = torch::from_blob(
        weights.data(),
        {layer.out.channels, layer.window.y.kernel, layer.window.x.kernel, layer.in.channels / layer.groups},
        torch::kInt8);
    return rows.to(torch::kFloat64).permute({0, 3, 1, 2}) * scales.view({-1, 1, 1, 1});
}

/// By how much a change of the weights moves the mean of each output channel: sums are linear in the input's mean.
torch::Tensor mean_shift(const GraphLayer& layer, const torch::Tensor& change, const torch::Tensor& mean_input) {
    const Window& w = layer.window;
    const torch::Tensor padded =
        torch::constant_pad_nd(mean_input, {w.x.before, w.x.after, w.y.before, w.y.after}, 0.0);
    const std::array<std::int64_t, 2> stride{w.y.stride, w.x.stride}, none{0, 0}, dilation{w.y.dilation, w.x.dilation};
    return torch::conv2d(padded, change, torch::Tensor(), stride, none, dilation, layer.groups).mean({0, 2, 3});
}

/// Integer weights that were trained: batch normalisation multiplies whole channels.
std::vector<std::int8_t> trained_weights(const torch::Tensor& weight, const torch::Tensor& steps,
                                         const torch::Tensor& factor, int bits) {
    const torch::Tensor negative = factor.lt(0.0).contiguous();
    std::vector<std::int8_t> weights = integer_weights(weight, steps, bits);
    const auto row = static_cast<std::ptrdiff_t>(weights.size()) / negative.numel();
    for (std::int64_t o = 0; o < negative.numel(); ++o)
        if (negative.data_ptr<bool>()[o])
            std::transform(weights.begin() + o * row, weights.begin() + (o + 1) * row, weights.begin() + o * row,
                           [](std::int8_t w) { return static_cast<std::int8_t>(-w); });
    return weights;
}

torch::Tensor steps_tensor(const FloatNetwork& network, const std::string& name) {
    return torch::tensor(network.tensors.at(name).values).to(torch::kFloat64);
}

/// Widths, edges and steps of sums as they were trained.
void take_steps(WorkloadGraph& graph, const FloatNetwork& network, bool bits_are_asked) {
    const auto number = [&](const std::string& name) { return double{network.tensors.at(name).values.front()}; };
    const auto take_bits = [&](const std::string& name, int& bits, const char* key, const std::string& what) {
        const int trained = static_cast<int>(number(name));
        if (bits_are_asked && bits != trained)
            throw KeyError(std::string("numerics.") + key,
                           fmt::format("{} of network `{}` were trained with {} bits, the hardware asks for {}: set "
                                       "`{}` to {} for what is concerned, here or in `layers`, or train for this "
                                       "hardware",
                                       what, graph.name, trained, bits, key, trained));
        bits = trained;
    };
    take_bits("input_bits", graph.input_bits, "activation_bits", "values of the input");
    graph.input_scale = number("input_step");
    graph.input_zero_point = static_cast<int>(number("input_zero_point"));
    for (GraphLayer& layer : graph.layers) {
        const Edge input = graph.edge(layer.inputs.front());
        if (layer.on_crossbars())
            take_bits(layer.name + ".weight_bits", layer.weight_bits, "weight_bits",
                      fmt::format("weights of layer `{}`", layer.name));
        if (has_own_edge(layer)) {
            take_bits(layer.name + ".output_bits", layer.output_bits, "activation_bits",
                      fmt::format("outputs of layer `{}`", layer.name));
            layer.output_scale = number(layer.name + ".output_step");
            layer.output_zero_point = static_cast<int>(number(layer.name + ".output_zero_point"));
        } else if (!layer.on_crossbars()) {
            layer.output_bits = input.bits;
            layer.output_scale = input.scale;
            layer.output_zero_point = input.zero_point;
        }
        check_layer(graph, layer);
        if (needs_table(layer.activation)) {
            layer.table_step = has_sum_step(layer) ? number(layer.name + ".sum_step") : layer.output_scale;
            layer.make_table();
        }
    }
}

void quantise_weights(WorkloadGraph& graph, int index, Supernet& net, const QuantiseOptions& options,
                      const torch::Tensor& mean_input) {
    GraphLayer& layer = graph.layers[static_cast<std::size_t>(index)];
    const Edge input = graph.edge(layer.inputs.front());
    SupernetImpl::Folded real = net->folded(index);
    const bool logits = layer.is_output && layer.on_crossbars();  // whose sums have one step
    real.weight = real.weight.view({layer.out.channels, -1, layer.window.y.kernel, layer.window.x.kernel});
    torch::Tensor scales;
    std::vector<std::int8_t> weights;
    if (options.trained_steps && layer.on_crossbars()) {
        const torch::Tensor steps = steps_tensor(*options.trained_steps, layer.name + ".weight_step");
        weights = trained_weights(net->active_weight(index, net->spec().largest_path()), steps, real.factor,
                                  layer.weight_bits);
        scales = steps * real.factor.abs();
        if (logits && !scales.eq(scales[0]).all().item<bool>())
            throw Error(
                fmt::format("layer `{}`: its sums are compared with each other, but its channels were trained "
                            "with different steps",
                            layer.name));
        scales = scales_with_room(scales, real.bias, input.scale, logits);
    } else {
        scales = scales_with_room(weight_scales(real.weight, logits, layer.weight_bits, options.config.weights),
                                  real.bias, input.scale, logits);
        weights = integer_weights(real.weight, scales, layer.weight_bits);
    }
    torch::Tensor bias = real.bias;
    if (mean_input.defined())
        bias = bias + mean_shift(layer, real.weight - real_weights(layer, weights, scales), mean_input);
    const torch::Tensor steps = (scales * input.scale).contiguous();
    const torch::Tensor rounded = (bias / steps).round().to(torch::kInt32).contiguous();
    std::vector<std::int32_t> biases(rounded.data_ptr<std::int32_t>(),
                                     rounded.data_ptr<std::int32_t>() + rounded.numel());
    const auto rows = static_cast<std::ptrdiff_t>(layer.rows());
    if (input.zero_point != 0 && layer.on_crossbars())
        for (std::size_t o = 0; o < biases.size(); ++o) {
            const auto row = weights.begin() + static_cast<std::ptrdiff_t>(o) * rows;
            biases[o] -= input.zero_point * std::accumulate(row, row + rows, 0);
        }
    layer.weights = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
    layer.bias = std::make_shared<const std::vector<std::int32_t>>(std::move(biases));
    const double* step = steps.data_ptr<double>();
    if (logits) {
        layer.output_scale = step[0];
        return;
    }
    for (std::int64_t o = 0; o < steps.numel(); ++o)
        layer.rescale.push_back(Rescale::from_real(step[o] / (layer.table ? layer.table_step : layer.output_scale)));
}

/// The mean over the images of what each layer of class matrix reads, [1, C, H, W] float64; of others undefined.
std::vector<torch::Tensor> mean_inputs(Supernet& net, const torch::Tensor& images, const WorkloadGraph& graph) {
    std::vector<torch::Tensor> means(graph.layers.size() + 1);  // of the input, then of the layers' outputs
    const auto add = [&](std::size_t edge, const torch::Tensor& map) {
        const torch::Tensor sum = map.to(torch::kFloat64).sum(0, /*keepdim=*/true) / images.size(0);
        means[edge] = means[edge].defined() ? means[edge] + sum : sum;
    };
    for_each_map(net, images, nullptr, [&](int layer, const torch::Tensor&, const torch::Tensor& output) {
        add(static_cast<std::size_t>(layer) + 1, output);
    });
    add(0, net->normalised(images));
    std::vector<torch::Tensor> read(graph.layers.size());
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
        if (graph.layers[l].on_crossbars())
            read[l] = means[static_cast<std::size_t>(graph.layers[l].inputs.front() + 1)];
    return read;
}

}  // namespace

int zero_point_of(double low, double high, int steps) {
    return std::clamp(static_cast<int>(std::lround(-low / (high - low) * steps)), 1, steps);
}

void set_input_steps(WorkloadGraph& graph, double low, double high) {
    Range range;
    for (int c = 0; c < graph.input.channels; ++c) {
        range.low = std::min(range.low, graph.normalised(low, c));
        range.high = std::max(range.high, graph.normalised(high, c));
    }
    if (range.high <= range.low)
        range = {0.0, 1.0};
    const int steps = highest_value(false, graph.input_bits);
    graph.input_scale = (range.high - range.low) / steps;
    graph.input_zero_point = range.low < 0.0 ? zero_point_of(range.low, range.high, steps) : 0;
}

torch::Tensor scales_with_room(const torch::Tensor& scales, const torch::Tensor& bias, double input_scale,
                               bool one_step) {
    constexpr double bias_limit = 1 << 30, least = 1e-30;  // factors of sums that are so small are 0
    const torch::Tensor roomy = torch::max(scales, bias.abs() / (input_scale * bias_limit)).clamp_min(least);
    return one_step ? torch::full_like(roomy, roomy.max().item<double>()) : roomy;
}

torch::Tensor weight_scales(const torch::Tensor& weight, bool per_tensor, int bits, WeightRangeRule rule) {
    const double largest = largest_weight(bits);
    const torch::Tensor rows = weight.detach().to(torch::kFloat64).flatten(1);
    const torch::Tensor magnitude = bits == 1 ? rows.abs().mean(1) : rows.abs().amax(1);
    const double top = (per_tensor && bits == 1 ? magnitude.mean() : magnitude.max()).item<double>();
    const double fallback = (top > 0.0 ? top : 1.0) / largest;
    torch::Tensor scales =
        per_tensor ? torch::full_like(magnitude, fallback)
                   : torch::where(magnitude > 0.0, magnitude / largest, torch::full_like(magnitude, fallback));
    if (rule != WeightRangeRule::mse || bits == 1)
        return scales;
    constexpr int candidates = 40, smallest = 8;
    torch::Tensor best = scales, least;
    for (int c = candidates; c >= smallest; --c) {
        const torch::Tensor tried = scales * (static_cast<double>(c) / candidates);
        const torch::Tensor step = tried.view({-1, 1});
        torch::Tensor error = (rows - (rows / step).round().clamp(-largest, largest) * step).square().sum(1);
        if (per_tensor)
            error = error.sum().expand_as(tried);
        if (!least.defined()) {
            least = error;
            continue;
        }
        best = torch::where(error < least, tried, best);
        least = torch::min(error, least);
    }
    return best.contiguous();
}

std::vector<std::int8_t> integer_weights(const torch::Tensor& weight, const torch::Tensor& scales, int bits) {
    const torch::Tensor steps = weight.detach().to(torch::kFloat64) / scales.view({-1, 1, 1, 1});
    const torch::Tensor rounded =
        bits == 1 ? torch::where(steps < 0.0, torch::full({}, -1.0, torch::kFloat64), torch::ones({}, torch::kFloat64))
                  : steps.round().clamp(-largest_weight(bits), largest_weight(bits));
    const torch::Tensor rows = rounded.to(torch::kInt8).permute({0, 2, 3, 1}).contiguous();
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
                       const QuantiseOptions& options) {
    if (calibration_images.dim() != 4 || calibration_images.size(0) == 0)
        throw Error("quantise needs calibration images of shape [N, C, H, W], N > 0");
    const torch::NoGradGuard no_grad;
    concrete->eval();
    WorkloadGraph graph = build_graph(concrete->spec());
    graph.name = name;
    if (!options.bits.empty())
        set_precision(graph, options.bits);
    Ranges ranges;
    if (options.trained_steps) {
        take_steps(graph, *options.trained_steps, !options.bits.empty());
    } else {
        set_input_steps(graph, options.input_low, options.input_high);
        ranges = typical_ranges(concrete, calibration_images, options, graph);
        set_edge_scales(graph, ranges.outputs);
    }
    std::vector<torch::Tensor> means(graph.layers.size());
    if (options.config.bias_correction)
        means = mean_inputs(concrete, calibration_images, graph);
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        if (!options.trained_steps)
            make_table(layer, ranges.sums[l].high);
        const auto input = [&](std::size_t i) { return graph.edge(layer.inputs[i]); };
        if (layer.traits().has_weights()) {
            quantise_weights(graph, static_cast<int>(l), concrete, options, means[l]);
            continue;
        }
        const double step = (layer.table ? layer.table_step : layer.output_scale) * layer.traits().divisor(layer);
        if (layer.traits().factors == FactorRule::product)
            layer.rescale.push_back(Rescale::from_real(input(0).scale * input(1).scale / step));
        else
            for (std::size_t i = 0; i < layer.factor_count(); ++i)
                layer.rescale.push_back(Rescale::from_real(input(i).scale / step));
    }
    return graph;
}

}  // namespace xloop
