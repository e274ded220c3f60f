#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/network_load.hpp"
#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <vector>

namespace xloop {

/// What all images of one round count.
struct RoundActivity {
    struct Tile {
        Counters buffer, bus, accumulator, vector_unit, controller;
    };
    std::vector<Tile> tiles;
    NetworkLoad network;
    Counters io;
    ActivityRecord processing_elements;   ///< arrays and registers
    std::vector<Counters> layers;         ///< as in ActivityRecord
};

RoundActivity count_round(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware,
                          const FlowPlan& plan, int images);

/// Every event of all rounds, instance by instance: equal to the cycle model's counters.
ActivityRecord merge_rounds(const Mapping& mapping, std::vector<RoundActivity> rounds);

/// Every event that a run over `images` images counts.
ActivityRecord count_activity(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware,
                              int images);

/// Nodes that copy `replica` of layer `layer` sends its positions to: tiles with a stream of it other than the home, then
/// the i/o node when it collects the layer.
std::vector<int> receivers(const FlowPlan& plan, const Mapping& mapping, int layer, int replica);

}  // namespace xloop
