#pragma once

#include "core/hardware_config.hpp"
#include "core/random.hpp"
#include "systemc_model/device/cell_curve.hpp"
#include "systemc_model/device/fault_map.hpp"
#include "systemc_model/device/kinds/cell_kind.hpp"
#include "systemc_model/device/level_table.hpp"

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <vector>

namespace xloop {

/// Target level of each cell of an array, 0 (least conductance) to levels - 1.
using LevelMatrix = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The cells of one chip: what becomes of a target level. Effects in this order, each drawn by (chip seed, effect, array,
/// cell), so that nothing depends on order or threads:
///   level -> mean conductance -> programming error -> fault (stuck on, stuck off, open) -> drift, then slow noise
///   (faultless cells)
/// How much of each is up to the kind of cell.
class DeviceModel {
public:
    /// Reads the level table and the fault map that the configuration names. Throws InputError.
    explicit DeviceModel(const HardwareConfig& hardware);

    const LevelTable& levels() const { return levels_; }
    /// Slope at 0 V, in siemens, of each device of array `array` after programming and drift.
    Eigen::MatrixXd program(const LevelMatrix& targets, std::uint64_t array) const;
    /// What a fault of a cell makes of its target level: |conductance - that of the level| in steps of levels(); 0 without.
    double fault_error(int row, int column, int level, std::uint64_t array) const;
    CellCurve curve() const { return {device_.nonlinearity_per_volt, device_.r_access_ohm}; }
    /// Standard deviation over conductance of a cell's noise at each read.
    double read_noise_sigma() const { return device_.read_noise_sigma; }

private:
    /// Standard normal deviates of one cell.
    struct Deviates {
        double programming, drift, wander;
    };
    std::optional<double> stuck_at(int row, int column, std::uint64_t array) const;
    double faultless(int level, const Deviates& z) const;
    double written(int level, double z) const;

    DeviceConfig device_;
    int cols_;
    LevelTable levels_;
    FaultMap faults_;
    KeyedRandom programming_, drift_, wander_;
    std::vector<CellStatistics> statistics_;  ///< of each level
    bool spreads_, drifts_, drifts_differ_, wanders_;
};

}  // namespace xloop
