#include "training/techniques/quantise_training.hpp"

#include "core/error.hpp"
#include "core/hardware_kinds.hpp"
#include "core/workload/precision.hpp"
#include "dnn/data/network_input.hpp"
#include "dnn/quantise.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

constexpr double least_factor = 1e-4;  // keeps steps above 0
constexpr double least_magnitude = 1e-12;
constexpr double without_end = 1e15;
constexpr const char* state_name = "quantise";

IntegerRange range_of(const GraphLayer& layer) {
    return {double(lowest_value(layer.output_signed, layer.output_bits) - layer.output_zero_point),
            double(highest_value(layer.output_signed, layer.output_bits) - layer.output_zero_point)};
}

double largest_of(IntegerRange range) { return std::max(range.high, -range.low); }

void check_widths(const std::vector<LayerBits>& bits) {
    for (const LayerBits& layer : bits)
        if (layer.weights > 8 || layer.activations > 8)
            throw KeyError(layer.weights > 8 ? "numerics.weight_bits" : "numerics.activation_bits",
                           "a network is trained with integers of 1 to 8 bits (training.quantise.method)");
}

/// Halves away from 0, as pixels are rounded.
torch::Tensor rounded(const torch::Tensor& x) { return x.sign() * (x.abs() + 0.5).floor(); }

/// Values of a pool that leaves the padding out are first rounded to whole sums of as many taps as the window has. Most halves are
/// exact, and the sum's rounding must not turn them down.
torch::Tensor rounded_means(const torch::Tensor& x, double step) {
    constexpr double half = 0.5 + 1e-6;
    return straight_through(x, (x.detach() / step + half).floor() * step);
}

FloatTensor values_of(const torch::Tensor& tensor) {
    const torch::Tensor values = tensor.detach().cpu().to(torch::kFloat32).contiguous();
    const auto* data = values.data_ptr<float>();
    return {values.sizes().vec(), {data, data + values.numel()}};
}

FloatTensor one(double value) { return {{1}, {static_cast<float>(value)}}; }

/// Of each channel, [out, 1, 1, 1]; `of_all`: [1, 1, 1, 1].
torch::Tensor mean_magnitude(const torch::Tensor& weight, bool of_all) {
    const torch::Tensor magnitude = weight.to(torch::kFloat64).abs();
    return (of_all ? magnitude.mean().view({1, 1, 1, 1}) : magnitude.mean({1, 2, 3}, /*keepdim=*/true))
        .clamp_min(least_magnitude)
        .to(torch::kFloat32);
}

}  // namespace

QuantiseTraining::QuantiseTraining(const NetworkSpec& spec, const QuantiseTrainingConfig& config,
                                   const HardwareConfig& hardware, double low, double high, torch::Device device)
    : config_(config), graph_(build_graph(spec.resolve(spec.largest_path()))), weight_steps_(graph_.layers.size()),
      active_(config.start_epoch <= 0.0) {
    const std::vector<LayerBits> bits = asked_bits(hardware, graph_);
    check_widths(bits);
    set_precision(graph_, bits);
    set_input_steps(graph_, low, high);
    graph_.input_scale = static_cast<float>(graph_.input_scale);  // as it is handed over
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
        const GraphLayer& layer = graph_.layers[l];
        if (layer.is_output && layer.on_crossbars() && spec.layers[l].batch_norm)
            throw InputError(
                fmt::format("{}: layer `{}`: batch normalisation of an output gives its logits different "
                            "steps; leave it out to train with integers",
                            spec.layers[l].location.str(), layer.name));
        if (layer.on_crossbars() && layer.weight_bits > 1)
            add_step(layer.name + ".weight_step", layer.is_output ? 1 : layer.out.channels, device);
        if (has_own_edge(layer))
            add_step(layer.name + ".output_step", 1, device);
        if (has_sum_step(layer))
            add_step(layer.name + ".sum_step", 1, device);
    }
}

