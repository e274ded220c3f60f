#pragma once

#include "core/hardware_config.hpp"
#include "core/random.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace xloop {

enum class Fault { none, on, off, open };

/// Which cells do not follow their writes: single ones listed in device.fault_map, others at random by the rates
/// (each cell of each array on its own).
class FaultMap {
public:
    /// Reads the fault map. Throws InputError: malformed lines, cells outside of the array, a cell listed twice.
    explicit FaultMap(const HardwareConfig& hardware);

    /// Of every listed fault in an array that is not one of `arrays`: file, line and what is wrong.
    std::vector<std::string> outside(const std::set<std::uint64_t>& arrays) const;

    /// No cell of any array can have a fault.
    bool none() const { return listed_.empty() && on_rate_ + off_rate_ + open_rate_ == 0.0; }
    /// Fault of cell (row, column) of array `array`; `cell` = row * columns + column.
    Fault at(std::uint64_t array, int row, int column, std::uint64_t cell) const;

private:
    using Place = std::tuple<std::optional<std::uint64_t>, int, int>;  ///< no array: every one
    std::map<Place, Fault> listed_;
    std::map<std::uint64_t, std::string> lines_;  ///< of the first fault of each array with a number
    double on_rate_, off_rate_, open_rate_;
    KeyedRandom random_;
};

}  // namespace xloop
