#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/partition.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Bytes of a partial sum and of a logit.
inline constexpr int accumulator_bytes = 4;

/// A block of a layer and where it sits.
struct PlacedBlock : MatrixBlock {
    int tile = 0;  ///< y * mesh_cols + x
    int slot = 0;  ///< array of that tile
};

struct LayerMapping {
    std::vector<PlacedBlock> blocks;  ///< empty for layers without a matrix
    std::vector<int> tiles;           ///< that hold blocks, in order of placement
    int home = 0;                     ///< tile that reduces, finishes and stores the layer's output
};

/// Who sits where. A pure function of graph and hardware.
struct Mapping {
    int mesh_cols = 0, mesh_rows = 0;
    int used_tiles = 0, used_arrays = 0;
    std::vector<LayerMapping> layers;

    int tiles() const { return mesh_cols * mesh_rows; }
    /// The input/output node shares the router of tile 0.
    static constexpr int io_tile = 0;
    /// Routers that a packet from tile a to tile b passes, both ends included (x first, then y).
    int routers_between(int a, int b) const;
    /// These routers, in order.
    std::vector<int> route(int a, int b) const;
    /// "tile_1_0" for x = 1, y = 0.
    std::string tile_name(int tile) const;
    /// Tiles that read the output of layer `index` (-1: the input image), without repeats; the io node is not among them.
    std::vector<int> reader_tiles(const WorkloadGraph& graph, int index) const;
};

/// Places every layer's blocks on tiles of their own, in order along a snake through the mesh, so that neighbours in the
/// graph are neighbours on the chip. A layer without a matrix runs in the home tile of its first input.
/// Throws InputError when a given mesh has too few tiles (it says how many are missing) or when a feature map does not
/// fit into a tile's buffer.
Mapping map_network(const WorkloadGraph& graph, const HardwareConfig& hardware);

}  // namespace xloop
