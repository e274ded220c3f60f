#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace xloop {

enum class SimulatedValues { compute, counts };
constexpr auto names_of(SimulatedValues) { return std::array{"compute", "counts"}; }

/// How long a run may stand still, and how finely it is watched.
struct RunLimits {
    std::uint64_t watchdog_cycles = 10'000'000;  ///< without any finished position: the run is given up
    std::uint64_t power_window_cycles = 0;       ///< of each of SimulationResult::windows; 0: none
};

/// The cycle model.
struct SimulationConfig {
    int images = 2;
    SimulatedValues values = SimulatedValues::compute;
    std::string statistics;  ///< file of activities that a computing run recorded; empty: none
    RunLimits limits{10'000'000, 1000};

    bool computes() const { return values == SimulatedValues::compute; }
    /// A computing run measures activities itself.
    std::string recorded_statistics() const { return computes() ? "" : statistics; }
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, SimulationConfig& c);

}  // namespace xloop
