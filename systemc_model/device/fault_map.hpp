#pragma once

#include "core/hardware_config.hpp"
#include "core/random.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

namespace xloop {

enum class Fault { none, on, off, open };

/// Which cells do not follow their writes: single ones listed in device.fault_map, others at random by the rates
/// (each cell of each array on its own).
class FaultMap {
public:
    /// Reads the fault map. Throws InputError: malformed lines, cells outside of the array, a cell listed twice.
    explicit FaultMap(const HardwareConfig& hardware);

    /// Fault of cell (row, column) of array `array`; `cell` = row * columns + column.
    Fault at(std::uint64_t array, int row, int column, std::uint64_t cell) const;

private:
    using Place = std::tuple<std::optional<std::uint64_t>, int, int>;  ///< no array: every one
    std::map<Place, Fault> listed_;
    double on_rate_, off_rate_, open_rate_;
    KeyedRandom random_;
};

}  // namespace xloop
