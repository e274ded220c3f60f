#include "core/workload/workload_graph.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

class GraphBuilder {
public:
    explicit GraphBuilder(const NetworkSpec& net) : net_(net) {}

    WorkloadGraph build() {
        graph_.name = net_.name;
        graph_.input = net_.input;
        for (const LayerSpec& spec : net_.layers)
            add(spec);
        finish_output();
        return std::move(graph_);
    }

private:
    [[noreturn]] static void fail(const LayerSpec& spec, const std::string& message) {
        throw InputError(fmt::format("{}: layer `{}`: {}", spec.location.str(), spec.name, message));
    }

    int index_of(const std::string& name) const {
        for (std::size_t i = 0; i < graph_.layers.size(); ++i)
            if (graph_.layers[i].name == name)
                return static_cast<int>(i);
        return -1;
    }

    const Shape& shape_of(int index) const {
        return index < 0 ? graph_.input : graph_.layers[static_cast<std::size_t>(index)].out;
    }
    bool is_signed(int index) const {
        return index >= 0 && graph_.layers[static_cast<std::size_t>(index)].output_signed;
    }

    void add(const LayerSpec& spec) {
        GraphLayer layer;
        layer.name = spec.name;
        layer.kind = spec.kind;
        layer.activation = spec.activation;
        for (const std::string& name : spec.inputs)
            layer.inputs.push_back(index_of(name));
        layer.in = shape_of(layer.inputs.front());
        layer.output_signed = has_signed_output(spec.activation);
        switch (spec.kind) {
        case LayerKind::conv: make_conv(spec, layer); break;
        case LayerKind::linear: make_linear(spec, layer); break;
        case LayerKind::max_pool:
        case LayerKind::avg_pool: make_pool(spec, layer); break;
        case LayerKind::add: make_add(spec, layer); break;
        }
        graph_.layers.push_back(std::move(layer));
    }

    void make_conv(const LayerSpec& spec, GraphLayer& layer) const {
        check_concrete(spec);
        layer.kernel_h = layer.kernel_w = spec.kernel.front();
        layer.groups = spec.groups == 0 ? layer.in.channels : spec.groups;
        layer.out.channels = spec.out_channels.front();
        if (layer.in.channels % layer.groups != 0 || layer.out.channels % layer.groups != 0)
            fail(spec, fmt::format("{} groups must divide its {} input and {} output channels", layer.groups,
                                   layer.in.channels, layer.out.channels));
        set_window(spec, layer);
        check_unsigned_input(spec, layer);
    }

    // A linear layer is a convolution whose window is the whole map: one position.
    void make_linear(const LayerSpec& spec, GraphLayer& layer) const {
        check_concrete(spec);
        layer.kernel_h = layer.in.height;
        layer.kernel_w = layer.in.width;
        layer.out = {spec.out_channels.front(), 1, 1};
        check_unsigned_input(spec, layer);
    }

    void make_pool(const LayerSpec& spec, GraphLayer& layer) const {
        const int k = spec.kernel.front();
        layer.kernel_h = k == 0 ? layer.in.height : k;
        layer.kernel_w = k == 0 ? layer.in.width : k;
        layer.out.channels = layer.in.channels;
        layer.output_signed = is_signed(layer.inputs.front());
        set_window(spec, layer);
        if (2 * layer.padding > std::min(layer.kernel_h, layer.kernel_w))
            fail(spec, "padding of a pool must be at most half its kernel");
    }

    void make_add(const LayerSpec& spec, GraphLayer& layer) const {
        layer.out = layer.in;
        for (std::size_t i = 1; i < layer.inputs.size(); ++i)
            if (shape_of(layer.inputs[i]) != layer.in)
                fail(spec, fmt::format("adds maps of different shapes: `{}` is {}, `{}` is {}", spec.inputs[0],
                                       layer.in.str(), spec.inputs[i], shape_of(layer.inputs[i]).str()));
    }

    void set_window(const LayerSpec& spec, GraphLayer& layer) const {
        layer.stride = spec.stride;
        layer.padding = NetworkSpec::padding_of(spec, layer.kernel_h);
        const int h = layer.in.height + 2 * layer.padding - layer.kernel_h;
        const int w = layer.in.width + 2 * layer.padding - layer.kernel_w;
        if (h < 0 || w < 0)
            fail(spec,
                 fmt::format("window {}x{} is larger than its padded input map {}x{}", layer.kernel_h, layer.kernel_w,
                             layer.in.height + 2 * layer.padding, layer.in.width + 2 * layer.padding));
        layer.out.height = h / layer.stride + 1;
        layer.out.width = w / layer.stride + 1;
    }

