#include "dnn/supernet.hpp"

#include "core/error.hpp"
#include "core/random.hpp"
#include "dnn/convolution.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

namespace xloop {
namespace {

/// Normal numbers from a generator of our own: nothing else that draws can change them.
torch::Tensor initial_weight(torch::IntArrayRef shape, double sigma, std::uint64_t seed, int layer) {
    auto generator = torch::make_generator<at::CPUGeneratorImpl>(
        KeyedRandom(seed, RandomUse::initial_weights).bits(static_cast<std::uint64_t>(layer)));
    return torch::empty(shape).normal_(0.0, sigma, generator);
}

/// A subnet's shapes, each layer at its place in the space.
WorkloadGraph graph_in_place(const NetworkSpec& space, const SubnetPath& path) {
    const WorkloadGraph concrete = build_graph(space.resolve(path));
    std::vector<int> place(concrete.layers.size());
    WorkloadGraph graph = concrete;
    graph.layers.clear();
    std::size_t next = 0;
    for (std::size_t l = 0; l < space.layers.size(); ++l) {
        GraphLayer absent;
        absent.name = space.layers[l].name;
        absent.kind = LayerKind::activation;
        const bool there = next < concrete.layers.size() && concrete.layers[next].name == absent.name;
        if (there)
            place[next] = static_cast<int>(l);
        graph.layers.push_back(there ? concrete.layers[next++] : absent);
        for (int& input : graph.layers.back().inputs)
            input = input < 0 ? input : place[static_cast<std::size_t>(input)];
    }
    for (int& output : graph.outputs)
        output = place[static_cast<std::size_t>(output)];
    return graph;
}

/// A linear layer's weight has the height and width of its input map, which must then be the same in every subnet.
void check_linear_inputs(const NetworkSpec& spec, const WorkloadGraph& largest) {
    const WorkloadGraph smallest = graph_in_place(spec, spec.smallest_path());
    for (std::size_t l = 0; l < largest.layers.size(); ++l) {
        const Shape a = smallest.layers[l].in;
        const Shape b = largest.layers[l].in;
        if (largest.layers[l].traits().window == WindowRule::whole_map && (a.height != b.height || a.width != b.width))
            throw InputError(spec.layers[l].location.str() + ": linear layer `" + spec.layers[l].name +
                             "` would read maps of " + a.str() + " or " + b.str() +
                             ", by subnet; keep height and width the same: leave out the padding of searchable "
                             "kernels, or put a pool over the whole map before it");
    }
}

/// Shared weights are those of the largest subnet; leaving a layer out must not make maps wider for who reads on.
void check_widths(const NetworkSpec& spec, const WorkloadGraph& largest) {
    const std::vector<OpenChoice> open = spec.open_choices();
    for (std::size_t c = 0; c < open.size(); ++c)
        for (const int value : open[c].values) {
            SubnetPath path = spec.largest_path();
            path[c] = value;
            const WorkloadGraph graph = graph_in_place(spec, path);
            for (std::size_t l = 0; l < graph.layers.size(); ++l)
                if (graph.layers[l].traits().has_weights() &&
                    graph.layers[l].in.channels > largest.layers[l].in.channels)
                    throw InputError(
                        fmt::format("{}: layer `{}` would read {} channels in the subnet `{}`, more than {} in "
                                    "the largest; a layer that may be left out must not narrow its map",
                                    spec.layers[l].location.str(), spec.layers[l].name, graph.layers[l].in.channels,
                                    spec.path_text(path), largest.layers[l].in.channels));
        }
}

/// A window as LibTorch takes it: (height, width).
struct Pairs {
    explicit Pairs(const Window& w)
        : kernel{w.y.kernel, w.x.kernel}, stride{w.y.stride, w.x.stride}, dilation{w.y.dilation, w.x.dilation} {}
    std::array<std::int64_t, 2> kernel, stride, dilation;
};

torch::Tensor padded(const torch::Tensor& x, const Window& w, double value) {
    if (w.y.before + w.y.after + w.x.before + w.x.after == 0)
        return x;
    return torch::constant_pad_nd(x, {w.x.before, w.x.after, w.y.before, w.y.after}, value);
}

torch::Tensor average_pool(const GraphLayer& layer, const torch::Tensor& x) {
    const Pairs pairs(layer.window);
    const auto pool = [&](const torch::Tensor& map) {
        return torch::avg_pool2d(padded(map, layer.window, 0.0), pairs.kernel, pairs.stride);
    };
    const torch::Tensor mean = pool(x);
    return layer.count_padding ? mean : mean / pool(torch::ones({1, 1, x.size(2), x.size(3)}, x.options()));
}

/// Of a layer of class matrix.
torch::Tensor products(const GraphLayer& layer, const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias) {
    if (layer.traits().window == WindowRule::whole_map)
        return torch::linear(x.flatten(1), weight.flatten(1), bias).view({x.size(0), layer.out.channels, 1, 1});
    const Window& window = layer.window;
    const Pairs pairs(window);
    const bool even = window.y.before == window.y.after && window.x.before == window.x.after;
    const std::array<std::int64_t, 2> padding{even ? window.y.before : 0, even ? window.x.before : 0};
    return convolution_trials().convolve(even ? x : padded(x, window, 0.0), weight, bias,
                                         {pairs.stride, padding, pairs.dilation, layer.groups});
}

/// The tensors of a layer, by their names in a file of weights.
template <class Shared>
auto parts(Shared& shared) {
    return std::array{std::pair("weight", &shared.weight), std::pair("bias", &shared.bias),
                      std::pair("gamma", &shared.gamma),   std::pair("beta", &shared.beta),
                      std::pair("mean", &shared.mean),     std::pair("variance", &shared.variance)};
}

}  // namespace

torch::Tensor activated(const GraphLayer& layer, const torch::Tensor& x) {
    const ActivationTraits& traits = traits_of(layer.activation);
    const auto parameter = [&](std::size_t p) {
        return layer.activation_parameters.empty() ? traits.defaults.at(p) : layer.activation_parameters.at(p);
    };
    switch (layer.activation) {
    case ActivationFunction::none: break;
    case ActivationFunction::relu: return torch::relu(x);
    case ActivationFunction::relu6: return torch::clamp(x, 0.0, 6.0);
    case ActivationFunction::sigmoid: return torch::sigmoid(x);
    case ActivationFunction::tanh: return torch::tanh(x);
    case ActivationFunction::hard_swish: return torch::hardswish(x);
    case ActivationFunction::leaky_relu: return torch::leaky_relu(x, parameter(0));
    case ActivationFunction::prelu:
        return torch::prelu(x, (layer.activation_parameters.empty() ? torch::full({1}, parameter(0))
                                                                    : torch::tensor(layer.activation_parameters))
                                   .to(x.options()));
    case ActivationFunction::clip: return torch::clamp(x, parameter(0), parameter(1));
    case ActivationFunction::hard_sigmoid: return torch::clamp(x * parameter(0) + parameter(1), 0.0, 1.0);
    case ActivationFunction::elu: return torch::elu(x, parameter(0));
    case ActivationFunction::selu: return torch::elu(x, parameter(0), parameter(1));
    case ActivationFunction::gelu: return torch::gelu(x);
    case ActivationFunction::silu: return torch::silu(x);
    case ActivationFunction::softplus: return torch::softplus(x);
    case ActivationFunction::mish: return torch::mish(x);
    }
    return x;
}

torch::Tensor slice_weight(const torch::Tensor& shared, const GraphLayer& layer, bool groups_chosen) {
    const std::int64_t out = layer.out.channels;
    const std::int64_t blocks = groups_chosen ? layer.groups : 1;
    const std::int64_t in = layer.in.channels / layer.groups * blocks;
    const std::int64_t height = layer.window.y.kernel, width = layer.window.x.kernel;
    torch::Tensor part = shared;
    if (out != shared.size(0))
        part = part.narrow(0, 0, out);
    if (in != shared.size(1))
        part = part.narrow(1, 0, in);
    if (height != shared.size(2))
        part = part.narrow(2, (shared.size(2) - height) / 2, height);
    if (width != shared.size(3))
        part = part.narrow(3, (shared.size(3) - width) / 2, width);
    if (blocks == 1)
        return part;
    std::vector<torch::Tensor> diagonal;
    for (std::int64_t b = 0; b < blocks; ++b)
        diagonal.push_back(part.narrow(0, b * (out / blocks), out / blocks).narrow(1, b * (in / blocks), in / blocks));
    return torch::cat(diagonal);
}

SupernetImpl::SupernetImpl(NetworkSpec spec, std::uint64_t seed) : spec_(std::move(spec)) {
    largest_ = spec_.largest_path();
    const WorkloadGraph& largest = graph(largest_);
    check_linear_inputs(spec_, largest);
    check_widths(spec_, largest);
    convolution_trials().add(spec_);
    shared_.resize(largest.layers.size());
    for (std::size_t l = 0; l < largest.layers.size(); ++l)
        if (largest.layers[l].traits().has_weights())
            add_layer(static_cast<int>(l), largest.layers[l], seed);
}

void SupernetImpl::add_layer(int index, const GraphLayer& layer, std::uint64_t seed) {
    Shared& shared = shared_[static_cast<std::size_t>(index)];
    // Layer names may hold characters that torch does not allow in names of parameters.
    const std::string prefix = "layer" + std::to_string(index) + "_";
    const bool by_channel = !layer.on_crossbars();
    const bool normalises = spec_.layers[static_cast<std::size_t>(index)].batch_norm;
    const bool halves = layer.activation == ActivationFunction::relu || layer.activation == ActivationFunction::relu6;
    const double gain = halves ? 2.0 : 1.0;
    const std::vector<std::int64_t> channels{layer.out.channels};
    if (!by_channel)
        shared.weight =
            register_parameter(prefix + "weight", initial_weight({layer.out.channels, layer.in.channels / layer.groups,
                                                                  layer.window.y.kernel, layer.window.x.kernel},
                                                                 std::sqrt(gain / layer.rows()), seed, index));
    else if (!normalises)
        shared.weight = register_parameter(prefix + "weight", torch::ones(channels));
    if (!normalises) {
        if (spec_.layers[static_cast<std::size_t>(index)].bias)
            shared.bias = register_parameter(prefix + "bias", torch::zeros(channels));
        return;
    }
    shared.gamma = register_parameter(prefix + "gamma", torch::ones(channels));
    shared.beta = register_parameter(prefix + "beta", torch::zeros(channels));
    shared.mean = register_buffer(prefix + "mean", torch::zeros(channels));
    shared.variance = register_buffer(prefix + "variance", torch::ones(channels));
}

const WorkloadGraph& SupernetImpl::graph(const SubnetPath& path) {
    if (graph_.layers.empty() || !(graph_path_ == path)) {
        graph_ = graph_in_place(spec_, path);
        graph_path_ = path;
    }
    return graph_;
}

torch::Tensor SupernetImpl::active_weight(int layer, const SubnetPath& path) {
    const auto l = static_cast<std::size_t>(layer);
    return slice_weight(shared_.at(l).weight, graph(path).layers[l], chooses_groups(layer));
}

torch::Tensor SupernetImpl::forward(const torch::Tensor& x, const SubnetPath& path, LayerHooks* hooks) {
    LayerHooks none;
    return run(x, graph(path), hooks ? *hooks : none);
}

torch::Tensor SupernetImpl::forward(const torch::Tensor& x, LayerHooks* hooks) { return forward(x, largest_, hooks); }

torch::Tensor SupernetImpl::normalised(const torch::Tensor& x) const {
    const auto by_channel = [&x](const std::vector<double>& values) {
        return torch::tensor(values).to(x.options()).view({1, -1, 1, 1});
    };
    torch::Tensor y = x;
    if (!spec_.input_mean.empty())
        y = y - by_channel(spec_.input_mean);
    if (!spec_.input_std.empty())
        y = y / by_channel(spec_.input_std);
    return y;
}

torch::Tensor SupernetImpl::run(const torch::Tensor& x, const WorkloadGraph& graph, LayerHooks& hooks) {
    std::vector<torch::Tensor> maps(graph.layers.size());
    const torch::Tensor input = hooks.input(as_computed(normalised(x)));
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        if (graph.layers[l].inputs.empty())
            continue;
        std::vector<torch::Tensor> inputs;
        for (int i : graph.layers[l].inputs)
            inputs.push_back(i < 0 ? input : maps[static_cast<std::size_t>(i)]);
        const LayerAt at{static_cast<int>(l), graph.layers[l], *this};
        const torch::Tensor before = run_layer(at, inputs, hooks);
        maps[l] = hooks.output(at, before, activated(at.layer, before));
    }
    // Logits in the order of the integer graph: output by output, position by position.
    std::vector<torch::Tensor> logits;
    for (int output : graph.outputs) {
        const torch::Tensor& map = maps[static_cast<std::size_t>(output)];
        logits.push_back(graph.map_of(output).positions() == 1 ? map.flatten(1) : map.permute({0, 2, 3, 1}).flatten(1));
    }
    return (logits.size() == 1 ? logits.front() : torch::cat(logits, 1)).to(torch::kFloat32);
}

