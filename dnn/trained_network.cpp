#include "dnn/trained_network.hpp"

#include "core/error.hpp"
#include "core/workload/equalise.hpp"
#include "core/workload/input_pixels.hpp"
#include "dnn/convolution.hpp"
#include "dnn/map_moments.hpp"
#include "dnn/one_thread.hpp"
#include "dnn/quantise.hpp"
#include "dnn/supernet.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xloop {
namespace {

constexpr int batch = 64;

/// [N, C, H, W], a copy where the order differs.
torch::Tensor sample_tensor(const NetworkSpec& spec, const Samples& samples, int first, int count) {
    const Shape& shape = spec.input;
    auto* values = const_cast<float*>(samples.values) + std::ptrdiff_t{first} * shape.size();
    if (spec.input_order == MapOrder::hwc)
        return torch::from_blob(values, {count, shape.height, shape.width, shape.channels})
            .permute({0, 3, 1, 2})
            .contiguous();
    return torch::from_blob(values, {count, shape.channels, shape.height, shape.width});
}

void apply(HostFunction function, std::vector<float>& values) {
    const auto largest = std::max_element(values.begin(), values.end());
    const double top = *largest;
    double sum = 0.0;
    for (float v : values)
        sum += std::exp(v - top);
    switch (function) {
    case HostFunction::softmax:
        for (float& v : values)
            v = static_cast<float>(std::exp(v - top) / sum);
        break;
    case HostFunction::log_softmax:
        for (float& v : values)
            v = static_cast<float>(v - top - std::log(sum));
        break;
    case HostFunction::sigmoid:
        for (float& v : values)
            v = static_cast<float>(1.0 / (1.0 + std::exp(-double{v})));
        break;
    case HostFunction::arg_max: values = {static_cast<float>(largest - values.begin())}; break;
    }
}

}  // namespace

struct TrainedNetwork::State {
    FloatNetwork network;
    WorkloadGraph shapes;
    mutable Supernet module;
};

TrainedNetwork::TrainedNetwork(FloatNetwork network) {
    use_one_thread();
    WorkloadGraph shapes = build_graph(network.spec);
    Supernet module = load_module(network);
    state_ = std::make_unique<State>(State{std::move(network), std::move(shapes), std::move(module)});
}
TrainedNetwork::TrainedNetwork(TrainedNetwork&&) noexcept = default;
TrainedNetwork::~TrainedNetwork() = default;

const NetworkSpec& TrainedNetwork::spec() const { return state_->network.spec; }
int TrainedNetwork::logit_count() const { return state_->shapes.logit_count(); }

std::vector<float> TrainedNetwork::logits(const Samples& samples) const {
    const torch::NoGradGuard no_grad;
    std::vector<float> all;
    for (int first = 0; first < samples.count; first += batch) {
        const int count = std::min(batch, samples.count - first);
        const torch::Tensor some =
            state_->module->forward(sample_tensor(spec(), samples, first, count)).to(torch::kFloat32).contiguous();
        all.insert(all.end(), some.data_ptr<float>(), some.data_ptr<float>() + some.numel());
    }
    return all;
}

std::vector<int> TrainedNetwork::principal_components(const Samples& samples, double share, const Watch& watch) const {
    const torch::NoGradGuard no_grad;
    MapMoments moments;
    for (int first = 0; first < samples.count; first += batch) {
        if (watch)
            watch({static_cast<double>(first) / samples.count});
        state_->module->forward(sample_tensor(spec(), samples, first, std::min(batch, samples.count - first)),
                                &moments);
    }
    return moments.components(share);
}

WorkloadGraph TrainedNetwork::quantise(const QuantiseConfig& config, const Samples& calibration,
                                       const std::vector<LayerBits>& bits,
                                       const std::optional<std::pair<double, double>>& range) const {
    const torch::Tensor images = sample_tensor(spec(), calibration, 0, calibration.count);
    const bool trained = has_steps(state_->network);
    if (trained && (config.equalise || config.bias_correction))
        throw KeyError(
            config.equalise ? "quantise.equalise" : "quantise.bias_correction",
            fmt::format("network `{}` was trained with the integers it is to have; leave the key out", spec().name));
    Supernet module = config.equalise ? load_module(equalise(state_->network)) : state_->module;
    QuantiseOptions options;
    options.config = config;
    options.bits = bits;
    options.trained_steps = trained ? &state_->network : nullptr;
    options.input_low = range ? range->first : std::min(0.0, images.min().item<double>());
    options.input_high = range ? range->second : images.max().item<double>();
    return xloop::quantise(module, images, spec().name, options);
}

std::vector<std::uint8_t> TrainedNetwork::pixels(const WorkloadGraph& graph, const Samples& samples) const {
    const torch::Tensor images = sample_tensor(spec(), samples, 0, samples.count);
    return input_pixels(graph, images.data_ptr<float>(), samples.count);
}

std::string TrainedNetwork::convolution_remedy() { return convolution_trials().check().remedy; }

std::vector<float> real_logits(const WorkloadGraph& graph, const std::vector<std::int32_t>& logits) {
    std::vector<float> real;
    for (int output : graph.outputs) {
        const GraphLayer& layer = graph.layers[static_cast<std::size_t>(output)];
        for (int i = 0; i < layer.out.size(); ++i)
            real.push_back(static_cast<float>(logits[real.size()] * layer.output_scale));
    }
    return real;
}

std::vector<float> results_of(const NetworkSpec& spec, const WorkloadGraph& shapes, std::vector<float> logits) {
    std::vector<float> results;
    auto at = logits.begin();
    for (int output : shapes.outputs) {
        const Shape& shape = shapes.map_of(output);
        std::vector<std::vector<float>> positions;
        for (int p = 0; p < shape.positions(); ++p, at += shape.channels) {
            positions.emplace_back(at, at + shape.channels);
            for (HostFunction function : spec.host_functions)
                apply(function, positions.back());
        }
        const std::size_t channels = positions.front().size();
        const std::size_t own = results.size();
        results.resize(own + positions.size() * channels);
        for (std::size_t p = 0; p < positions.size(); ++p)
            for (std::size_t c = 0; c < channels; ++c)
                results[own + (spec.output_order == MapOrder::hwc ? p * channels + c : c * positions.size() + p)] =
                    positions[p][c];
    }
    return results;
}

}  // namespace xloop
