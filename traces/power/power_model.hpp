#pragma once

#include "core/activity.hpp"

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
    };

    double cycle_s = 1e-9;  ///< of the digital clock
    /// J in each class that go with one event: its own, and those expected of events that follow it and are not counted.
    std::array<PerComponent, event_count> event_j{};
    PerComponent static_w{};          ///< of the chip
    std::vector<Instance> instances;  ///< all, active or not

    /// Dynamic energy of a chip's events.
    PerComponent dynamic_j(const std::array<std::uint64_t, event_count>& events) const;
    /// Dynamic and static power over a time in which `events` were counted.
    PerComponent power_w(const std::array<std::uint64_t, event_count>& events, double seconds) const;
};

}  // namespace xloop::trace
