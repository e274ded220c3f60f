#include "core/workload/layer_kinds.hpp"

#include "core/error.hpp"
#include "core/workload/digital.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>

namespace xloop {
namespace {

double one(const GraphLayer&) { return 1.0; }
double taps(const GraphLayer& layer) { return layer.window.taps(); }

/// Padding never wins.
void max_pool_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const int channels = layer.out.channels;
    std::fill_n(out, channels, std::numeric_limits<Activation>::min());
    layer.visit_window(position, [&](int, int index) {
        const Activation* values = inputs->values + static_cast<std::ptrdiff_t>(index) * channels;
        for (int c = 0; c < channels; ++c)
            out[c] = std::max(out[c], values[c]);
    });
}

/// floor(a / b + 1/2), b > 0.
std::int64_t rounded_quotient(std::int64_t a, std::int64_t b) {
    const std::int64_t twice = 2 * a + b, quotient = twice / (2 * b);
    return quotient - (twice % (2 * b) < 0 ? 1 : 0);
}

/// Padding counts as 0, or does not count: then the sum of what is inside is scaled up to all taps.
void avg_pool_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const OutputEdge edge(layer);
    const int channels = layer.out.channels;
    for (int c = 0; c < channels; ++c) {
        std::int64_t sum = 0;
        int inside = 0;
        layer.visit_window(position, [&](int, int index) {
            sum += inputs->values[static_cast<std::ptrdiff_t>(index) * channels + c] - inputs->zero_point;
            ++inside;
        });
        if (!layer.count_padding && inside < layer.window.taps())
            sum = rounded_quotient(sum * layer.window.taps(), inside);
        out[c] = edge(rescale(sum, layer.rescale.front()));
    }
}

void add_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const OutputEdge edge(layer);
    const int channels = layer.out.channels;
    for (int c = 0; c < channels; ++c) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < layer.inputs.size(); ++i)
            sum +=
                rescale(inputs[i].values[static_cast<std::ptrdiff_t>(position) * channels + c] - inputs[i].zero_point,
                        layer.rescale[i]);
        out[c] = edge(sum);
    }
}

/// The channels of the inputs one after the other.
void concat_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const OutputEdge edge(layer);
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
        const InputMap& input = inputs[i];
        const Activation* values = input.values + static_cast<std::ptrdiff_t>(position) * input.channels;
        out = std::transform(values, values + input.channels, out, [&](Activation value) {
            return edge(rescale(value - input.zero_point, layer.rescale[i]));
        });
    }
}

/// The second input's map may have one position for all.
void multiply_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const OutputEdge edge(layer);
    const int channels = layer.out.channels;
    const auto at = [&](const InputMap& map) {
        return map.values + static_cast<std::ptrdiff_t>(map.positions == 1 ? 0 : position) * channels;
    };
    const Activation *a = at(inputs[0]), *b = at(inputs[1]);
    for (int c = 0; c < channels; ++c)
        out[c] = edge(
            rescale(std::int64_t{a[c] - inputs[0].zero_point} * (b[c] - inputs[1].zero_point), layer.rescale.front()));
}

void activation_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const OutputEdge edge(layer);
    const int channels = layer.out.channels;
    const Activation* values = inputs->values + static_cast<std::ptrdiff_t>(position) * channels;
    for (int c = 0; c < channels; ++c)
        out[c] = finish_sum(layer, edge, rescale(values[c] - inputs->zero_point, layer.rescale.front()), c);
}

/// Channels that are added hold 0.
void pad_channels_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const Activation* values = inputs->values + static_cast<std::ptrdiff_t>(position) * inputs->channels;
    for (int c = 0; c < layer.out.channels; ++c) {
        const int from = c - layer.channel_padding[0];
        out[c] = from >= 0 && from < inputs->channels ? values[from] : static_cast<Activation>(inputs->zero_point);
    }
}

