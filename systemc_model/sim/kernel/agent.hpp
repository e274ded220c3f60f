#pragma once

#include "systemc_model/sim/kernel/scheduler.hpp"

#include <limits>

namespace xloop::sim {

/// A module that sleeps until the next cycle at which it said it has something to do. Idle hardware costs nothing.
class Agent : public sc_core::sc_module {
public:
    Agent(const sc_core::sc_module_name& name, Scheduler& scheduler)
        : sc_module(name), scheduler_(scheduler), number_(scheduler.add(*this)) {}

    /// Called by the scheduler, once for each cycle asked for, possibly for a cycle at which nothing is due.
    void call(std::uint64_t cycle) {
        if (cycle >= due_)
            due_ = never;
        on_cycle(cycle);
    }

protected:
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    /// Asks for on_cycle(cycle). A later cycle that was asked for before may be forgotten: on_cycle asks again.
    void wake_at(std::uint64_t cycle) {
        if (cycle >= due_)
            return;
        due_ = cycle;
        scheduler_.wake(number_, cycle);
    }
    const ClockDomain& clock() const { return scheduler_.clock(); }

    virtual void on_cycle(std::uint64_t cycle) = 0;

private:
    Scheduler& scheduler_;
    int number_;
    std::uint64_t due_ = never;
};

}  // namespace xloop::sim
