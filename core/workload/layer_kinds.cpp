#include "core/workload/layer_kinds.hpp"

#include "core/error.hpp"
#include "core/workload/digital.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>

namespace xloop {
namespace {

double one(const GraphLayer&) { return 1.0; }
double one_of_a_window(const GraphLayer& layer) { return 1.0 / layer.window.taps(); }

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

/// Padding counts as 0.
void avg_pool_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const int channels = layer.out.channels;
    for (int c = 0; c < channels; ++c) {
        std::int64_t sum = 0;
        layer.visit_window(position, [&](int, int index) {
            sum += inputs->values[static_cast<std::ptrdiff_t>(index) * channels + c] - inputs->zero_point;
        });
        out[c] = to_output_edge(layer, rescale(sum, layer.rescale.front()));
    }
}

void add_position(const GraphLayer& layer, const InputMap* inputs, int position, Activation* out) {
    const int channels = layer.out.channels;
    for (int c = 0; c < channels; ++c) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < layer.inputs.size(); ++i)
            sum +=
                rescale(inputs[i].values[static_cast<std::ptrdiff_t>(position) * channels + c] - inputs[i].zero_point,
                        layer.rescale[i]);
        out[c] = to_output_edge(layer, sum);
    }
}

using Class = LayerClass;
constexpr int many = LayerTraits::many;

// In the order of LayerKind: name, class, inputs, keys, window, activation, sign, factors, joins channels, gain, position.
// clang-format off
constexpr LayerTraits table[] = {
    {"conv", Class::matrix, 1, 1, out_channels_key | window_keys | dilation_key | convolution_keys,
     WindowRule::half_padded, ActivationRule::any, SignRule::of_activation, FactorRule::one_per_output, false, one, nullptr},
    {"linear", Class::matrix, 1, 1, out_channels_key,
     WindowRule::whole_map, ActivationRule::any, SignRule::of_activation, FactorRule::one_per_output, false, one, nullptr},
    {"max_pool", Class::window, 1, 1, window_keys | dilation_key,
     WindowRule::without_padding, ActivationRule::none, SignRule::of_inputs, FactorRule::none, false, one, max_pool_position},
    {"avg_pool", Class::window, 1, 1, window_keys,
     WindowRule::without_padding, ActivationRule::none, SignRule::of_inputs, FactorRule::one, false, one_of_a_window, avg_pool_position},
    {"add", Class::pointwise, 2, many, 0,
     WindowRule::position, ActivationRule::none_or_relu, SignRule::of_activation, FactorRule::one_per_input, false, one, add_position},
};
// clang-format on
static_assert(std::size(table) == layer_kind_count, "a row for each LayerKind");

}  // namespace

const LayerTraits& traits_of(LayerKind kind) {
    const auto number = static_cast<std::size_t>(kind);
    if (number >= layer_kind_count)
        throw Error(
            fmt::format("layer kind {} has no row in core/workload/layer_kinds.cpp: nothing knows what it computes",
                        static_cast<int>(kind)));
    return table[number];
}

const char* name_of(LayerKind kind) { return traits_of(kind).name; }

const std::vector<std::string>& layer_kind_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (const LayerTraits& traits : table)
            list.emplace_back(traits.name);
        return list;
    }();
    return names;
}

LayerKind layer_kind_named(const std::string& name) {
    const auto& names = layer_kind_names();
    return static_cast<LayerKind>(std::find(names.begin(), names.end(), name) - names.begin());
}

void fail_unsupported(const GraphLayer& layer, const char* engine) {
    throw Error(fmt::format("layer `{}`: {} does not know layers of kind {}", layer.name, engine, name_of(layer.kind)));
}

}  // namespace xloop
