#include "systemc_model/sim/kernel/scheduler.hpp"

#include "systemc_model/sim/kernel/agent.hpp"

namespace xloop::sim {

void Scheduler::call(Agent& agent, std::uint64_t cycle) {
    constexpr std::uint64_t calls_between_polls = 1 << 14;
    if (failure_)
        return;
    try {
        agent.call(cycle);
        if (poll_ && ++calls_ % calls_between_polls == 0)
            poll_();
    } catch (...) {
        failure_ = std::current_exception();
        sc_core::sc_stop();
    }
}

}  // namespace xloop::sim
