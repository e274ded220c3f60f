#include "systemc_model/mapping/mapping.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

namespace xloop {
namespace {

/// Products of 8-bit activations and weights that a 32-bit accumulator is sure to hold: 2^31 / (255 x 128), rounded down.
constexpr int largest_rows = 65000;

/// The n-th tile of the snake: left to right in even mesh rows, right to left in odd ones.
int snake(int n, int mesh_cols) {
    const int y = n / mesh_cols;
    const int x = n % mesh_cols;
    return y * mesh_cols + (y % 2 == 0 ? x : mesh_cols - 1 - x);
}

void size_mesh(Mapping& mapping, const HardwareConfig& hardware) {
    mapping.mesh_cols = hardware.noc.mesh_cols;
    mapping.mesh_rows = hardware.noc.mesh_rows;
    if (mapping.mesh_cols == 0) {
        mapping.mesh_cols = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(mapping.used_tiles))));
        mapping.mesh_rows = (mapping.used_tiles + mapping.mesh_cols - 1) / mapping.mesh_cols;
    }
    if (mapping.used_tiles > mapping.tiles())
        throw InputError(fmt::format("the network needs {} tiles of {} arrays, the mesh noc.mesh_cols x noc.mesh_rows = "
                                     "{} x {} has {}: {} tiles are missing; enlarge the mesh (0 x 0 sizes it for the "
                                     "network), tile.arrays or the arrays",
                                     mapping.used_tiles, hardware.tile.arrays, mapping.mesh_cols, mapping.mesh_rows,
                                     mapping.tiles(), mapping.used_tiles - mapping.tiles()));
}

/// A tile keeps every map that its layers read, and the map that a home tile produces, for the time of one image.
void check_buffers(const Mapping& mapping, const WorkloadGraph& graph, const HardwareConfig& hardware) {
    std::vector<int> bytes(static_cast<std::size_t>(mapping.tiles()), 0);
    const auto store = [&](int layer, int map_bytes, const std::vector<int>& tiles) {
        for (int tile : tiles) {
            int& used = bytes[static_cast<std::size_t>(tile)];
            used += map_bytes;
            if (used > hardware.tile.buffer_bytes)
                throw InputError(fmt::format(
                    "{} needs {} bytes of activation buffer with the output of {}, tile.buffer_bytes is {}; enlarge the "
                    "buffer",
                    mapping.tile_name(tile), used, layer < 0 ? "the input" : "layer `" + graph.layers[layer].name + "`",
                    hardware.tile.buffer_bytes));
        }
    };
    for (int l = -1; l < static_cast<int>(graph.layers.size()); ++l) {
        std::vector<int> tiles = mapping.reader_tiles(graph, l);
        if (l >= 0 && std::count(tiles.begin(), tiles.end(), mapping.layers[l].home) == 0)
            tiles.push_back(mapping.layers[l].home);
        const Shape& shape = l < 0 ? graph.input : graph.layers[l].out;
        store(l, shape.size() * (l >= 0 && graph.layers[l].is_output ? accumulator_bytes : 1), tiles);
    }
}

}  // namespace

int Mapping::routers_between(int a, int b) const {
    return 1 + std::abs(a % mesh_cols - b % mesh_cols) + std::abs(a / mesh_cols - b / mesh_cols);
}

std::vector<int> Mapping::route(int a, int b) const {
    std::vector<int> path = {a};
    const auto advance = [&](int from, int to, int stride) {
        for (; from != to; from += from < to ? 1 : -1)
            path.push_back(path.back() + (from < to ? stride : -stride));
    };
    advance(a % mesh_cols, b % mesh_cols, 1);
    advance(a / mesh_cols, b / mesh_cols, mesh_cols);
    return path;
}

std::string Mapping::tile_name(int tile) const { return fmt::format("tile_{}_{}", tile % mesh_cols, tile / mesh_cols); }

std::vector<int> Mapping::reader_tiles(const WorkloadGraph& graph, int index) const {
    std::vector<int> found;
    for (int consumer : graph.consumers(index)) {
        const LayerMapping& layer = layers[static_cast<std::size_t>(consumer)];
        const std::vector<int> readers = layer.tiles.empty() ? std::vector<int>{layer.home} : layer.tiles;
        for (int tile : readers)
            if (std::count(found.begin(), found.end(), tile) == 0)
                found.push_back(tile);
    }
    return found;
}

Mapping map_network(const WorkloadGraph& graph, const HardwareConfig& hardware) {
    Mapping mapping;
    const int arrays = hardware.tile.arrays;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        LayerMapping placed;
        if (layer.on_crossbars()) {
            if (layer.rows() > largest_rows)
                throw InputError(fmt::format("layer `{}` sums {} products; 32-bit accumulators hold at most {}", layer.name,
                                             layer.rows(), largest_rows));
            const auto blocks = partition_layer(static_cast<int>(l), layer.groups, layer.out.channels / layer.groups,
                                                layer.rows(), hardware);
            const int count = static_cast<int>(blocks.size());
            for (int b = 0; b < count; ++b)
                placed.blocks.push_back({blocks[static_cast<std::size_t>(b)], mapping.used_tiles + b / arrays, b % arrays});
            mapping.used_arrays += count;
            mapping.used_tiles += (count + arrays - 1) / arrays;
        }
        mapping.layers.push_back(std::move(placed));
    }
    size_mesh(mapping, hardware);
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        LayerMapping& placed = mapping.layers[l];
        for (PlacedBlock& block : placed.blocks) {
            block.tile = snake(block.tile, mapping.mesh_cols);
            if (placed.tiles.empty() || placed.tiles.back() != block.tile)
                placed.tiles.push_back(block.tile);
        }
        const int first_input = graph.layers[l].inputs.front();
        if (!placed.tiles.empty())
            placed.home = placed.tiles.front();
        else
            placed.home = first_input < 0 ? Mapping::io_tile : mapping.layers[static_cast<std::size_t>(first_input)].home;
    }
    check_buffers(mapping, graph, hardware);
    return mapping;
}

}  // namespace xloop
