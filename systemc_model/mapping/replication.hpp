#pragma once

#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// What one copy of a layer takes; all 0 for a layer without a matrix.
struct LayerSize {
    int type = 0;  ///< of its tiles
    int blocks = 0, pes = 0;
    int positions = 0;          ///< output positions of one image, shared by the copies
    std::int64_t interval = 0;  ///< cycles from one position to the next
    int copies = 1;

    /// Cycles that the layer's arrays are busy for an image.
    std::int64_t pace() const { return std::int64_t{(positions + copies - 1) / copies} * interval; }
};

/// One for each layer, with the copies that mapping.replicas asks for. Throws InputError for entries that name no layer
/// with a matrix, or a number of copies that is not in [1, positions].
std::vector<LayerSize> layer_sizes(const MappedNetwork& network);

/// Layers [begin, end).
struct LayerRange {
    std::size_t begin = 0, end = 0;
};

/// Tiles of each type that the layers fill.
std::vector<int> tiles_needed(const std::vector<LayerSize>& sizes, LayerRange layers, const MappedNetwork& network);

/// mapping.replication: auto: the slowest of the layers gets copies until it is not the slowest any more, then the next
/// one, as long as they fit into `arrays` and `tiles`, of which other layers, in other rounds, need at least `others` of each
/// type. Throws InputError when one copy of each does not fit into `arrays`.
void balance(std::vector<LayerSize>& sizes, LayerRange layers, std::int64_t arrays, int tiles,
             const std::vector<int>& others, const MappedNetwork& network);

/// Tiles for layers that take turns: of each type as many as one of them needs at most.
int tiles_for_all(std::vector<int> needed, const std::vector<int>& others);

}  // namespace xloop
