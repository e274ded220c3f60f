#include "systemc_model/sim/kernel/agent.hpp"
#include "systemc_model/sim/kernel/scheduler.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace xloop::sim {
namespace {

/// Agents by the cycle at which they are due: slot cycle % slots for cycles less than `slots` ahead.
class Wheel {
public:
    void add(int agent, std::uint64_t cycle, std::uint64_t now) {
        if (cycle - now >= slots) {
            far_.emplace(cycle, agent);
            return;
        }
        const std::uint64_t slot = cycle % slots;
        agents_[slot].push_back(agent);
        occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    }

    /// Agents due at `cycle`, by number; leaves the slot empty. Stale entries of later wheel turns cannot exist.
    void take(std::uint64_t cycle, std::vector<int>& due) {
        const std::uint64_t slot = cycle % slots;
        due.swap(agents_[slot]);
        agents_[slot].clear();
        occupied_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
        while (!far_.empty() && far_.top().first <= cycle) {
            due.push_back(far_.top().second);
            far_.pop();
        }
        std::sort(due.begin(), due.end());
        due.erase(std::unique(due.begin(), due.end()), due.end());
    }

    /// The first cycle later than `cycle` with somebody due; `none` without.
    std::uint64_t next(std::uint64_t cycle) const {
        const std::uint64_t near = next_near(cycle);
        return far_.empty() ? near : std::min(near, far_.top().first);
    }
    static constexpr std::uint64_t none = ~std::uint64_t{0};

private:
    static constexpr std::uint64_t slots = 4096;

    std::uint64_t next_near(std::uint64_t cycle) const {
        const std::uint64_t begin = (cycle + 1) % slots;
        for (std::uint64_t k = 0; k <= slots / 64; ++k) {
            const std::uint64_t word = (begin / 64 + k) % (slots / 64);
            std::uint64_t bits = occupied_[word];
            if (k == 0)
                bits &= ~std::uint64_t{0} << (begin % 64);
            else if (k == slots / 64)
                bits &= ~(~std::uint64_t{0} << (begin % 64));
            if (bits == 0)
                continue;
            const std::uint64_t slot = word * 64 + static_cast<std::uint64_t>(__builtin_ctzll(bits));
            return cycle + 1 + (slot + slots - begin) % slots;
        }
        return none;
    }

    std::array<std::vector<int>, slots> agents_;
    std::array<std::uint64_t, slots / 64> occupied_{};
    using Far = std::pair<std::uint64_t, int>;
    std::priority_queue<Far, std::vector<Far>, std::greater<>> far_;
};

class WheelScheduler : public Scheduler {
public:
    WheelScheduler(const sc_core::sc_module_name& name, const ClockDomain& clock) : Scheduler(name, clock) {
        SC_HAS_PROCESS(WheelScheduler);
        SC_METHOD(turn);
        sensitive << event_;
        dont_initialize();
    }

    int add(Agent& agent) override {
        agents_.push_back(&agent);
        return static_cast<int>(agents_.size()) - 1;
    }

    void wake(int agent, std::uint64_t cycle) override {
        wheel_.add(agent, cycle, running_ ? cycle_ : now());
        if (!running_)
            announce(cycle);
    }

private:
    void turn() {
        cycle_ = now();
        running_ = true;
        announced_ = Wheel::none;
        wheel_.take(cycle_, due_);
        for (int agent : due_)
            call(*agents_[static_cast<std::size_t>(agent)], cycle_);
        due_.clear();
        running_ = false;
        const std::uint64_t next = wheel_.next(cycle_);
        if (next != Wheel::none)
            announce(next);
    }

    void announce(std::uint64_t cycle) {
        if (cycle >= announced_)
            return;
        announced_ = cycle;
        event_.notify(sc_core::sc_time::from_value(clock_.time_fs(cycle) - sc_core::sc_time_stamp().value()));
    }

    std::vector<Agent*> agents_;
    Wheel wheel_;
    std::vector<int> due_;
    sc_core::sc_event event_;
    std::uint64_t cycle_ = 0, announced_ = Wheel::none;
    bool running_ = false;
};

}  // namespace

std::unique_ptr<Scheduler> make_wheel_scheduler(const char* name, const ClockDomain& clock) {
    return std::make_unique<WheelScheduler>(name, clock);
}

}  // namespace xloop::sim
