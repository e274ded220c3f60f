#pragma once

#include <algorithm>
#include <chrono>

namespace xloop {

using JobClock = std::chrono::steady_clock;

/// Sleeps, in parts short enough to hear Ctrl-C. Throws Interrupted.
void sleep_until(JobClock::time_point until);

/// How long to wait before looking again: twice as long each time that there was nothing new, from 2 to 50 ms, and never
/// less than ten times what a look takes.
class Pause {
public:
    void nothing_new() { length_ = std::min(2 * length_, longest); }
    void something_new() { length_ = shortest; }
    JobClock::time_point end(JobClock::duration look = {}) const {
        return JobClock::now() + std::max<JobClock::duration>(length_, 10 * look);
    }

private:
    static constexpr std::chrono::milliseconds shortest{2}, longest{50};
    std::chrono::milliseconds length_ = shortest;
};

}  // namespace xloop
