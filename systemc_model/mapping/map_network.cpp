#include "systemc_model/mapping/map_network.hpp"

#include "core/error.hpp"
#include "systemc_model/mapping/pe_cursor.hpp"
#include "systemc_model/mapping/placement.hpp"
#include "systemc_model/mapping/replication.hpp"
#include "systemc_model/mapping/tile_work.hpp"
#include "systemc_model/mapping/zero_weights.hpp"

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

constexpr std::size_t most_known_works = 4096;

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

/// With several types of tiles the mesh does not say how many arrays it has: then its tiles alone are the limit.
std::int64_t array_budget(const HardwareConfig& hardware) {
    return hardware.mapping.array_budget > 0 ? hardware.mapping.array_budget
           : !hardware.tile_types.empty()    ? std::numeric_limits<std::int64_t>::max()
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

struct Rounds {
    std::vector<LayerRange> layers;
    std::vector<int> needed;  ///< tiles of each type that every round leaves to the others
};

/// The layers of each round. All rounds have the same tiles: of each type, one layer alone must fit at any time.
Rounds make_rounds(const MappedNetwork& network, const std::vector<LayerSize>& sizes) {
    const HardwareConfig& hardware = network.hardware;
    Rounds rounds{{{0, sizes.size()}}, std::vector<int>(static_cast<std::size_t>(network.kinds.types()), 0)};
    const auto needs = [&](std::size_t begin, std::size_t end) {
        return tiles_for_all(tiles_needed(sizes, {begin, end}, network), rounds.needed);
    };
    const int all = needs(0, sizes.size()), available = given_tiles(hardware);
    if (all <= available)
        return rounds;
    if (hardware.mapping.oversubscribed != Oversubscribed::rounds)
        fail_size(hardware, "the network", all,
                  ", leave the mesh to be sized for the network (0 x 0), or set mapping.oversubscribed: rounds");
    const auto keep = [&](const std::vector<int>& needed) {
        for (std::size_t type = 0; type < needed.size(); ++type)
            rounds.needed[type] = std::max(rounds.needed[type], needed[type]);
    };
    for (std::size_t l = 0; l < sizes.size(); ++l) {
        keep(tiles_needed(sizes, {l, l + 1}, network));
        if (const int alone = needs(l, l + 1); alone > available)
            fail_size(hardware,
                      network.kinds.types() > 1
                          ? fmt::format("layer `{}`, beside tiles of other types,", network.graph.layers[l].name)
                          : fmt::format("layer `{}`", network.graph.layers[l].name),
                      alone, "");
    }
    for (std::size_t l = 0; l < sizes.size(); ++l) {
        if (needs(rounds.layers.back().begin, l + 1) <= available)
            continue;
        keep(tiles_needed(sizes, {rounds.layers.back().begin, l}, network));
        rounds.layers.back().end = l;
        rounds.layers.push_back({l, sizes.size()});
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

/// The tiles of each type, by their numbers along the snake: in the order in which they are first asked for.
class TileNumbers {
public:
    explicit TileNumbers(int types) : of_type_(static_cast<std::size_t>(types)) {}

    int number(int type, int nth) {
        std::vector<int>& tiles = of_type_[static_cast<std::size_t>(type)];
        while (static_cast<int>(tiles.size()) <= nth)
            tiles.push_back(used_++);
        return tiles[static_cast<std::size_t>(nth)];
    }
    /// Types of the tiles of a chip, by place.
    std::vector<int> types(const Mapping& mapping) const {
        std::vector<int> types(static_cast<std::size_t>(mapping.tiles()), 0);
        for (std::size_t type = 0; type < of_type_.size(); ++type)
            for (int number : of_type_[type])
                types[static_cast<std::size_t>(snake(number, mapping.tile_cols()))] = static_cast<int>(type);
        return types;
    }

private:
    std::vector<std::vector<int>> of_type_;
    int used_ = 0;
};

/// Arrays of a type in the order in which blocks take them: processing element after processing element along the snake.
class ArrayCursor {
public:
    ArrayCursor(int type, int first_element, const HardwareConfig& hardware, TileNumbers& numbers, int tile_cols)
        : arrays_(hardware.pe.arrays), pes_(hardware.tile.pes), tile_cols_(tile_cols), type_(type), numbers_(numbers),
          nth_(first_element / pes_), pe_(first_element % pes_) {
        find_tile();
    }

    void place(PlacedBlock& block) {
        if (slot_ == arrays_) {
            slot_ = 0;
            if (++pe_ == pes_) {
                pe_ = 0;
                ++nth_;
                find_tile();
            }
        }
        block.tile = tile_;
        block.pe = pe_;
        block.slot = slot_++;
    }

private:
    void find_tile() { tile_ = snake(numbers_.number(type_, nth_), tile_cols_); }

    int arrays_, pes_, tile_cols_, type_;
    TileNumbers& numbers_;
    int nth_, pe_, tile_ = 0, slot_ = 0;
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

/// All of the hardware that decides how a matrix lies on tiles of its type.
template <class Hardware, class Visit>
void visit_placing(Hardware& hw, Visit visit) {
    visit(hw.tile.engine);
    visit(hw.tile.pes);
    visit(hw.tile.window_reuse);
    visit(hw.pe.arrays);
    visit(hw.digital.rows);
    visit(hw.digital.cols);
    visit(hw.digital.weight_sets);
    visit(hw.crossbar.rows);
    visit(hw.crossbar.cols);
    visit(hw.crossbar.rows_per_read);
    visit(hw.crossbar.spare_cols);
    visit(hw.crossbar.weights);
    visit(hw.device.storage);
    visit(hw.device.bits_per_cell);
    visit(hw.numerics.weight_bits);
    visit(hw.numerics.activation_bits);
    visit(hw.mapping.group_packing);
    visit(hw.mapping.tile_blocks);
}

/// Works of a copy on tiles that are numbered from its first one.
std::vector<TileWork> relative_works(int l, const GraphLayer& layer, const HardwareConfig& hardware, int first_pe) {
    LayerCopy copy;
    for (const MatrixBlock& block :
         partition_layer(l, layer.groups, layer.held_outputs(), layer.held_rows(), hardware, 0))
        copy.blocks.push_back({block});
    int placed = 0;
    in_placing_order(copy.blocks, hardware, [&](std::size_t b) {
        const int tile = (first_pe + placed++ / hardware.pe.arrays) / hardware.tile.pes;
        copy.blocks[b].tile = tile;
        if (copy.tiles.empty() || copy.tiles.back() != tile)
            copy.tiles.push_back(tile);
    });
    return tile_works(layer, copy, hardware, WorkDetail::sizes);
}

/// A copy whose first processing element is number `first` of its type.
LayerCopy place_copy(const MappedNetwork& network, int l, int copy, int first, TileNumbers& numbers,
                     KnownWorks* known) {
    const GraphLayer& layer = network.graph.layers[static_cast<std::size_t>(l)];
    const HardwareConfig& hardware = network.layer_hardware(l);
    if (known && !layer.held) {
        demand_array_numbers(layer.groups, layer.held_outputs(), layer.held_rows(), hardware, copy);
        const int pes = hardware.tile.pes, type = network.kinds.type_of_layer(l);
        LayerCopy placed{{}, {}, 0, known->of(l, layer, hardware, first % pes)};
        for (int n = 0; n < static_cast<int>(placed.works->size()); ++n)
            placed.tiles.push_back(snake(numbers.number(type, first / pes + n), network.mapping.tile_cols()));
        placed.home = placed.tiles.front();
        return placed;
    }
    const std::vector<MatrixBlock> blocks =
        partition_layer(l, layer.groups, layer.held_outputs(), layer.held_rows(), hardware, copy);
    LayerCopy placed;
    placed.blocks.reserve(blocks.size());
    for (const MatrixBlock& block : blocks)
        placed.blocks.push_back({block});
    ArrayCursor cursor(network.kinds.type_of_layer(l), first, hardware, numbers, network.mapping.tile_cols());
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

/// A network at the widths that its hardware gives it, and what of its matrices the arrays hold.
MappedNetwork at_widths(WorkloadGraph graph, HardwareConfig hardware) {
    set_precision(graph, asked_bits(hardware, graph));
    for (GraphLayer& layer : graph.layers)
        layer.held = hardware.mapping.skip_zero_weights ? held_matrix(layer) : nullptr;
    HardwareKinds kinds(hardware, graph);
    if (looks_at_weights(hardware))
        kinds = HardwareKinds(hardware, graph, spared_bits(graph, kinds));
    MappedNetwork network{std::move(graph), std::move(hardware), std::move(kinds), {}, {}, {}};
    for (int kind = 0; kind < network.kinds.count(); ++kind)
        network.durations.emplace_back(network.kinds[kind]);
    return network;
}

}  // namespace

std::shared_ptr<const std::vector<TileWork>> KnownWorks::of(int number, const GraphLayer& layer,
                                                            const HardwareConfig& hardware, int first_pe) {
    std::vector<int> key{number, first_pe};
    visit_placing(hardware, [&](const auto& value) { key.push_back(static_cast<int>(value)); });
    const auto found = known_.find(key);
    if (found != known_.end())
        return found->second;
    if (known_.size() >= most_known_works)
        known_.clear();
    // Worked out from the key alone: what is not in it has no say.
    HardwareConfig of_key;
    std::size_t n = 2;
    visit_placing(of_key, [&](auto& value) { value = static_cast<std::decay_t<decltype(value)>>(key[n++]); });
    auto works = std::make_shared<const std::vector<TileWork>>(relative_works(number, layer, of_key, first_pe));
    return known_.emplace(std::move(key), std::move(works)).first->second;
}

MappedNetwork map_network(WorkloadGraph given_graph, HardwareConfig given_hardware, KnownWorks* known) {
    check_layers(given_graph);
    MappedNetwork network = at_widths(std::move(given_graph), std::move(given_hardware));
    const WorkloadGraph& graph = network.graph;
    const HardwareConfig& hardware = network.hardware;
    Mapping& mapping = network.mapping;
    std::vector<LayerSize> sizes = layer_sizes(network);
    Rounds rounds = make_rounds(network, sizes);
    mapping.layers.resize(sizes.size());
    mapping.rounds = static_cast<int>(rounds.layers.size());
    for (const LayerRange& round : rounds.layers) {
        if (hardware.mapping.replication == Replication::automatic)
            balance(sizes, round, array_budget(hardware), given_tiles(hardware), rounds.needed, network);
        const std::vector<int> needed = tiles_needed(sizes, round, network);
        mapping.used_tiles = tiles_for_all(needed, rounds.needed);
        for (std::size_t type = 0; type < needed.size(); ++type)
            rounds.needed[type] = std::max(rounds.needed[type], needed[type]);
    }
    set_mesh(mapping, hardware);
    TileNumbers numbers(network.kinds.types());
    for (std::size_t r = 0; r < rounds.layers.size(); ++r) {
        PeCursor cursor(network);
        int arrays = 0;
        for (std::size_t l = rounds.layers[r].begin; l < rounds.layers[r].end; ++l) {
            LayerMapping& layer = mapping.layers[l];
            layer.round = static_cast<int>(r);
            if (sizes[l].blocks == 0) {
                layer.copies.push_back({{}, {}, home_of_digital_layer(graph, mapping, l), {}});
                continue;
            }
            cursor.begin_layer(sizes[l].type);
            for (int copy = 0; copy < sizes[l].copies; ++copy)
                layer.copies.push_back(place_copy(network, static_cast<int>(l), copy,
                                                  cursor.place_copy(sizes[l].type, sizes[l].pes), numbers, known));
            arrays += sizes[l].copies * sizes[l].blocks;
        }
        mapping.used_arrays = std::max(mapping.used_arrays, arrays);
    }
    mapping.tile_types = numbers.types(mapping);
    if (hardware.mapping.placement == Placement::improved)
        improve_placement(network);
    return network;
}

}  // namespace xloop
