#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/mapping.hpp"

namespace xloop {

/// Every event that a run over `images` images counts, instance by instance: equal to the cycle model's counters.
ActivityRecord count_activity(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware,
                              int images);

}  // namespace xloop
