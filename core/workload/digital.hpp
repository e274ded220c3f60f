#pragma once

#include "core/workload/workload_graph.hpp"

#include <cstdint>

namespace xloop {

/// Integer arithmetic after the ADC, shared by the integer reference, the untimed chip and the timed chip.
/// docs/modelling.md, "After the ADC", states the rounding and saturation.

/// floor(value * multiplier / 2^shift + 1/2), exact in 64 bits for |value| < 2^31.
std::int64_t rescale(std::int64_t value, Rescale factor);

/// Saturates to [0, 255] (unsigned) or [-128, 127] (signed).
Activation saturate(std::int64_t value, bool is_signed);

/// Window of output position `position` for channel group `group`: layer.rows() unsigned values in row order; positions
/// in the padding are 0. `input` is the layer's whole input map.
void gather_window(const GraphLayer& layer, const Activation* input, int position, int group, std::uint8_t* rows);

/// Accumulators of one position (out.channels values, without bias) -> activations. Not for the output layer.
void finish_position(const GraphLayer& layer, const std::int32_t* accumulators, Activation* out);

/// One output position of a pooling layer from its whole input map.
void pool_position(const GraphLayer& layer, const Activation* input, int position, Activation* out);

/// One output position (all channels) of an add layer; `inputs` are the whole input maps, in order.
void add_position(const GraphLayer& layer, const Activation* const* inputs, int position, Activation* out);

}  // namespace xloop
