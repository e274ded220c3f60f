#pragma once

#include "analysis/timed_run.hpp"
#include "systemc_model/sim/simulate.hpp"

namespace xloop {

/// Runs the study's images through the cycle model, with values unless `values` is null. Images, watchdog, windows and
/// progress are the study's; scheduler and trace those of `how`. Once per process.
SimulationResult run_timed(const Study& study, const MappedNetwork& network, const Values* values,
                           SimulationOptions how = {});

}  // namespace xloop