/// A weight and a bias for each channel.
void scale_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const OutputEdge edge(layer);
    const Activation* values = inputs->values + static_cast<std::ptrdiff_t>(position) * inputs->channels;
    for (int c = 0; c < layer.out.channels; ++c) {
        const auto channel = static_cast<std::size_t>(c);
        const std::int64_t sum =
            std::int64_t{(*layer.weights)[channel]} * (values[c] - inputs->zero_point) + (*layer.bias)[channel];
        out[c] = finish_sum(layer, edge, rescale(sum, layer.rescale[channel]), c);
    }
}

using Class = LayerClass;
constexpr int many = LayerTraits::many;

// Apart from layer_kinds.hpp, since the arithmetic uses what is built on its types.
// In the order of LayerKind: name, class, inputs, keys, window, activation, sign, factors, channels, broadcasts, divisor, position.
// clang-format off
constexpr LayerTraits table[] = {
    {"conv", Class::matrix, 1, 1, out_channels_key | window_keys | dilation_key | groups_key | batch_norm_key | bias_key,
     WindowRule::half_padded, ActivationRule::any, SignRule::of_activation, FactorRule::one_per_output,
     ChannelRule::given, false, one, nullptr},
    {"linear", Class::matrix, 1, 1, out_channels_key | bias_key,
     WindowRule::whole_map, ActivationRule::any, SignRule::of_activation, FactorRule::one_per_output,
     ChannelRule::given, false, one, nullptr},
    {"max_pool", Class::window, 1, 1, window_keys | dilation_key,
     WindowRule::without_padding, ActivationRule::none, SignRule::of_inputs, FactorRule::none,
     ChannelRule::of_input, false, one, max_pool_position},
    {"avg_pool", Class::window, 1, 1, window_keys | count_padding_key,
     WindowRule::without_padding, ActivationRule::none, SignRule::of_inputs, FactorRule::one,
     ChannelRule::of_input, false, taps, avg_pool_position},
    {"add", Class::pointwise, 2, many, 0,
     WindowRule::position, ActivationRule::none_or_relu, SignRule::of_activation, FactorRule::one_per_input,
     ChannelRule::of_input, false, one, add_position},
    {"concat", Class::pointwise, 2, many, 0,
     WindowRule::position, ActivationRule::none, SignRule::of_inputs, FactorRule::one_per_input,
     ChannelRule::joined, false, one, concat_position},
    {"multiply", Class::pointwise, 2, 2, 0,
     WindowRule::position, ActivationRule::none, SignRule::of_inputs, FactorRule::product,
     ChannelRule::of_input, true, one, multiply_position},
    {"activation", Class::pointwise, 1, 1, 0,
     WindowRule::position, ActivationRule::any, SignRule::of_activation, FactorRule::one,
     ChannelRule::of_input, false, one, activation_position},
    {"pad_channels", Class::pointwise, 1, 1, channel_padding_key,
     WindowRule::position, ActivationRule::none, SignRule::of_inputs, FactorRule::none,
     ChannelRule::padded, false, one, pad_channels_position},
    {"scale", Class::pointwise, 1, 1, batch_norm_key,
     WindowRule::position, ActivationRule::any, SignRule::of_activation, FactorRule::one_per_output,
     ChannelRule::of_input, false, one, scale_position},
};
// clang-format on
static_assert(std::size(table) == layer_kind_count, "a row for each LayerKind");

}  // namespace

const LayerTraits& traits_of(LayerKind kind) {
    const auto number = static_cast<std::size_t>(kind);
    if (number >= layer_kind_count)
        throw Error(fmt::format(
            "layer kind {} has no row in core/workload/layer_kind_table.cpp: nothing knows what it computes",
            static_cast<int>(kind)));
    return table[number];
}

const char* name_of(LayerKind kind) { return traits_of(kind).name; }

std::array<const char*, layer_kind_count> names_of(LayerKind) {
    std::array<const char*, layer_kind_count> names{};
    std::transform(std::begin(table), std::end(table), names.begin(), [](const LayerTraits& row) { return row.name; });
    return names;
}

void fail_unsupported(const GraphLayer& layer, const char* engine) {
    throw Error(fmt::format("layer `{}`: {} does not know layers of kind {}", layer.name, engine, name_of(layer.kind)));
}

}  // namespace xloop