void QuantiseTraining::add_step(const std::string& name, std::int64_t size, torch::Device device) {
    steps_[name] = {torch::zeros({size}, device), torch::ones({size}, device).requires_grad_()};
}

torch::Tensor QuantiseTraining::weight_step(const std::string& name, const torch::Tensor& active, int largest) {
    Step& step = steps_.at(name);
    const bool one_step = step.start.size(0) == 1;
    const std::int64_t size = one_step ? 1 : active.size(0);
    const torch::Tensor start = step.start.narrow(0, 0, size);
    if (step.known < size) {
        const torch::NoGradGuard no_grad;
        const torch::Tensor first =
            mean_magnitude(active, one_step).flatten() * (2.0 / std::sqrt(static_cast<double>(largest)));
        start.copy_(torch::where(start > 0.0, start, first));
        step.known = size;
    }
    return relative(start, step.factor.narrow(0, 0, size)).view({-1, 1, 1, 1});
}

torch::Tensor QuantiseTraining::weight(const LayerAt& at, const torch::Tensor& active) {
    if (!active_)
        return active;
    const GraphLayer& layer = own(at);
    torch::Tensor step, made;
    if (layer.weight_bits == 1) {
        step = mean_magnitude(active, layer.is_output);
        made = (step * binary_sign(active)).to(active.scalar_type());
    } else {
        const int largest = largest_weight(layer.weight_bits);
        step = weight_step(layer.name + ".weight_step", active, largest);
        const double weights = static_cast<double>(active.numel()) / static_cast<double>(step.numel());
        made = fake_quantise_weight(active, step, largest, 1.0 / std::sqrt(weights * largest));
    }
    weight_steps_[static_cast<std::size_t>(at.index)] = step.detach().flatten().expand({active.size(0)});
    return made;
}

torch::Tensor QuantiseTraining::quantised(const std::string& name, const torch::Tensor& x, IntegerRange range) {
    Step& step = steps_.at(name);
    const bool lsq = config_.method == QuantiseTrainingMethod::lsq;
    const double largest = largest_of(range);
    if (step.known == 0) {
        const torch::NoGradGuard no_grad;
        const torch::Tensor magnitude = x.detach().abs().to(torch::kFloat64);
        const double first =
            lsq ? 2.0 * magnitude.mean().item<double>() / std::sqrt(largest) : magnitude.max().item<double>() / largest;
        step.start.fill_(first > least_magnitude ? first : 1.0);
        step.known = 1;
    }
    const double values = static_cast<double>(x.numel()) / static_cast<double>(x.size(0));
    return fake_quantise(x, relative(step.start, step.factor), range, lsq ? StepGradient::lsq : StepGradient::pact,
                         lsq ? 1.0 / std::sqrt(values * largest) : 1.0 / (largest * largest));
}

void QuantiseTraining::set_zero_point(GraphLayer& layer, const torch::Tensor& x) const {
    const double low = std::min(0.0, x.min().item<double>()), high = std::max(0.0, x.max().item<double>());
    if (layer.output_zero_point > 0 && high > low)
        layer.output_zero_point = zero_point_of(low, high, highest_value(false, layer.output_bits));
}

torch::Tensor QuantiseTraining::input(const torch::Tensor& x) {
    if (!active_)
        return x;
    constexpr double steps = 255.0;  // of a pixel, which becomes a value of the input's bits: input_pixels, input_value
    const double own = highest_value(false, graph_.input_bits);
    const double zero_point = std::round(graph_.input_zero_point * steps / own);
    const torch::Tensor pixels =
        (rounded(x.detach().to(torch::kFloat64) / (graph_.input_scale * own / steps)) + zero_point).clamp(0.0, steps);
    const torch::Tensor values = ((pixels * (2.0 * own) + steps) / (2.0 * steps)).floor();
    return straight_through(x, ((values - graph_.input_zero_point) * graph_.input_scale).to(x.scalar_type()));
}

