#pragma once

#include "systemc_model/sim/tile/task.hpp"

#include <string>
#include <vector>

namespace xloop::sim {

/// Follows who waits for whom, from the first task that waits to one that waits for nobody or to the cycle that nobody can
/// leave. `tasks`: by number in the plan. Empty when no task waits.
std::string wait_chain(const std::vector<const Task*>& tasks);

}  // namespace xloop::sim
