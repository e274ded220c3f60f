#pragma once

#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/window.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace xloop {

/// Positions that streams must hold so that the network, run untimed and on demand, comes to its end (make_flow_plan).
struct DemandDistances {
    struct Reader {
        int layer;
        std::int64_t released, largest_distance;  ///< positions that were there and not released by `layer`
    };
    std::vector<std::vector<Reader>> readers;  ///< of each producer, -1 first

    std::int64_t of(int producer, int reader) const;
};

/// What of a network's flow does not depend on hardware, worked out once for many pieces of it. Keeps a reference to the
/// graph. For one thread at a time.
class FlowGeometry {
public:
    explicit FlowGeometry(const WorkloadGraph& graph);

    const WorkloadGraph& graph() const { return graph_; }
    const LayerWindows& windows(int layer) const { return windows_[static_cast<std::size_t>(layer)]; }
    /// Layers that read `producer` (-1: the input).
    const std::vector<int>& consumers(int producer) const { return consumers_[static_cast<std::size_t>(producer + 1)]; }

    /// Of layers with `here`, which get the positions of `imports` row by row and are asked for those of `exports`.
    DemandDistances demand_distances(const std::vector<bool>& here, const std::vector<int>& imports,
                                     const std::vector<int>& exports) const;
    /// Of the whole network at once; kept.
    const DemandDistances& demand_distances() const;

private:
    const WorkloadGraph& graph_;
    std::vector<LayerWindows> windows_;
    std::vector<std::vector<int>> consumers_;
    mutable std::optional<DemandDistances> whole_;
};

/// Positions of `producer` that one packet of the i/o node carries: a row of the map. All other packets carry one
/// position.
int import_burst(const WorkloadGraph& graph, int producer);

}  // namespace xloop
