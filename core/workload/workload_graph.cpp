#include "core/workload/workload_graph.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>

namespace xloop {
namespace {

std::string name_of_producer(const WorkloadGraph& graph, int producer) {
    return producer < 0 ? "input" : graph.layers[static_cast<std::size_t>(producer)].name;
}

/// What follows from the layer's inputs, window and number of output channels.
Shape output_shape(const WorkloadGraph& graph, const GraphLayer& layer) {
    const LayerTraits& traits = layer.traits();
    int channels = layer.in.channels;
    switch (traits.channels) {
    case ChannelRule::given: channels = layer.out.channels; break;
    case ChannelRule::of_input: break;
    case ChannelRule::padded: channels += layer.channel_padding[0] + layer.channel_padding[1]; break;
    case ChannelRule::joined:
        channels = 0;
        for (int input : layer.inputs)
            channels += graph.map_of(input).channels;
    }
    return {channels, layer.window.y.output(layer.in.height), layer.window.x.output(layer.in.width)};
}

bool output_may_be_negative(const WorkloadGraph& graph, const GraphLayer& layer) {
    if (layer.traits().sign == SignRule::of_activation)
        return has_signed_output(layer.activation, layer.activation_parameters);
    return std::any_of(layer.inputs.begin(), layer.inputs.end(),
                       [&](int input) { return graph.edge(input).may_be_negative(); });
}

Window window_of(const LayerSpec& spec, const Shape& in) {
    const WindowRule rule = traits_of(spec.kind).window;
    Window window;
    if (rule == WindowRule::position)
        return window;
    const bool square = spec.kernel_hw.empty();
    const int size = spec.kernel.empty() ? 0 : spec.kernel.front();
    const auto axis = [&](std::size_t a, int map) {
        const auto of_axis = [a](const std::vector<int>& pair) { return a == 0 ? pair.front() : pair.back(); };
        WindowAxis made;
        made.kernel = !square ? spec.kernel_hw[a] : size == 0 ? map : size;
        made.stride = of_axis(spec.stride);
        made.dilation = of_axis(spec.dilation);
        const int given = rule == WindowRule::half_padded ? made.dilation * (made.kernel / 2) : 0;
        const auto side = [&](std::size_t s) {
            const int padding = spec.padding.size() == 1 ? spec.padding.front() : spec.padding[s];
            return padding < 0 ? given : padding;
        };
        made.before = side(a);
        made.after = side(a + 2);
        return made;
    };
    window.y = axis(0, in.height);
    window.x = axis(1, in.width);
    return window;
}

class GraphBuilder {
public:
    explicit GraphBuilder(const NetworkSpec& net) : net_(net) {
        // Readers come after what they read.
        for (auto layer = net.layers.rbegin(); layer != net.layers.rend(); ++layer) {
            const LayerTraits& traits = traits_of(layer->kind);
            if (traits.layer_class == LayerClass::matrix ||
                (traits.factors == FactorRule::none && for_arrays_.count(layer->name) > 0))
                for_arrays_.insert(layer->inputs.begin(), layer->inputs.end());
        }
    }

    WorkloadGraph build() {
        graph_.name = net_.name;
        graph_.input = net_.input;
        graph_.input_mean = net_.input_mean;
        graph_.input_std = net_.input_std;
        for (const LayerSpec& spec : net_.layers)
            at(spec, [&] { add(spec); });
        std::vector<int> outputs;
        for (const std::string& name : net_.outputs)
            outputs.push_back(index_of(name));
        if (outputs.empty())
            outputs.push_back(static_cast<int>(net_.layers.size()) - 1);
        at(net_.layers.back(), [&] { set_outputs(graph_, outputs); });
        return std::move(graph_);
    }

private:
    /// Gives an error the place in the file.
    template <class Work>
    static void at(const LayerSpec& spec, const Work& work) {
        try {
            work();
        } catch (const Error& error) {
            throw InputError(spec.location.str() + ": " + error.what());
        }
    }

    int index_of(const std::string& name) const {
        for (std::size_t i = 0; i < graph_.layers.size(); ++i)
            if (graph_.layers[i].name == name)
                return static_cast<int>(i);
        return -1;
    }

