#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// What one copy of a layer takes; all 0 for a layer without a matrix.
struct LayerSize {
    int blocks = 0, pes = 0;
    int positions = 0;  ///< output positions of one image, shared by the copies
    int interval = 0;   ///< cycles from one position to the next
    int copies = 1;

    /// Cycles that the layer's arrays are busy for an image.
    std::int64_t pace() const { return std::int64_t{(positions + copies - 1) / copies} * interval; }
};

/// One for each layer, with the copies that mapping.replicas asks for. Throws InputError for entries that name no layer
/// with a matrix, or a number of copies that is not in [1, positions].
std::vector<LayerSize> layer_sizes(const WorkloadGraph& graph, const HardwareConfig& hardware);

/// Layers [begin, end).
struct LayerRange {
    std::size_t begin = 0, end = 0;
};

/// Tiles that the layers fill.
int tiles_needed(const std::vector<LayerSize>& sizes, LayerRange layers, const HardwareConfig& hardware);

/// mapping.replication: auto: the slowest of the layers gets copies until it is not the slowest any more, then the next
/// one, as long as they fit into `arrays` and `tiles`. Throws InputError when one copy of each does not fit into `arrays`.
void balance(std::vector<LayerSize>& sizes, LayerRange layers, std::int64_t arrays, int tiles,
             const HardwareConfig& hardware);

}  // namespace xloop
