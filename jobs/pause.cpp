#include "jobs/pause.hpp"

#include "core/interrupt.hpp"

#include <thread>

namespace xloop {

void sleep_until(JobClock::time_point until) {
    constexpr std::chrono::milliseconds part(50);
    for (auto now = JobClock::now(); now < until; now = JobClock::now()) {
        check_interrupt();
        std::this_thread::sleep_until(std::min<JobClock::time_point>(until, now + part));
    }
    check_interrupt();
}

}  // namespace xloop