    void add(const LayerSpec& spec) {
        if (spec.out_channels.size() > 1 || spec.kernel.size() > 1)
            throw Error(fmt::format("layer `{}`: has several choices: name one subnet with `path:`", spec.name));
        GraphLayer layer;
        layer.name = spec.name;
        layer.kind = spec.kind;
        layer.activation = spec.activation;
        layer.activation_parameters = spec.activation_parameters;
        layer.count_padding = spec.count_padding;
        layer.channel_padding = {spec.channel_padding.front(), spec.channel_padding.back()};
        for (const std::string& name : spec.inputs)
            layer.inputs.push_back(index_of(name));
        layer.in = graph_.map_of(layer.inputs.front());
        layer.window = window_of(spec, layer.in);
        const bool by_channel = layer.traits().has_weights() && !layer.on_crossbars();
        layer.groups = spec.groups == 0 || by_channel ? layer.in.channels : spec.groups;
        if (!spec.out_channels.empty())
            layer.out.channels = spec.out_channels.front();
        layer.out = output_shape(graph_, layer);
        const bool may_be_negative = output_may_be_negative(graph_, layer);
        if (layer.traits().factors == FactorRule::none)
            layer.output_zero_point = graph_.edge(layer.inputs.front()).zero_point;
        else if (may_be_negative && for_arrays_.count(layer.name) > 0)
            layer.output_zero_point = middle;
        layer.output_signed = may_be_negative && layer.output_zero_point == 0;
        check_layer(graph_, layer);
        graph_.layers.push_back(std::move(layer));
    }