torch::Tensor QuantiseTraining::summand(const LayerAt& at, const torch::Tensor& map) {
    const std::string name = own(at).name + ".output_step";
    // In the first pass of all the step is not known before the sum is.
    if (!active_ || !knows(name))
        return map;
    return quantised(name, map, {-without_end, without_end});
}

torch::Tensor QuantiseTraining::output(const LayerAt& at, const torch::Tensor& before, const torch::Tensor& map) {
    GraphLayer& layer = graph_.layers[static_cast<std::size_t>(at.index)];
    torch::Tensor sum = before;
    if (!active_)
        return map;
    if (const torch::Tensor shift = bias_shift(at); shift.defined())
        sum = sum + shift.to(sum.scalar_type()).view({1, -1, 1, 1});
    if (!has_own_edge(layer))
        return layer.on_crossbars() ? sum : map;
    if (layer.kind == LayerKind::avg_pool && !layer.count_padding)
        sum = rounded_means(sum, scale_of(layer.inputs.front()) / layer.window.taps());
    if (has_sum_step(layer))
        sum = quantised(layer.name + ".sum_step", sum, {double(lowest_value(true, 8)), double(highest_value(true, 8))});
    const torch::Tensor value = sum.is_same(before) ? map : activated(at.layer, sum);
    const std::string name = layer.name + ".output_step";
    if (!knows(name))
        set_zero_point(layer, value);
    return quantised(name, value, range_of(layer));
}

double QuantiseTraining::scale_of(int producer) const {
    if (producer < 0)
        return graph_.input_scale;
    const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(producer)];
    if (!has_own_edge(layer))
        return scale_of(layer.inputs.front());
    const Step& step = steps_.at(layer.name + ".output_step");
    return (step.start * step.factor).item<float>();
}

/// What the rounding of a layer's bias adds to its output before the activation function, [out]; undefined: nothing that is known.
torch::Tensor QuantiseTraining::bias_shift(const LayerAt& at) const {
    const auto l = static_cast<std::size_t>(at.index);
    const GraphLayer& layer = graph_.layers[l];
    const NetworkSpec& spec = at.module.spec();
    if (!layer.traits().has_weights() || spec.searchable() || (at.module.is_training() && spec.layers[l].batch_norm))
        return {};
    const torch::NoGradGuard no_grad;
    const SupernetImpl::Folded folded = at.module.folded(at.index);
    const torch::Tensor weight_steps = layer.on_crossbars()
                                           ? weight_steps_[l].to(torch::kFloat64) * folded.factor.abs()
                                           : weight_scales(folded.weight.view({-1, 1, 1, 1}), /*per_tensor=*/false);
    const double input_step = scale_of(layer.inputs.front());
    const torch::Tensor steps =
        scales_with_room(weight_steps, folded.bias, input_step, layer.is_output && layer.on_crossbars()) * input_step;
    return (folded.bias / steps).round() * steps - folded.bias;
}

std::vector<torch::Tensor> QuantiseTraining::parameters() {
    std::vector<torch::Tensor> all;
    for (const auto& [name, step] : steps_)
        all.push_back(step.factor);
    return all;
}

void QuantiseTraining::start_step(const TrainingMoment& now) { active_ = active_ || now.epochs >= config_.start_epoch; }

torch::Tensor QuantiseTraining::penalty() {
    torch::Tensor sum;
    if (config_.method != QuantiseTrainingMethod::pact || config_.alpha_decay <= 0.0)
        return sum;
    const auto add = [&](const std::string& name) {
        const Step& step = steps_.at(name);
        if (step.known == 0)
            return;
        // Of the step, since gradients of steps are those of alpha over the largest integer: see quantised().
        const torch::Tensor own = relative(step.start, step.factor).square().sum() * (0.5 * config_.alpha_decay);
        sum = sum.defined() ? sum + own : own;
    };
    for (const GraphLayer& layer : graph_.layers) {
        if (has_own_edge(layer))
            add(layer.name + ".output_step");
        if (has_sum_step(layer))
            add(layer.name + ".sum_step");
    }
    return sum;
}

