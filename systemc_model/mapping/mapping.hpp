#pragma once

#include "core/chip_shape.hpp"
#include "core/hardware_kinds.hpp"
#include "core/made_reads.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/partition.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// Bytes of a partial sum and of a logit.
inline constexpr int accumulator_bytes = 4;

/// A block of a layer and where it sits.
struct PlacedBlock : MatrixBlock {
    int tile = 0;
    int pe = 0;    ///< of that tile
    int slot = 0;  ///< array of that processing element
};

struct TileWork;

/// One copy of a layer: arrays that hold its whole matrix, or the vector unit of one tile for a layer without a matrix.
struct LayerCopy {
    std::vector<PlacedBlock> blocks;  ///< in the order of partition_layer; empty for layers without a matrix
    std::vector<int> tiles;           ///< that hold blocks, in order of placement
    int home = 0;                     ///< tile that reduces, finishes and sends the positions of this copy
    /// In the place of `blocks` where a network is mapped for figures alone (KnownWorks): of each of `tiles`, in their order.
    std::shared_ptr<const std::vector<TileWork>> works;

    bool has_matrix() const { return works || !blocks.empty(); }
};

struct LayerMapping {
    int round = 0;                  ///< in which the layer is on the chip
    std::vector<LayerCopy> copies;  ///< at least one

    int copy_count() const { return static_cast<int>(copies.size()); }
    /// Output positions of an image that copy `copy` computes.
    int positions_of(int copy, const GraphLayer& layer) const {
        return (layer.positions() - copy + copy_count() - 1) / copy_count();
    }
    /// The copy that computes output position `position`, in the timed and in the untimed run.
    int copy_of(int position) const { return position % copy_count(); }
};

/// Who sits where. A pure function of graph and hardware.
struct Mapping {
    int mesh_cols = 0, mesh_rows = 0;  ///< routers
    int concentration = 1;             ///< tiles on a router
    bool torus = false;
    int used_tiles = 0, used_arrays = 0;  ///< used_arrays: largest number in one round
    std::vector<int> tile_types;          ///< of each tile: a type of HardwareKinds; unused tiles are of the base
    int rounds = 1;
    std::vector<LayerMapping> layers;

    int tile_cols() const { return mesh_cols * concentration; }
    int tiles() const { return tile_cols() * mesh_rows; }
    int type_of(int tile) const { return tile_types[static_cast<std::size_t>(tile)]; }
    int routers() const { return mesh_cols * mesh_rows; }
    ChipShape chip() const { return {tiles(), mesh_cols, mesh_rows, torus, tile_types}; }
    int router_of(int tile) const { return tile == tiles() ? io_router : tile / concentration; }
    /// The input/output node, number tiles() of the network, is on the router of tile 0.
    static constexpr int io_router = 0;
    int io_node() const { return tiles(); }
    /// "tile_1_0" for x = 1, y = 0 on the grid of tiles, tile_cols() wide; tile = y * tile_cols() + x.
    std::string tile_name(int tile) const;
    /// Tiles that read the output of layer `index` (-1: the input image) in round `round`, sorted, without repeats.
    std::vector<int> reader_tiles(const WorkloadGraph& graph, int index, int round = 0) const;
    /// Tiles that finish positions of layer `index`, sorted, without repeats.
    std::vector<int> home_tiles(int index) const;
    /// True for the output and for layers that a later round reads: the i/o node collects their maps.
    bool is_exported(const WorkloadGraph& graph, int index) const;
};

/// A network, the hardware it runs on, and who sits where on it: what a chip, its estimate and its cycle model start from.
/// Made by map_network; the weights are shared with the graph it was made of.
struct MappedNetwork {
    WorkloadGraph graph;
    HardwareConfig hardware;
    HardwareKinds kinds;
    Mapping mapping;

    std::vector<Durations> durations;        ///< by kind
    std::shared_ptr<const MadeReads> reads;  ///< that runs without values and estimates count; null: all reads are made

    const HardwareConfig& layer_hardware(int layer) const { return kinds.layer(layer); }
    const Durations& layer_durations(int layer) const { return of_kind(kinds.of_layer(layer)); }
    const HardwareConfig& tile_hardware(int tile) const { return kinds[mapping.type_of(tile)]; }
    const Durations& tile_durations(int tile) const { return of_kind(mapping.type_of(tile)); }
    /// Of the network on chip and the border, which all tiles share.
    const Durations& shared_durations() const { return of_kind(0); }
    /// Null: all reads of the copy are made.
    const MadeReads::Copy* made(int layer, int copy) const { return reads ? reads->find(layer, copy) : nullptr; }
    const Durations& of_kind(int kind) const { return durations[static_cast<std::size_t>(kind)]; }
};

/// Between two rounds: the cells of all arrays are written in parallel, so that the slowest type of tile decides.
std::int64_t reprogram_cycles(const MappedNetwork& network);

}  // namespace xloop
