#pragma once

#include "traces/bus/signal.hpp"

#include <vector>

namespace xloop::trace {

/// The parts of a run that are traced: intervals [begin, end), apart from each other and in order. Those of regions open and
/// close while the run goes on; until then the last one is open at its end.
class TimeWindows {
public:
    /// Everything, from 0 on.
    static TimeWindows always() { return TimeWindows({{0, never}}); }
    explicit TimeWindows(std::vector<std::pair<Time, Time>> windows = {});

    /// Another window begins, no earlier than any end before it; nothing happens while one is open.
    void open(Time time);
    void close(Time time);

    bool contains(Time time) const { return whole_ || contains_searched(time); }
    /// Whether a change at `time` is seen: one at a window's begin is part of what the window begins with.
    bool shows_change(Time time) const { return whole_ ? time > 0 : shows_change_searched(time); }
    /// Whether one window holds all of [first, last].
    bool contains(Time first, Time last) const { return whole_ || contains_searched(first, last); }
    /// Traced time before `time`: maps times to a clock that stands still outside the windows.
    Time before(Time time) const { return whole_ ? time : before_searched(time); }
    const std::vector<std::pair<Time, Time>>& windows() const { return windows_; }

private:
    /// The last window that begins at or before `time`; -1: none.
    std::ptrdiff_t find(Time time) const;
    bool contains_searched(Time time) const;
    bool shows_change_searched(Time time) const;
    bool contains_searched(Time first, Time last) const;
    Time before_searched(Time time) const;

    std::vector<std::pair<Time, Time>> windows_;
    std::vector<Time> before_;          ///< length of all windows before each
    mutable std::ptrdiff_t last_ = -1;  ///< where the last search ended
    bool whole_ = false;                ///< one window of all time
};

}  // namespace xloop::trace
