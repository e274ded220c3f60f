#include "systemc_model/mapping/map_network.hpp"

#include "core/error.hpp"
#include "systemc_model/mapping/pe_cursor.hpp"
#include "systemc_model/mapping/placement.hpp"
#include "systemc_model/mapping/replication.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace xloop {
namespace {

/// Products of 8-bit activations and weights that a 32-bit accumulator is sure to hold: 2^31 / (255 x 128), rounded
/// down.
constexpr int largest_rows = 65000;

void check_layers(const WorkloadGraph& graph) {
    for (const GraphLayer& layer : graph.layers)
        if (layer.on_crossbars() && layer.rows() > largest_rows)
            throw KeyError("network", fmt::format("layer `{}` sums {} products; 32-bit accumulators hold at most {}",
                                                  layer.name, layer.rows(), largest_rows));
}

/// The n-th tile of the snake: left to right in even rows of tiles, right to left in odd ones.
int snake(int n, int cols) {
    const int y = n / cols;
    const int x = n % cols;
    return y * cols + (y % 2 == 0 ? x : cols - 1 - x);
}

bool given_mesh(const HardwareConfig& hardware) { return hardware.noc.mesh_cols > 0; }

int given_tiles(const HardwareConfig& hardware) {
    return given_mesh(hardware) ? hardware.noc.mesh_cols * hardware.noc.mesh_rows * hardware.noc.concentration
                                : std::numeric_limits<int>::max();
}

std::int64_t array_budget(const HardwareConfig& hardware) {
    return hardware.mapping.array_budget > 0 ? hardware.mapping.array_budget
                                             : std::int64_t{given_tiles(hardware)} * hardware.arrays_per_tile();
}

[[noreturn]] void fail_size(const HardwareConfig& hardware, const std::string& what, int tiles,
                            const std::string& advice) {
    throw KeyError(
        "noc.mesh_cols",
        fmt::format("{} needs {} tiles of {} arrays, the mesh noc.mesh_cols x noc.mesh_rows = {} x {} has {}: "
                    "{} tiles are missing; enlarge the mesh, tile.pes, pe.arrays or the arrays{}",
                    what, tiles, hardware.arrays_per_tile(), hardware.noc.mesh_cols, hardware.noc.mesh_rows,
                    given_tiles(hardware), tiles - given_tiles(hardware), advice));
}

/// The layers of each round.
std::vector<LayerRange> make_rounds(const WorkloadGraph& graph, const std::vector<LayerSize>& sizes,
                                    const HardwareConfig& hardware) {
    std::vector<LayerRange> rounds = {{0, sizes.size()}};
    const int all = tiles_needed(sizes, rounds.front(), hardware), available = given_tiles(hardware);
    if (all <= available)
        return rounds;
    if (hardware.mapping.oversubscribed != Oversubscribed::rounds)
        fail_size(hardware, "the network", all,
                  ", leave the mesh to be sized for the network (0 x 0), or set mapping.oversubscribed: rounds");
    for (std::size_t l = 0; l < sizes.size(); ++l) {
        if (tiles_needed(sizes, {rounds.back().begin, l + 1}, hardware) <= available)
            continue;
        if (const int alone = tiles_needed(sizes, {l, l + 1}, hardware); alone > available)
            fail_size(hardware, fmt::format("layer `{}`", graph.layers[l].name), alone, "");
        rounds.back().end = l;
        rounds.push_back({l, sizes.size()});
    }
    return rounds;
}

void set_mesh(Mapping& mapping, const HardwareConfig& hardware) {
    mapping.concentration = hardware.noc.concentration;
    mapping.torus = hardware.noc.topology == NocTopology::torus;
    mapping.mesh_cols = hardware.noc.mesh_cols;
    mapping.mesh_rows = hardware.noc.mesh_rows;
    if (given_mesh(hardware))
        return;
    const int routers = (std::max(mapping.used_tiles, 1) + mapping.concentration - 1) / mapping.concentration;
    mapping.mesh_cols = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(routers))));
    mapping.mesh_rows = (routers + mapping.mesh_cols - 1) / mapping.mesh_cols;
}

/// Arrays in the order in which blocks take them: processing element after processing element along the snake.
class ArrayCursor {
public:
    ArrayCursor(int first_element, const HardwareConfig& hardware, int tile_cols)
        : arrays_(hardware.pe.arrays), pes_(hardware.tile.pes), tile_cols_(tile_cols), number_(first_element / pes_),
          pe_(first_element % pes_), tile_(snake(number_, tile_cols)) {}

    void place(PlacedBlock& block) {
        if (slot_ == arrays_) {
            slot_ = 0;
            if (++pe_ == pes_) {
                pe_ = 0;
                tile_ = snake(++number_, tile_cols_);
            }
        }
        block.tile = tile_;
        block.pe = pe_;
        block.slot = slot_++;
    }

private:
    int arrays_, pes_, tile_cols_, number_, pe_, tile_, slot_ = 0;
};

