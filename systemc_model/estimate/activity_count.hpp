#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/mapping/network_load.hpp"

#include <vector>

namespace xloop {

/// By layer of an ActivityRecord: counts on each kind of hardware that the layer meets, which are few of many.
class KindCounts {
public:
    struct OfKind {
        int kind;
        Counters counts;
    };

    explicit KindCounts(std::size_t layers) : layers_(layers) {}
    std::size_t count() const { return layers_.size(); }
    const std::vector<OfKind>& operator[](std::size_t layer) const { return layers_[layer]; }
    Counters& at(std::size_t layer, int kind);
    KindCounts& operator+=(const KindCounts& o);

private:
    std::vector<std::vector<OfKind>> layers_;
};

/// What all images of one round count, without arrays and registers: those follow from `layers`.
struct RoundActivity {
    struct Tile {
        Counters buffer, bus, accumulator, vector_unit, controller;
    };
    std::vector<Tile> tiles;
    NetworkLoad network;
    Counters io;
    KindCounts layers;  ///< as in ActivityRecord, of all components
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
