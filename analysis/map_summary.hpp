#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/flow_plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Where a network sits on the chip, and what its tiles keep, in numbers.
struct MapReport {
    struct Layer {
        std::string name, kind, shape;  ///< shape of the output
        int round = 0, arrays = 0;      ///< arrays of one copy
        int copies = 1, tiles = 0;      ///< tiles of all copies
        std::string home;               ///< of copy 0
        std::int64_t pace_cycles = 0;   ///< that its arrays, or its vector unit, are busy for an image
        std::string type, widths;       ///< of its tiles; of weights, activations, codes; empty on a chip of one kind
    };
    /// Streams of equal producer, readers and capacity.
    struct Streams {
        int round = 0;
        std::string producer;
        std::vector<std::string> readers;
        int tiles = 0, positions = 0;
        std::int64_t bytes = 0;  ///< in each tile
    };
    struct Round {
        int arrays = 0, tiles = 0;
        std::int64_t largest_buffer_bytes = 0;
        std::string largest_buffer_tile;  ///< the one that is filled most
        std::int64_t buffer_bytes = 0;    ///< that it has
    };
    struct Type {
        std::string name;
        int tiles = 0;
        bool digital = false;
    };
    std::string network, topology;
    int mesh_cols = 0, mesh_rows = 0, concentration = 1, tiles = 0, used_tiles = 0, used_arrays = 0;
    double cell_utilisation = 0.0;  ///< cells that hold weights, of all cells of used arrays and units; of units bits
    std::int64_t byte_hops = 0;     ///< of an image
    std::int64_t buffer_bytes = 0;  ///< of a tile of the base, available
    std::vector<Type> types;        ///< of tiles; empty where there is one
    std::vector<Layer> layers;
    std::vector<Streams> streams;
    std::vector<Round> rounds;
};

MapReport make_map_report(const MappedNetwork& network);

}  // namespace xloop
