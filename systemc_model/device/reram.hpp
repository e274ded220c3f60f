#pragma once

#include "core/hardware_config.hpp"

#include <Eigen/Core>
#include <cstdint>

namespace xloop {

/// Target level of each cell of an array, 0 (g_off) to levels - 1 (g_on).
using LevelMatrix = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Conductances, in siemens, of an array after programming: level -> evenly spaced conductance, times a normal factor of
/// mean 1 and standard deviation device.programming_sigma, never below 0. `array` keys the devices of one array of the
/// chip `chip_seed`.
Eigen::MatrixXd program_cells(const LevelMatrix& levels, const DeviceConfig& device, std::uint64_t chip_seed,
                              std::uint64_t array);

}  // namespace xloop
