#pragma once

#include "core/hardware_config.hpp"

namespace xloop {

inline constexpr int partial_sum_bits = 32;  ///< see tile_inventory

/// Bits that the sum over all groups of rows that are driven in turn takes beyond those of one group.
int row_group_bits(const HardwareConfig& hardware);

/// Bits of a sum of codes over all groups of rows, all slices of a weight and all digits of an input, each shifted to its place; at most 32.
int shifted_sum_bits(const HardwareConfig& hardware);

}  // namespace xloop