    static void check_concrete(const LayerSpec& spec) {
        if (spec.out_channels.size() != 1 || spec.kernel.size() > 1)
            fail(spec, "has several choices: name one subnet with `path:`");
    }

    void check_unsigned_input(const LayerSpec& spec, const GraphLayer& layer) const {
        if (is_signed(layer.inputs.front()))
            fail(spec,
                 fmt::format("reads the signed output of `{}`; row drivers take unsigned values: give that layer an "
                             "activation that is never negative (relu, relu6, sigmoid)",
                             spec.inputs.front()));
    }

    void finish_output() {
        GraphLayer& last = graph_.layers.back();
        const LayerSpec& spec = net_.layers.back();
        if (!last.on_crossbars() || last.activation != ActivationFunction::none)
            fail(spec, "the last layer must be a conv or linear without activation; its accumulators are the logits");
        for (std::size_t i = 0; i + 1 < graph_.layers.size(); ++i)
            if (graph_.consumers(static_cast<int>(i)).empty())
                fail(net_.layers[i], "nothing reads this layer");
        last.is_output = true;
    }

    const NetworkSpec& net_;
    WorkloadGraph graph_;
};

/// Steps with which random sums use the bent part of the function: from -8 to 8, for relu6 from 0 to 8.
void randomise_table(GraphLayer& layer) {
    if (!needs_table(layer.activation))
        return;
    constexpr double largest_sum = 8.0;
    const bool signed_sums = layer.activation != ActivationFunction::relu6;
    layer.table_step = largest_sum / (signed_sums ? 127.0 : 255.0);
    layer.output_scale =
        signed_sums ? apply(layer.activation, largest_sum) / (layer.output_signed ? 127.0 : 255.0) : layer.table_step;
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
    table = needs_table(activation) ? std::make_shared<const ActivationTable>(activation, table_step, output_scale)
                                    : nullptr;
}

std::int64_t WorkloadGraph::macs() const {
    std::int64_t sum = 0;
    for (const GraphLayer& layer : layers)
        sum += layer.macs();
    return sum;
}

std::int64_t WorkloadGraph::weight_count() const {
    std::int64_t sum = 0;
    for (const GraphLayer& layer : layers)
        if (layer.on_crossbars())
            sum += static_cast<std::int64_t>(layer.out.channels) * layer.rows();
    return sum;
}

bool WorkloadGraph::has_weights() const {
    return std::all_of(layers.begin(), layers.end(),
                       [](const GraphLayer& l) { return !l.on_crossbars() || (l.weights && l.bias); });
}

std::vector<int> WorkloadGraph::consumers(int index) const {
    std::vector<int> found;
    for (std::size_t i = 0; i < layers.size(); ++i)
        if (std::count(layers[i].inputs.begin(), layers[i].inputs.end(), index) > 0)
            found.push_back(static_cast<int>(i));
    return found;
}

WorkloadGraph build_graph(const NetworkSpec& concrete) { return GraphBuilder(concrete).build(); }

void randomise_weights(WorkloadGraph& graph, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::random_weights);
    constexpr double weight_sigma = 30.0;
    constexpr double typical_input = 75.0;  // root mean square of the activations that `target` gives
    constexpr double target = 75.0;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        GraphLayer& layer = graph.layers[l];
        if (layer.on_crossbars()) {
            std::vector<std::int8_t> weights(static_cast<std::size_t>(layer.out.channels) * layer.rows());
            std::vector<double> z(static_cast<std::size_t>(layer.rows()));
            for (std::size_t i = 0; i < weights.size(); i += z.size()) {
                random.normals(l, i, layer.rows(), z.data());
                for (std::size_t r = 0; r < z.size(); ++r)
                    weights[i + r] =
                        static_cast<std::int8_t>(std::clamp(std::lround(weight_sigma * z[r]), -127l, 127l));
            }
            layer.weights = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
            layer.bias = std::make_shared<const std::vector<std::int32_t>>(layer.out.channels, 0);
            const double accumulator = weight_sigma * typical_input * std::sqrt(static_cast<double>(layer.rows()));
            if (!layer.is_output)
                layer.rescale.assign(layer.out.channels, Rescale::from_real(target / accumulator));
            randomise_table(layer);
        } else if (layer.kind == LayerKind::add) {
            layer.rescale.assign(layer.inputs.size(), Rescale::from_real(1.0 / std::sqrt(layer.inputs.size())));
        } else if (layer.kind == LayerKind::avg_pool) {
            layer.rescale = {Rescale::from_real(1.0 / (layer.kernel_h * layer.kernel_w))};
        }
    }
}

}  // namespace xloop
