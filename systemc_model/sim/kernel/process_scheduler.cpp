#include "systemc_model/sim/kernel/agent.hpp"
#include "systemc_model/sim/kernel/scheduler.hpp"

#include <functional>
#include <memory>
#include <queue>
#include <vector>

namespace xloop::sim {
namespace {

/// The process of one agent.
class AgentProcess : public sc_core::sc_module {
public:
    using Call = std::function<void(Agent&, std::uint64_t)>;

    AgentProcess(const sc_core::sc_module_name& name, Agent& agent, const ClockDomain& clock, Call call)
        : sc_module(name), agent_(agent), clock_(clock), call_(std::move(call)) {
        SC_HAS_PROCESS(AgentProcess);
        SC_METHOD(activate);
        sensitive << event_;
        dont_initialize();
    }

    void wake(std::uint64_t cycle) {
        if (due_.empty() || cycle < due_.top())
            notify(cycle);
        due_.push(cycle);
    }

private:
    void activate() {
        const std::uint64_t cycle = clock_.now();
        while (!due_.empty() && due_.top() <= cycle)
            due_.pop();
        if (!due_.empty())
            notify(due_.top());
        call_(agent_, cycle);
    }
    void notify(std::uint64_t cycle) {
        event_.notify(sc_core::sc_time::from_value(clock_.time_fs(cycle) - sc_core::sc_time_stamp().value()));
    }

    Agent& agent_;
    const ClockDomain& clock_;
    Call call_;
    sc_core::sc_event event_;
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> due_;
};

class ProcessScheduler : public Scheduler {
public:
    ProcessScheduler(const sc_core::sc_module_name& name, const ClockDomain& clock) : Scheduler(name, clock) {}

    int add(Agent& agent) override {
        processes_.push_back(std::make_unique<AgentProcess>("process", agent, clock_,
                                                            [this](Agent& a, std::uint64_t cycle) { call(a, cycle); }));
        return static_cast<int>(processes_.size()) - 1;
    }
    void wake(int agent, std::uint64_t cycle) override { processes_[static_cast<std::size_t>(agent)]->wake(cycle); }

private:
    std::vector<std::unique_ptr<AgentProcess>> processes_;
};

}  // namespace

std::unique_ptr<Scheduler> make_process_scheduler(const char* name, const ClockDomain& clock) {
    return std::make_unique<ProcessScheduler>(name, clock);
}

}  // namespace xloop::sim
