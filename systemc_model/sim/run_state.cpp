#include "systemc_model/sim/run_state.hpp"

namespace xloop::sim {

void RunState::include(int index, std::uint64_t image, std::uint64_t cycle) { sums(index).images[image].include(cycle); }

}  // namespace xloop::sim