void QuantiseTraining::end_step(const TrainingMoment&) {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, step] : steps_)
        step.factor.clamp_min_(least_factor);
}

void QuantiseTraining::save(TrainingState& state) const {
    Json zero_points = Json::array();
    for (const GraphLayer& layer : graph_.layers)
        zero_points.push_back(layer.output_zero_point);
    state.figures[state_name] = {{"active", active_}, {"zero_points", zero_points}};
    for (const auto& [name, step] : steps_) {
        state.tensors[std::string(state_name) + ".start." + name] = step.start.clone();
        state.tensors[std::string(state_name) + ".factor." + name] = step.factor.detach().clone();
    }
}

void QuantiseTraining::load(const TrainingState& state) {
    const torch::NoGradGuard no_grad;
    const Json& figures = state.figures.at(state_name);
    active_ = figures.at("active").get<bool>();
    for (std::size_t l = 0; l < graph_.layers.size(); ++l)
        graph_.layers[l].output_zero_point = figures.at("zero_points").at(l).get<int>();
    for (auto& [name, step] : steps_) {
        step.start.copy_(state.tensors.at(std::string(state_name) + ".start." + name));
        step.factor.copy_(state.tensors.at(std::string(state_name) + ".factor." + name));
        step.known = step.start.gt(0.0).sum().item<std::int64_t>();
    }
}

void QuantiseTraining::hand_over(FloatNetwork& network) const {
    if (!active_)
        return;
    TensorMap& tensors = network.tensors;
    const auto step_of = [&](const std::string& name) {
        const Step& step = steps_.at(name);
        const torch::Tensor value = (step.start * step.factor).detach();
        if (value.eq(0.0).any().item<bool>())
            throw Error(fmt::format("`{}` is not known: no batch has passed the network with integers", name));
        return value;
    };
    const auto put_edge = [&](const std::string& name, const FloatTensor& step, int zero_point, int bits) {
        tensors[name + "_step"] = step;
        tensors[name + "_zero_point"] = one(zero_point);
        tensors[name + "_bits"] = one(bits);
    };
    put_edge("input", one(graph_.input_scale), graph_.input_zero_point, graph_.input_bits);
    for (const GraphLayer& layer : graph_.layers) {
        if (layer.on_crossbars()) {
            const std::string name = layer.name + ".weight";
            const FloatTensor& weight = tensors.at(name);
            const std::int64_t channels = weight.shape.front();
            const torch::Tensor step =
                layer.weight_bits == 1
                    ? mean_magnitude(torch::tensor(weight.values).view(weight.shape), layer.is_output).flatten()
                    : step_of(name + "_step");
            tensors[name + "_step"] =
                values_of(step.size(0) == 1 ? step.expand({channels}) : step.narrow(0, 0, channels));
            tensors[name + "_bits"] = one(layer.weight_bits);
        }
        if (has_own_edge(layer))
            put_edge(layer.name + ".output", values_of(step_of(layer.name + ".output_step")), layer.output_zero_point,
                     layer.output_bits);
        if (has_sum_step(layer))
            tensors[layer.name + ".sum_step"] = values_of(step_of(layer.name + ".sum_step"));
    }
}

bool asks_for_quantise_training(const QuantiseTrainingConfig& config) {
    return config.method != QuantiseTrainingMethod::none;
}

std::unique_ptr<Technique> make_quantise_training(const QuantiseTrainingConfig& config, Supernet& supernet,
                                                  const TrainingTask& task) {
    const auto [low, high] = input_range(task.images, task.preprocessing);
    return std::make_unique<QuantiseTraining>(supernet->spec(), config, task.hardware, low, high,
                                              supernet->parameters().front().device());
}

}  // namespace xloop