/// Calls visit(block number) in the order in which blocks take arrays: as they are numbered, or (tile_blocks: outputs)
/// all blocks of the same outputs one after the other.
template <class Visit>
void in_placing_order(const std::vector<PlacedBlock>& blocks, const HardwareConfig& hardware, Visit visit) {
    if (hardware.mapping.tile_blocks != TileBlocks::outputs) {
        for (std::size_t b = 0; b < blocks.size(); ++b)
            visit(b);
        return;
    }
    // Within a group, blocks are numbered by rows, then outputs: `side_by_side` blocks have the same rows.
    for (std::size_t group = 0; group < blocks.size();) {
        std::size_t end = group, side_by_side = 0;
        for (; end < blocks.size() && blocks[end].group == blocks[group].group; ++end)
            side_by_side += blocks[end].row_begin == blocks[group].row_begin;
        const std::size_t polarities = hardware.separate() ? 2 : 1;
        for (std::size_t o = 0; o < side_by_side; o += polarities)
            for (std::size_t row = group + o; row < end; row += side_by_side)
                for (std::size_t b = row; b < row + polarities; ++b)
                    visit(b);
        group = end;
    }
}

/// A copy whose first processing element is number `first` along the snake.
LayerCopy place_copy(const WorkloadGraph& graph, int l, int copy, int first, const HardwareConfig& hardware,
                     int tile_cols) {
    const GraphLayer& layer = graph.layers[static_cast<std::size_t>(l)];
    const std::vector<MatrixBlock> blocks =
        partition_layer(l, layer.groups, layer.out.channels / layer.groups, layer.rows(), hardware, copy);
    LayerCopy placed;
    placed.blocks.reserve(blocks.size());
    for (const MatrixBlock& block : blocks)
        placed.blocks.push_back({block});
    ArrayCursor cursor(first, hardware, tile_cols);
    in_placing_order(placed.blocks, hardware, [&](std::size_t b) {
        PlacedBlock& block = placed.blocks[b];
        cursor.place(block);
        if (placed.tiles.empty() || placed.tiles.back() != block.tile)
            placed.tiles.push_back(block.tile);
    });
    placed.home = placed.tiles.front();
    return placed;
}

/// A layer without a matrix runs where its first input of the same round is finished, copy 0; when the i/o node sends
/// all of its inputs, on the first tile.
int home_of_digital_layer(const WorkloadGraph& graph, const Mapping& mapping, std::size_t l) {
    for (int input : graph.layers[l].inputs)
        if (input >= 0 && mapping.layers[static_cast<std::size_t>(input)].round == mapping.layers[l].round)
            return mapping.layers[static_cast<std::size_t>(input)].copies.front().home;
    return 0;
}

}  // namespace

MappedNetwork map_network(WorkloadGraph given_graph, HardwareConfig given_hardware) {
    MappedNetwork network{std::move(given_graph), std::move(given_hardware), {}};
    const WorkloadGraph& graph = network.graph;
    const HardwareConfig& hardware = network.hardware;
    Mapping& mapping = network.mapping;
    check_layers(graph);
    std::vector<LayerSize> sizes = layer_sizes(graph, hardware);
    const std::vector<LayerRange> rounds = make_rounds(graph, sizes, hardware);
    mapping.layers.resize(sizes.size());
    mapping.rounds = static_cast<int>(rounds.size());
    for (const LayerRange& round : rounds) {
        if (hardware.mapping.replication == Replication::automatic)
            balance(sizes, round, array_budget(hardware), given_tiles(hardware), hardware);
        mapping.used_tiles = std::max(mapping.used_tiles, tiles_needed(sizes, round, hardware));
    }
    set_mesh(mapping, hardware);
    for (std::size_t r = 0; r < rounds.size(); ++r) {
        PeCursor cursor(hardware);
        int arrays = 0;
        for (std::size_t l = rounds[r].begin; l < rounds[r].end; ++l) {
            LayerMapping& layer = mapping.layers[l];
            layer.round = static_cast<int>(r);
            if (sizes[l].blocks == 0) {
                layer.copies.push_back({{}, {}, home_of_digital_layer(graph, mapping, l)});
                continue;
            }
            cursor.begin_layer();
            for (int copy = 0; copy < sizes[l].copies; ++copy)
                layer.copies.push_back(place_copy(graph, static_cast<int>(l), copy, cursor.place_copy(sizes[l].pes),
                                                  hardware, mapping.tile_cols()));
            arrays += sizes[l].copies * sizes[l].blocks;
        }
        mapping.used_arrays = std::max(mapping.used_arrays, arrays);
    }
    if (hardware.mapping.placement == Placement::improved)
        improve_placement(network);
    return network;
}

}  // namespace xloop
