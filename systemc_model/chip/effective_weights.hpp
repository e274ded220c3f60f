#pragma once

#include "core/hardware_config.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// The weights that the programmed arrays of one layer realise: sliced into cells, programmed with variation, wires
/// solved exactly; before the ADC. `weights`: groups * out_per_group rows of `rows` int8 values, [out][row]; returns the
/// same shape, in integer weight units (the value a perfect array would return is the weight itself).
/// `layer` keys the devices: the same layer of the same chip has the same variation.
std::vector<float> effective_weights(const std::vector<std::int8_t>& weights, int groups, int out_per_group, int rows,
                                     const HardwareConfig& hardware, int layer);

}  // namespace xloop
