#pragma once

#include "core/hardware_config.hpp"
#include "core/random.hpp"
#include "systemc_model/device/cell_curve.hpp"
#include "systemc_model/device/fault_map.hpp"
#include "systemc_model/device/level_table.hpp"

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace xloop {

/// Target level of each cell of an array, 0 (least conductance) to levels - 1.
using LevelMatrix = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The cells of one chip: what becomes of a target level. Effects in this order, each drawn by (chip seed, effect, array,
/// cell), so that nothing depends on order or threads:
///   level -> mean conductance -> programming error -> fault (stuck on, stuck off, open) -> drift (faultless cells)
class DeviceModel {
public:
    /// Reads the level table and the fault map that the configuration names. Throws InputError.
    explicit DeviceModel(const HardwareConfig& hardware);

    const LevelTable& levels() const { return levels_; }
    /// Slope at 0 V, in siemens, of each device of array `array` after programming and drift.
    Eigen::MatrixXd program(const LevelMatrix& targets, std::uint64_t array) const;
    CellCurve curve() const { return {device_.nonlinearity_per_volt, device_.r_access_ohm}; }
    /// Standard deviation over conductance of a cell's noise at each read.
    double read_noise_sigma() const { return device_.read_noise_sigma; }

private:
    double written(int level, double z) const;
    double spread(int level) const;
    double drifted(double g, std::uint64_t array, std::uint64_t cell) const;

    DeviceConfig device_;
    LevelTable levels_;
    FaultMap faults_;
    KeyedRandom programming_, drift_;
    std::vector<double> spreads_;  ///< of each level, in siemens
    bool normal_, spreads_any_;
};

}  // namespace xloop
