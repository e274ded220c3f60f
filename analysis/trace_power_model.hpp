#pragma once

#include "analysis/study_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/cost/cost_table.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "traces/power/power_model.hpp"

namespace xloop {

/// What the events and the hardware of a run cost, for power over time. Sums over classes and instances are those of the run's
/// ledger. Of runs that only count, events that depend on data go with their size events in the ratio that the ledger gives
/// them in the end: it follows from simulation.statistics, or averages, and the counts of the estimate, which are the run's.
/// Throws InputError when simulation.statistics is of another network.
trace::PowerModel trace_power_model(const MappedNetwork& network, const StudyConfig& config, const CostTable& costs);

}  // namespace xloop
