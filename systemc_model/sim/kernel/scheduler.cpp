#include "systemc_model/sim/kernel/scheduler.hpp"

#include "systemc_model/sim/kernel/agent.hpp"

namespace xloop::sim {

void Scheduler::call(Agent& agent, std::uint64_t cycle) {
    if (failure_)
        return;
    try {
        agent.call(cycle);
    } catch (...) {
        failure_ = std::current_exception();
        sc_core::sc_stop();
    }
}

}  // namespace xloop::sim
