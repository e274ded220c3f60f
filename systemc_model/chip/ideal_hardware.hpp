#pragma once

#include "core/hardware_config.hpp"

namespace xloop {

/// The same arrays and converters without what is not ideal in them: cells hold their levels and are linear, wires and converters
/// have no losses, spread or noise. What is left is the digits of inputs, the slices of weights, and the range and resolution of
/// the ADCs. Of all types of tiles.
HardwareConfig ideal_hardware(HardwareConfig hardware);

}  // namespace xloop
