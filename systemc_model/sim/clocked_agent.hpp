#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <systemc>
#include <vector>

namespace xloop::sim {

/// Cycle counts of one clock domain on SystemC's time axis.
class ClockDomain {
public:
    explicit ClockDomain(double period_ns)
        : period_(static_cast<sc_dt::uint64>(period_ns * 1e6 + 0.5)) {}  // femtoseconds, the kernel's resolution

    std::uint64_t now() const { return sc_core::sc_time_stamp().value() / period_; }
    sc_core::sc_time span(std::uint64_t cycles) const { return sc_core::sc_time::from_value(cycles * period_); }

private:
    sc_dt::uint64 period_;
};

/// A module with one process that sleeps until the next cycle at which it said it has something to do. Idle hardware
/// costs nothing. Messages between agents carry a cycle later than the current one, so that the order in which the
/// kernel runs agents within a cycle cannot change a result.
class ClockedAgent : public sc_core::sc_module {
public:
    ClockedAgent(const sc_core::sc_module_name& name, const ClockDomain& clock) : sc_module(name), clock_(clock) {
        SC_HAS_PROCESS(ClockedAgent);
        SC_METHOD(activate);
        sensitive << event_;
        dont_initialize();
    }

protected:
    /// Asks for on_cycle(cycle).
    void wake_at(std::uint64_t cycle) {
        if (due_.empty() || cycle < due_.top())
            event_.notify(clock_.span(cycle - clock_.now()));
        due_.push(cycle);
    }
    std::uint64_t now() const { return clock_.now(); }

    virtual void on_cycle(std::uint64_t cycle) = 0;

private:
    void activate() {
        const std::uint64_t cycle = now();
        while (!due_.empty() && due_.top() <= cycle)
            due_.pop();
        if (!due_.empty())
            event_.notify(clock_.span(due_.top() - cycle));
        on_cycle(cycle);
    }

    const ClockDomain& clock_;
    sc_core::sc_event event_;
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> due_;
};

}  // namespace xloop::sim
