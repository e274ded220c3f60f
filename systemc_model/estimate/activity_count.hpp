#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/mapping/network_load.hpp"

#include <vector>

namespace xloop {

/// What all images of one round count, without arrays and registers: those follow from `layers`.
struct RoundActivity {
    struct Tile {
        Counters buffer, bus, accumulator, vector_unit, controller;
    };
    std::vector<Tile> tiles;
    NetworkLoad network;
    Counters io;
    std::vector<std::vector<Counters>> layers;  ///< by kind of hardware; as in ActivityRecord, of all components
    /// By layer of the round and copy: nodes that it sends its positions to, as FlowPlan::receivers gives them.
    std::vector<std::vector<std::vector<int>>> receivers;
    std::vector<std::int64_t> busiest_port;  ///< by layer of the round: most flits of its messages through one port
};

/// Without events, for so many kinds of hardware.
ActivityRecord empty_record(const HardwareKinds& kinds);
/// Adds the events of a round by layer.
void add_layers(ActivityRecord& record, const RoundActivity& round);

RoundActivity count_round(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan, int images);
RoundActivity count_round(const MappedNetwork& network, const FlowPlan& plan, int images);

/// Every event of all rounds, instance by instance: equal to the cycle model's counters.
ActivityRecord merge_rounds(const MappedNetwork& network, const std::vector<RoundActivity>& rounds, int images);

/// Every event that a run over `images` images counts.
ActivityRecord count_activity(const MappedNetwork& network, int images);

}  // namespace xloop
