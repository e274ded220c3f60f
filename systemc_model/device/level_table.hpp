#pragma once

#include "core/hardware_config.hpp"

#include <string>
#include <utility>
#include <vector>

namespace xloop {

/// Conductances, in siemens, that a cell is programmed to: mean and standard deviation of each level, lowest first.
class LevelTable {
public:
    struct Level {
        double mean_s, sigma_s;
    };
    explicit LevelTable(std::vector<Level> levels) : levels_(std::move(levels)) {}

    int size() const { return static_cast<int>(levels_.size()); }
    double mean(int level) const { return levels_[static_cast<std::size_t>(level)].mean_s; }
    double sigma(int level) const { return levels_[static_cast<std::size_t>(level)].sigma_s; }
    double lowest() const { return levels_.front().mean_s; }
    double highest() const { return levels_.back().mean_s; }
    /// Mean distance of neighbouring levels: the unit in which column currents are read back.
    double step() const { return (highest() - lowest()) / (size() - 1); }

private:
    std::vector<Level> levels_;
};

/// The levels of a configuration: evenly spaced from 1 / r_off to 1 / r_on, or those of device.level_table.
/// Throws InputError when the table is malformed, not increasing, or has another number of levels than 2^bits_per_cell.
LevelTable make_levels(const HardwareConfig& hardware);

}  // namespace xloop
