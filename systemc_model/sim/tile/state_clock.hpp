#pragma once

#include "systemc_model/sim/simulation_result.hpp"

#include <cstdint>

namespace xloop::sim {

enum class WorkState { idle, busy, waiting, blocked };

/// Counts the cycles that a task spends in each state.
class StateClock {
public:
    void set(WorkState state, std::uint64_t cycle) {
        cycles_of(state_) += cycle - since_;
        state_ = state;
        since_ = cycle;
    }
    /// All cycles up to `end`.
    StateCycles cycles(std::uint64_t end) const {
        StateClock copy = *this;
        copy.set(state_, end);
        return copy.cycles_;
    }

private:
    std::uint64_t& cycles_of(WorkState state) {
        switch (state) {
        case WorkState::busy: return cycles_.busy;
        case WorkState::waiting: return cycles_.waiting;
        case WorkState::blocked: return cycles_.blocked;
        case WorkState::idle: break;
        }
        return cycles_.idle;
    }

    WorkState state_ = WorkState::idle;
    std::uint64_t since_ = 0;
    StateCycles cycles_;
};

}  // namespace xloop::sim