    static constexpr int middle = 128;  ///< of an unsigned edge of 8 bits
    const NetworkSpec& net_;
    std::set<std::string> for_arrays_;  ///< layers whose values arrays read, perhaps after a pool
    WorkloadGraph graph_;
};

/// Steps with which random sums use the bent part of the function: from -8 to 8, for relu6 from 0 to 8.
void randomise_table(GraphLayer& layer) {
    if (!needs_table(layer.activation))
        return;
    constexpr double largest_sum = 8.0;
    const auto applied = [&](double x) { return std::abs(apply(layer.activation, x, layer.activation_parameters)); };
    const bool signed_sums = layer.activation != ActivationFunction::relu6;
    layer.table_step = largest_sum / (signed_sums ? 127.0 : 255.0);
    layer.output_scale = signed_sums ? std::max({applied(largest_sum), applied(-largest_sum), 1e-3}) /
                                           (layer.output_signed || layer.output_zero_point > 0 ? 127.0 : 255.0)
                                     : layer.table_step;
    layer.make_table();
}

}  // namespace

Rescale Rescale::from_real(double real) {
    constexpr double largest = 2147483647.0;  // multiplier 2^31 - 1, shift 0
    if (!std::isfinite(real) || real < 0.0 || real > largest)
        throw Error(fmt::format("rescaling factor {} is not in [0, 2^31)", real));
    if (real == 0.0)
        return {};
    int exponent = 0;
    const double mantissa = std::frexp(real, &exponent);  // in [0.5, 1)
    auto multiplier = static_cast<std::int64_t>(std::llround(std::ldexp(mantissa, 31)));
    if (multiplier == (std::int64_t{1} << 31) && exponent < 31) {
        multiplier >>= 1;
        ++exponent;
    }
    const int shift = 31 - exponent;
    if (shift > 62)
        return {};
    return {static_cast<std::int32_t>(multiplier), shift};
}

double Rescale::real() const { return std::ldexp(static_cast<double>(multiplier), -shift); }

std::int64_t GraphLayer::macs() const {
    if (!on_crossbars())
        return 0;
    return static_cast<std::int64_t>(positions()) * out.channels * rows();
}

void GraphLayer::make_table() {
    table = needs_table(activation)
                ? std::make_shared<const ActivationTable>(activation, table_step, output_scale, output_zero_point,
                                                          output_bits, activation_parameters)
                : nullptr;
}

std::size_t GraphLayer::factor_count() const {
    if (is_output && on_crossbars())
        return 0;
    switch (traits().factors) {
    case FactorRule::none: break;
    case FactorRule::product:
    case FactorRule::one: return 1;
    case FactorRule::one_per_input: return inputs.size();
    case FactorRule::one_per_output: return static_cast<std::size_t>(out.channels);
    }
    return 0;
}

std::int64_t GraphLayer::values_read(int taps) const {
    return traits().channels == ChannelRule::joined ? out.channels
                                                    : static_cast<std::int64_t>(inputs.size()) * in.channels * taps;
}

double WorkloadGraph::normalised(double value, int channel) const {
    const auto of = [channel](const std::vector<double>& values, double otherwise) {
        return values.empty() ? otherwise : values[values.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
    };
    return (value - of(input_mean, 0.0)) / of(input_std, 1.0);
}

std::int64_t WorkloadGraph::macs() const {
    std::int64_t sum = 0;
    for (const GraphLayer& layer : layers)
        sum += layer.macs();
    return sum;
}

Edge WorkloadGraph::edge(int producer) const {
    if (producer < 0)
        return {input, input_scale, input_zero_point, false, input_bits};
    const GraphLayer& layer = layers[static_cast<std::size_t>(producer)];
    return {layer.out, layer.output_scale, layer.output_zero_point, layer.output_signed, layer.output_bits};
}

int WorkloadGraph::logit_count() const {
    int sum = 0;
    for (int output : outputs)
        sum += map_of(output).size();
    return sum;
}

int WorkloadGraph::first_logit(int layer) const {
    int sum = 0;
    for (std::size_t o = 0; o < outputs.size() && outputs[o] != layer; ++o)
        sum += map_of(outputs[o]).size();
    return sum;
}

bool WorkloadGraph::has_weights() const {
    return std::all_of(layers.begin(), layers.end(),
                       [](const GraphLayer& l) { return !l.traits().has_weights() || (l.weights && l.bias); });
}

std::vector<int> WorkloadGraph::consumers(int index) const {
    std::vector<int> found;
    for (std::size_t i = 0; i < layers.size(); ++i)
        if (std::count(layers[i].inputs.begin(), layers[i].inputs.end(), index) > 0)
            found.push_back(static_cast<int>(i));
    return found;
}

bool has_own_edge(const GraphLayer& layer) {
    return layer.traits().factors != FactorRule::none && !(layer.is_output && layer.on_crossbars());
}

bool has_sum_step(const GraphLayer& layer) {
    return needs_table(layer.activation) && layer.activation != ActivationFunction::relu6;
}

void check_layer(const WorkloadGraph& graph, const GraphLayer& layer) {
    const LayerTraits& traits = layer.traits();
    const auto fail = [&](const std::string& message) {
        throw Error(fmt::format("layer `{}`: {}", layer.name, message));
    };
    const int count = static_cast<int>(layer.inputs.size());
    if (count < traits.min_inputs || count > traits.max_inputs)
        fail(fmt::format("inputs: a layer of type {} takes {}, not {}", traits.name,
                         traits.max_inputs == 1 ? "one" : fmt::format("{} or more", traits.min_inputs), count));
    if (graph.map_of(layer.inputs.front()) != layer.in)
        fail("in: is not the shape of the layer's input");
    for (int input : layer.inputs) {
        const Shape& other = graph.map_of(input);
        if (traits.broadcasts && other == Shape{layer.in.channels, 1, 1})
            continue;
        if (other.height != layer.in.height || other.width != layer.in.width ||
            (traits.channels != ChannelRule::joined && other.channels != layer.in.channels))
            fail(fmt::format("reads maps of different shapes: `{}` is {}, `{}` is {}",
                             name_of_producer(graph, layer.inputs.front()), layer.in.str(),
                             name_of_producer(graph, input), other.str()));
        if (traits.layer_class == LayerClass::matrix && graph.edge(input).is_signed)
            fail(
                fmt::format("reads the signed output of `{}`; row drivers take unsigned values: give that layer an "
                            "activation that is never negative (relu, relu6, sigmoid), or its edge a zero point",
                            name_of_producer(graph, input)));
    }
    if (layer.in.channels % layer.groups != 0 || layer.out.channels % layer.groups != 0)
        fail(fmt::format("{} groups must divide its {} input and {} output channels", layer.groups, layer.in.channels,
                         layer.out.channels));
    const Window& window = layer.window;
    const auto volume = [](const Shape& s) { return std::int64_t{s.channels} * s.height * s.width; };
    const std::int64_t rows = std::int64_t{window.y.kernel} * window.x.kernel * (layer.in.channels / layer.groups);
    for (std::int64_t values : {volume(layer.in), volume(layer.out), rows})
        if (values > std::numeric_limits<std::int32_t>::max())
            fail(fmt::format("a map or a window of {} values; at most {} can be counted", values,
                             std::numeric_limits<std::int32_t>::max()));
    if (traits.window == WindowRule::position && !(window == Window{}))
        fail(fmt::format("kernel: a layer of type {} has no window", traits.name));
    if (traits.window == WindowRule::whole_map &&
        (window.y.kernel != layer.in.height || window.x.kernel != layer.in.width))
        fail(fmt::format("kernel: the window of a layer of type {} is its whole input map", traits.name));
    const Shape expected = output_shape(graph, layer);
    if (expected.channels < 1)
        fail(fmt::format("channel_padding: leaves {} channels of {}", expected.channels, layer.in.channels));
    if (const std::string error = parameter_error(layer.activation, layer.activation_parameters, expected.channels);
        !error.empty())
        fail(error);
    if (expected.height == 0 || expected.width == 0)
        fail(fmt::format("window {}x{} is larger than its padded input map {}x{}", window.y.reach(), window.x.reach(),
                         layer.in.height + window.y.before + window.y.after,
                         layer.in.width + window.x.before + window.x.after));
    if (layer.out != expected)
        fail(fmt::format("out: is {}, but {} follows from the inputs and the window", layer.out.str(), expected.str()));
    // A window of padding only would have no largest value.
    for (const auto& [axis, in, out] : {std::tuple(window.y, layer.in.height, layer.out.height),
                                        std::tuple(window.x, layer.in.width, layer.out.width)})
        for (int o = 0; o < out && traits.layer_class == LayerClass::window; ++o)
            if (axis.end_inside(o, in) <= axis.first_inside(o))
                fail("padding: a window of the pool lies in the padding only");
    if (traits.activation == ActivationRule::none ? layer.activation != ActivationFunction::none
                                                  : traits.activation != ActivationRule::any && layer.table)
        fail(fmt::format("activation: a layer of type {} does not take {}", traits.name, name_of(layer.activation)));
    if (traits.factors == FactorRule::none && layer.output_zero_point != graph.edge(layer.inputs.front()).zero_point)
        fail(fmt::format("zero_point: a layer of type {} keeps that of its input", traits.name));
    if (traits.factors == FactorRule::none && layer.output_bits != graph.edge(layer.inputs.front()).bits)
        fail(fmt::format("output_bits: a layer of type {} keeps those of its input", traits.name));
    if (layer.output_bits < (layer.output_signed ? 2 : 1))
        fail(fmt::format("output_bits: expected {} or more", layer.output_signed ? "2 (a signed edge)" : "1"));
    if (const int highest = highest_value(false, layer.output_bits);
        layer.output_zero_point < 0 || layer.output_zero_point > highest)
        fail(fmt::format("zero_point: expected 0 to {}", highest));
    if (layer.output_signed != (output_may_be_negative(graph, layer) && layer.output_zero_point == 0))
        fail(traits.sign == SignRule::of_activation
                 ? fmt::format("output_signed: does not follow from activation {} and the zero point",
                               name_of(layer.activation))
                 : "output_signed: does not follow from the inputs and the zero point");
}

void set_outputs(WorkloadGraph& graph, const std::vector<int>& outputs) {
    graph.outputs = outputs;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        const bool is_read = !graph.consumers(static_cast<int>(l)).empty();
        layer.is_output = std::count(outputs.begin(), outputs.end(), static_cast<int>(l)) > 0;
        if (!layer.is_output && !is_read)
            throw Error(fmt::format("layer `{}`: nothing reads this layer", layer.name));
        if (layer.is_output && (is_read || (layer.on_crossbars() && layer.activation != ActivationFunction::none)))
            throw Error(fmt::format(
                "layer `{}`: an output (by default the last layer) is read by no layer, and a conv or linear that is "
                "one "
                "has no activation, since its accumulators are the logits: add a layer of type activation behind it",
                layer.name));
    }
}

WorkloadGraph build_graph(const NetworkSpec& concrete) { return GraphBuilder(concrete).build(); }

void randomise_weights(WorkloadGraph& graph, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::random_weights);
    constexpr double weight_sigma = 30.0;
    constexpr double typical_input = 75.0;  // root mean square of the activations that `target` gives
    constexpr double target = 75.0;
    graph.input_bits = 8;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        layer.output_bits = layer.weight_bits = 8;
        if (layer.traits().has_weights()) {
            std::vector<std::int8_t> weights(static_cast<std::size_t>(layer.out.channels) * layer.rows());
            std::vector<double> z(static_cast<std::size_t>(layer.rows()));
            for (std::size_t i = 0; i < weights.size(); i += z.size()) {
                random.normals(l, i, layer.rows(), z.data());
                for (std::size_t r = 0; r < z.size(); ++r)
                    weights[i + r] =
                        static_cast<std::int8_t>(std::clamp(std::lround(weight_sigma * z[r]), -127l, 127l));
            }
            layer.weights = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
            std::vector<std::int32_t> bias;
            const int zero_point = layer.on_crossbars() ? graph.edge(layer.inputs.front()).zero_point : 0;
            for (int o = 0; o < layer.out.channels; ++o)
                bias.push_back(-zero_point *
                               std::accumulate(layer.weights->begin() + std::ptrdiff_t{o} * layer.rows(),
                                               layer.weights->begin() + std::ptrdiff_t{o + 1} * layer.rows(), 0));
            layer.bias = std::make_shared<const std::vector<std::int32_t>>(std::move(bias));
            const double accumulator = weight_sigma * typical_input * std::sqrt(static_cast<double>(layer.rows()));
            layer.rescale.assign(layer.factor_count(), Rescale::from_real(target / accumulator));
            randomise_table(layer);
        } else {
            const double divisor = layer.traits().divisor(layer) * std::sqrt(layer.inputs.size());
            const double product = layer.traits().factors == FactorRule::product ? target : 1.0;
            layer.rescale.assign(layer.factor_count(), Rescale::from_real(1.0 / (divisor * product)));
            randomise_table(layer);
        }
    }
}

}  // namespace xloop
