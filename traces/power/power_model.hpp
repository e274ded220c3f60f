#pragma once

#include "traces/bus/window_counts.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace xloop::trace {

/// What counted events and hardware that waits cost on one chip. The sums over classes and over instances are equal up to
/// rounding.
struct PowerModel {
    struct Instance {
        std::string path;  ///< as in Declarations::instances
        double static_w;   ///< leakage, refresh and clock
        int kind = 0;      ///< of hardware, where it does not change during the run
    };

    double cycle_s = 1e-9;  ///< of the digital clock
    /// J in each class that go with one event: its own, and those expected of events that follow it and are not counted.
    using EventEnergies = std::array<PerComponent, event_count>;
    EventEnergies event_j{};
    std::vector<EventEnergies> other_kinds;  ///< of hardware, from number 1 on (trace::Instance::kind)
    PerComponent static_w{};                 ///< of the chip
    std::vector<Instance> instances;         ///< all, active or not

    int kinds() const { return 1 + static_cast<int>(other_kinds.size()); }
    const EventEnergies& of_kind(int kind) const {
        return kind == 0 ? event_j : other_kinds[static_cast<std::size_t>(kind) - 1];
    }
    /// Those that files list: all but what is_left_out.
    std::vector<Component> classes() const;
    /// Dynamic and static power over a window of a run.
    PerComponent power_w(const CountedWindow& window, const Declarations& declarations) const;
    double seconds(const CountedWindow& window) const { return cycle_s * static_cast<double>(window.cycles()); }
};

}  // namespace xloop::trace
