#pragma once

#include "core/activity.hpp"

#include <cstdint>
#include <vector>

namespace xloop::sim {

/// Events of the whole chip by windows of equal length, for power over time.
class ActivityWindows {
public:
    /// `cycles` of the digital clock in a window; 0: nothing is kept.
    explicit ActivityWindows(std::uint64_t cycles = 0) : cycles_(cycles) {}

    /// `n` events, spread evenly over the cycles [begin, end).
    void add(Event event, double n, std::uint64_t begin, std::uint64_t end) {
        if (cycles_ > 0 && n > 0)
            spread(event, n, begin, end);
    }
    /// Windows up to cycle `end`; events after it are put into the last one.
    std::vector<PerEvent> until(std::uint64_t end) const;

private:
    void spread(Event event, double n, std::uint64_t begin, std::uint64_t end);

    std::uint64_t cycles_;
    std::vector<PerEvent> windows_;
};

}  // namespace xloop::sim
