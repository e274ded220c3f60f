#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/crossbar/weight_slicing.hpp"
#include "systemc_model/device/device_model.hpp"

namespace xloop {

/// Where the weights of an array go: its own places, and with crossbar.spare_cols spare ones, the last of the array, for
/// conversions whose cells are stuck or open. The error of a conversion at a place is
///   2^(bits of the slices below) x sum over its cells in used rows of |level that the fault gives - target level|;
/// the conversions, the largest error first, each take the free spare place with the least error if that is less. Of equal
/// ones the first conversion goes first, and the first place is taken. What is known: faults, as after a test of the array, not spreads.
WeightSlicing place_weights(const ArrayContents& contents, const HardwareConfig& hardware, const DeviceModel& device);

}  // namespace xloop