torch::Tensor SupernetImpl::as_computed(const torch::Tensor& x) const {
    return arithmetic_ == torch::kFloat32 ? x : x.to(arithmetic_).contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::Tensor SupernetImpl::run_layer(const LayerAt& at, const std::vector<torch::Tensor>& inputs, LayerHooks& hooks) {
    const GraphLayer& layer = at.layer;
    const Pairs pairs(layer.window);
    switch (layer.kind) {
    case LayerKind::conv:
    case LayerKind::linear: return multiply(at, inputs.front(), hooks);
    case LayerKind::max_pool:
        return torch::max_pool2d(padded(inputs.front(), layer.window, -std::numeric_limits<double>::infinity()),
                                 pairs.kernel, pairs.stride, /*padding=*/0, pairs.dilation);
    case LayerKind::avg_pool: return average_pool(layer, inputs.front());
    case LayerKind::concat: return torch::cat(inputs, 1);
    case LayerKind::add:
        return std::accumulate(
            inputs.begin() + 1, inputs.end(), hooks.summand(at, inputs.front()),
            [&](const torch::Tensor& sum, const torch::Tensor& map) { return sum + hooks.summand(at, map); });
    case LayerKind::multiply: return inputs[0] * inputs[1];
    case LayerKind::activation: return inputs.front();
    case LayerKind::scale: return scale(at.index, layer, inputs.front());
    case LayerKind::pad_channels:
        return torch::constant_pad_nd(inputs.front(), {0, 0, 0, 0, layer.channel_padding[0], layer.channel_padding[1]},
                                      0.0);
    }
    fail_unsupported(layer, "LibTorch");
}

torch::Tensor SupernetImpl::multiply(const LayerAt& at, const torch::Tensor& x, LayerHooks& hooks) {
    const Shared& shared = shared_[static_cast<std::size_t>(at.index)];
    const GraphLayer& layer = at.layer;
    const torch::Tensor weight = hooks.weight(at, slice_weight(shared.weight, layer, chooses_groups(at.index)));
    const torch::Tensor bias = shared.bias.defined() ? shared.bias.narrow(0, 0, layer.out.channels) : torch::Tensor();
    torch::Tensor y = hooks.products(at, x, weight);
    if (!y.defined())
        y = products(layer, x, weight.to(x.scalar_type()), bias.defined() ? bias.to(x.scalar_type()) : bias);
    else if (bias.defined())
        y = y + bias.view({1, -1, 1, 1});
    y = hooks.sums(at, y);
    return shared.gamma.defined() ? normalise(shared, layer, y) : y;
}

torch::Tensor SupernetImpl::scale(int index, const GraphLayer& layer, const torch::Tensor& x) {
    const Shared& shared = shared_[static_cast<std::size_t>(index)];
    if (shared.gamma.defined())
        return normalise(shared, layer, x);
    const auto active = [&](const torch::Tensor& t) { return t.narrow(0, 0, layer.out.channels).view({1, -1, 1, 1}); };
    return x * active(shared.weight) + active(shared.bias);
}

torch::Tensor SupernetImpl::normalise(const Shared& shared, const GraphLayer& layer, const torch::Tensor& x) {
    const auto active = [&layer](const torch::Tensor& t) { return t.narrow(0, 0, layer.out.channels); };
    const bool measures = is_training() && statistics_momentum_ > 0.0;
    const bool uses_statistics = !is_training() || measures;
    return torch::batch_norm(x, active(shared.gamma), active(shared.beta),
                             uses_statistics ? active(shared.mean) : torch::Tensor(),
                             uses_statistics ? active(shared.variance) : torch::Tensor(), is_training(),
                             statistics_momentum_, batch_norm_epsilon, /*cudnn_enabled=*/false);
}

SupernetImpl::Folded SupernetImpl::folded(int layer) const {
    if (spec_.searchable())
        throw Error("only a concrete network can be folded; `" + spec_.name + "` is searchable");
    const Shared& shared = shared_.at(static_cast<std::size_t>(layer));
    const auto exact = [](const torch::Tensor& t) { return t.detach().to(torch::kFloat64); };
    const torch::Tensor weight =
        shared.weight.defined() ? exact(shared.weight) : torch::ones({shared.gamma.size(0)}, torch::kFloat64);
    if (!shared.gamma.defined())
        return {weight, shared.bias.defined() ? exact(shared.bias) : torch::zeros({weight.size(0)}, torch::kFloat64),
                torch::ones({weight.size(0)}, torch::kFloat64)};
    const torch::Tensor factor = exact(shared.gamma) / (exact(shared.variance) + batch_norm_epsilon).sqrt();
    return {weight.dim() == 1 ? weight * factor : weight * factor.view({-1, 1, 1, 1}),
            exact(shared.beta) - exact(shared.mean) * factor, factor};
}

void SupernetImpl::copy_subnet(const SubnetPath& path, SupernetImpl& concrete) {
    const torch::NoGradGuard no_grad;
    const WorkloadGraph& active = graph(path);
    std::map<std::string, const Shared*> own;
    for (std::size_t l = 0; l < concrete.shared_.size(); ++l)
        own[concrete.spec_.layers[l].name] = &concrete.shared_[l];
    for (std::size_t l = 0; l < active.layers.size(); ++l) {
        if (!active.layers[l].traits().has_weights())
            continue;
        const auto copy = [&](const torch::Tensor& to, const torch::Tensor& from) {
            if (from.defined())
                to.copy_(from.narrow(0, 0, active.layers[l].out.channels));
        };
        const Shared& from = shared_[l];
        const Shared& to = *own.at(active.layers[l].name);
        if (active.layers[l].on_crossbars())
            to.weight.copy_(slice_weight(from.weight, active.layers[l], chooses_groups(static_cast<int>(l))));
        else
            copy(to.weight, from.weight);
        copy(to.bias, from.bias);
        copy(to.gamma, from.gamma);
        copy(to.beta, from.beta);
        copy(to.mean, from.mean);
        copy(to.variance, from.variance);
    }
}

void SupernetImpl::set_tensors(const TensorMap& tensors) {
    const torch::NoGradGuard no_grad;
    for (std::size_t l = 0; l < shared_.size(); ++l)
        for (const auto& [part, tensor] : parts(shared_[l]))
            if (tensor->defined()) {
                const FloatTensor& from = tensors.at(spec_.layers[l].name + "." + part);
                tensor->copy_(torch::tensor(from.values).view(from.shape));
            }
}

TensorMap SupernetImpl::tensors() const {
    TensorMap all;
    for (std::size_t l = 0; l < shared_.size(); ++l)
        for (const auto& [part, tensor] : parts(shared_[l]))
            if (tensor->defined()) {
                const torch::Tensor values = tensor->detach().cpu().to(torch::kFloat32).contiguous();
                const auto* data = values.data_ptr<float>();
                all[spec_.layers[l].name + "." + part] = {values.sizes().vec(), {data, data + values.numel()}};
            }
    return all;
}

void SupernetImpl::measure_statistics(const torch::Tensor& images, LayerHooks* hooks, int batch_size) {
    if (spec_.searchable())
        throw Error("statistics of `" + spec_.name + "` can only be measured on an extracted subnet");
    const torch::NoGradGuard no_grad;
    train();
    // Equal batches, so that each image counts the same; what is left over is not used.
    const std::int64_t size = std::min<std::int64_t>(batch_size, images.size(0));
    for (std::int64_t batch = 0; size > 0 && batch < images.size(0) / size; ++batch) {
        statistics_momentum_ = 1.0 / static_cast<double>(batch + 1);
        forward(images.narrow(0, batch * size, size), hooks);
    }
    statistics_momentum_ = 0.0;
    eval();
}

Supernet load_module(const FloatNetwork& network) {
    if (network.spec.searchable())
        throw Error("`" + network.spec.name + "` is a space of networks, not one with weights");
    Supernet module(network.spec, /*seed=*/0);
    module->set_tensors(network.tensors);
    module->eval();
    return module;
}

Supernet extract(Supernet& supernet, const SubnetPath& path) {
    Supernet concrete(supernet->spec().resolve(path), /*seed=*/0);
    supernet->copy_subnet(path, *concrete);
    concrete->train(supernet->is_training());
    concrete->set_arithmetic(supernet->arithmetic());
    concrete->to(supernet->parameters().front().device());
    return concrete;
}

void recalibrate_batch_norm(Supernet& concrete, const torch::Tensor& images, LayerHooks* hooks, int batch_size) {
    concrete->measure_statistics(images, hooks, batch_size);
}

}  // namespace xloop
