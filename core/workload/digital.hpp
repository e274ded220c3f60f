#pragma once

#include "core/workload/workload_graph.hpp"

#include <algorithm>
#include <cstdint>

namespace xloop {

/// Integer arithmetic after the ADC, shared by the integer reference, the untimed chip and the timed chip.
/// docs/modelling.md, "After the ADC", states the rounding and saturation.

/// floor(value * multiplier / 2^shift + 1/2), exact in 64 bits for |value| < 2^31.
std::int64_t rescale(std::int64_t value, Rescale factor);

/// The product of a row of weights and a window, which exact engines add to an accumulator.
inline std::int32_t exact_sum(const std::uint8_t* values, const std::int8_t* weights, int count) {
    std::int32_t sum = 0;
    for (int i = 0; i < count; ++i)
        sum += values[i] * weights[i];
    return sum;
}

/// Saturates to what tables are indexed by: [0, 255] (unsigned) or [-128, 127] (signed).
Activation saturate(std::int64_t value, bool is_signed);

/// The value on an input edge of `bits` bits, at most 8, for a pixel, which always has 8: round(pixel * (2^bits - 1) / 255).
constexpr Activation input_value(std::uint8_t pixel, int bits) {
    return static_cast<Activation>((2 * pixel * highest_value(false, bits) + 255) / 510);
}

/// Puts requantised sums on a layer's output edge: zero point added, saturated; with relu, what is below the zero point is 0.
class OutputEdge {
public:
    explicit OutputEdge(const GraphLayer& layer);
    Activation operator()(std::int64_t sum) const {
        return static_cast<Activation>(std::clamp(sum + zero_point_, low_, high_));
    }

private:
    std::int64_t zero_point_, low_, high_;
};

/// Window of output position `position` for channel group `group`: layer.rows() stored values in row order; the padding
/// holds the input's zero point.
void gather_window(const GraphLayer& layer, const InputMap& input, int position, int group, std::uint8_t* rows);

/// A requantised sum of output channel `channel` -> activation, by the layer's table where it has one.
inline Activation finish_sum(const GraphLayer& layer, const OutputEdge& edge, std::int64_t sum, int channel) {
    return layer.table ? (*layer.table)(saturate(sum, layer.table->input_signed()), channel) : edge(sum);
}

/// What an output of the network of a class without a matrix gives for its activation.
inline std::int32_t logit_of(const GraphLayer& layer, Activation value) { return value - layer.output_zero_point; }

/// Accumulators of one position (out.channels values, without bias) -> activations. Not for an output of the network.
void finish_position(const GraphLayer& layer, const std::int32_t* accumulators, Activation* out);

}  // namespace xloop
