#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/device/level_table.hpp"

#include <array>
#include <limits>

namespace xloop {

/// What becomes of cells that are programmed to one level. Normal deviates are drawn for each cell on its own.
struct CellStatistics {
    double spread_s = 0.0;   ///< standard deviation in siemens of the programmed conductance, about the level's mean
    bool lognormal = false;  ///< of that mean and deviation; else normal, cut off at 0
    double drift_nu = 0.0, drift_nu_sigma = 0.0;  ///< exponent of the drift: mean and standard deviation
    double drift_nu_least = -std::numeric_limits<double>::infinity();  ///< exponents below it count as it
    double wander = 0.0;  ///< standard deviation over conductance of what has changed at random by drift_time_s
};

/// What a value of device.kind means: all that the room knows of that kind of cell. Each kind is a file of this folder;
/// another one takes an enumerator of DeviceKind, a file, and a line in cell_kind.cpp.
struct CellKind {
    DeviceKind kind = {};
    CellStatistics (*statistics)(const DeviceConfig& device, const LevelTable& levels, int level) = nullptr;
};

/// All kinds, in the order of DeviceKind.
const std::array<CellKind, names_of(DeviceKind{}).size()>& cell_kinds();
const CellKind& cell_kind(const DeviceConfig& device);

CellKind reram_kind();
CellKind pcm_kind();
CellKind sram_kind();

}  // namespace xloop
