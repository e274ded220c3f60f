#include "core/workload/digital.hpp"

#include <algorithm>

namespace xloop {
std::int64_t rescale(std::int64_t value, Rescale factor) {
    if (factor.shift == 0)
        return value * factor.multiplier;
    return (value * factor.multiplier + (std::int64_t{1} << (factor.shift - 1))) >> factor.shift;
}

Activation saturate(std::int64_t value, bool is_signed) {
    return static_cast<Activation>(
        std::clamp<std::int64_t>(value, lowest_value(is_signed, 8), highest_value(is_signed, 8)));
}

OutputEdge::OutputEdge(const GraphLayer& layer)
    : zero_point_(layer.output_zero_point),
      low_(layer.activation == ActivationFunction::relu ? layer.output_zero_point
                                                        : lowest_value(layer.output_signed, layer.output_bits)),
      high_(highest_value(layer.output_signed, layer.output_bits)) {}

void gather_window(const GraphLayer& layer, const InputMap& input, int position, int group, std::uint8_t* rows) {
    const int channels = layer.in.channels / layer.groups;
    const Activation* base = input.values + group * channels;
    const int y = position / layer.out.width, x = position % layer.out.width;
    if (layer.window.inside(y, x, layer.in.height, layer.in.width).positions() != layer.window.taps())
        std::fill_n(rows, layer.rows(), static_cast<std::uint8_t>(input.zero_point));
    layer.visit_window(position, [&](int tap, int index) {
        const Activation* values = base + static_cast<std::ptrdiff_t>(index) * layer.in.channels;
        std::transform(values, values + channels, rows + static_cast<std::ptrdiff_t>(tap) * channels,
                       [](Activation a) { return static_cast<std::uint8_t>(a); });
    });
}

void finish_position(const GraphLayer& layer, const std::int32_t* accumulators, Activation* out) {
    const OutputEdge edge(layer);
    for (int c = 0; c < layer.out.channels; ++c) {
        const std::int64_t biased = std::int64_t{accumulators[c]} + (*layer.bias)[static_cast<std::size_t>(c)];
        out[c] = finish_sum(layer, edge, rescale(biased, layer.rescale[static_cast<std::size_t>(c)]), c);
    }
}

}  // namespace xloop
