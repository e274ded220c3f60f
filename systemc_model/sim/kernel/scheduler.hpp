#pragma once

#include "systemc_model/sim/kernel/clock_domain.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <systemc>
#include <utility>

namespace xloop::sim {

class Agent;

/// Calls agents at the cycles for which they asked. All agents of one clock share one scheduler. Agents exchange messages
/// only for later cycles, so the order in which agents of one cycle are called cannot change a result.
class Scheduler : public sc_core::sc_module {
public:
    Scheduler(const sc_core::sc_module_name& name, const ClockDomain& clock) : sc_module(name), clock_(clock) {}

    const ClockDomain& clock() const { return clock_; }
    std::uint64_t now() const { return clock_.now(); }
    /// Before the run. Returns the agent's number.
    virtual int add(Agent& agent) = 0;
    /// `cycle` is later than the current one (before the run: any).
    virtual void wake(int agent, std::uint64_t cycle) = 0;

    /// Called now and then, some thousand calls of agents apart. May throw, to stop the run.
    void set_poll(std::function<void()> poll) { poll_ = std::move(poll); }

    /// An exception may not pass through the kernel: it stops the run and is kept here.
    std::exception_ptr failure() const { return failure_; }

protected:
    void call(Agent& agent, std::uint64_t cycle);

    const ClockDomain clock_;

private:
    std::exception_ptr failure_;
    std::function<void()> poll_;
    std::uint64_t calls_ = 0;
};

/// One process and one event for all agents: a wheel of the next 4096 cycles, a heap for what is further away.
std::unique_ptr<Scheduler> make_wheel_scheduler(const char* name, const ClockDomain& clock);
/// One process and one event for each agent. Slower; the tests hold the two against each other.
std::unique_ptr<Scheduler> make_process_scheduler(const char* name, const ClockDomain& clock);

}  // namespace xloop::sim
