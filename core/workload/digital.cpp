#include "core/workload/digital.hpp"

#include <algorithm>
#include <limits>

namespace xloop {
namespace {

/// Calls visit(index of the input position or -1 for padding) over the window of `position`, row by row.
template <class Visit>
void for_window(const GraphLayer& layer, int position, Visit visit) {
    const int oy = position / layer.out.width;
    const int ox = position % layer.out.width;
    for (int ky = 0; ky < layer.kernel_h; ++ky) {
        const int y = oy * layer.stride + ky - layer.padding;
        for (int kx = 0; kx < layer.kernel_w; ++kx) {
            const int x = ox * layer.stride + kx - layer.padding;
            const bool inside = y >= 0 && y < layer.in.height && x >= 0 && x < layer.in.width;
            visit(inside ? y * layer.in.width + x : -1);
        }
    }
}

}  // namespace

std::int64_t rescale(std::int64_t value, Rescale factor) {
    if (factor.shift == 0)
        return value * factor.multiplier;
    return (value * factor.multiplier + (std::int64_t{1} << (factor.shift - 1))) >> factor.shift;
}

Activation saturate(std::int64_t value, bool is_signed) {
    const std::int64_t low = is_signed ? -128 : 0;
    const std::int64_t high = is_signed ? 127 : 255;
    return static_cast<Activation>(std::clamp(value, low, high));
}

void gather_window(const GraphLayer& layer, const Activation* input, int position, int group, std::uint8_t* rows) {
    const int channels = layer.in.channels / layer.groups;
    const Activation* base = input + group * channels;
    for_window(layer, position, [&](int index) {
        if (index < 0)
            std::fill_n(rows, channels, std::uint8_t{0});
        else
            std::transform(base + index * layer.in.channels, base + index * layer.in.channels + channels, rows,
                           [](Activation a) { return static_cast<std::uint8_t>(a); });
        rows += channels;
    });
}

void finish_position(const GraphLayer& layer, const std::int32_t* accumulators, Activation* out) {
    for (int c = 0; c < layer.out.channels; ++c) {
        const std::int64_t biased = std::int64_t{accumulators[c]} + (*layer.bias)[static_cast<std::size_t>(c)];
        const std::int64_t sum = rescale(biased, layer.rescale[static_cast<std::size_t>(c)]);
        out[c] = layer.table ? (*layer.table)[saturate(sum, layer.table->input_signed())]
                             : saturate(sum, layer.output_signed);
    }
}

void pool_position(const GraphLayer& layer, const Activation* input, int position, Activation* out) {
    const bool is_max = layer.kind == LayerKind::max_pool;
    for (int c = 0; c < layer.out.channels; ++c) {
        std::int64_t value = is_max ? std::numeric_limits<Activation>::min() : 0;
        for_window(layer, position, [&](int index) {
            if (index < 0)
                return;  // max: padding never wins; mean: padding counts as 0
            const std::int64_t element = input[index * layer.in.channels + c];
            value = is_max ? std::max(value, element) : value + element;
        });
        out[c] = is_max ? static_cast<Activation>(value)
                        : saturate(rescale(value, layer.rescale.front()), layer.output_signed);
    }
}

void add_position(const GraphLayer& layer, const Activation* const* inputs, int position, Activation* out) {
    for (int c = 0; c < layer.out.channels; ++c) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < layer.inputs.size(); ++i)
            sum += rescale(inputs[i][position * layer.out.channels + c], layer.rescale[i]);
        out[c] = saturate(sum, layer.output_signed);
    }
}

}  // namespace xloop
