#pragma once

#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/mapping/window.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// What one tile does for each output position of one copy of a crossbar layer.
struct TileWork {
    struct RowSlice : GroupRows {  ///< input rows that one or more of the tile's arrays need
        std::vector<int> blocks;   ///< of the copy, that read it
    };
    int tile = 0;
    std::vector<int> blocks;              ///< of the copy
    std::vector<RowSlice> row_slices;     ///< by group and row; each fetched once and sent to every array that needs it
    int arrays = 0;                       ///< number of blocks
    std::int64_t driven_rows = 0;         ///< sum over the arrays
    std::vector<int> channels_of_kernel;  ///< for each kernel position, row by row: input channels that the slices hold
    std::vector<bool> covers;             ///< output channels that this tile adds to
    std::int64_t register_bytes = 0;      ///< sent over the bus to the input registers, padding included
    std::int64_t gather_bytes = 0;        ///< partial sums of all arrays
    std::int64_t products = 0;            ///< of all arrays: rows x outputs
    int weight_sets = 0;                  ///< of all arrays, where they are digital: steps of a vector
    int covered = 0;                      ///< number of output channels covered
    int outputs = 0;                      ///< output channels of the array with most
    int rows = 0;                         ///< used rows of the array with most
    // Of each digit of a vector, sums over the arrays:
    std::int64_t reads = 0;         ///< groups of rows
    std::int64_t read_rows = 0;     ///< rows, used or not, that are read
    std::int64_t read_outputs = 0;  ///< output channels of the array, in each of its reads

    std::int64_t partial_bytes() const { return std::int64_t{covered} * accumulator_bytes; }
};

/// How much of a TileWork is filled in.
enum class WorkDetail {
    sizes,  ///< without `blocks` and, unless windows are reused, `row_slices`: enough to count and to estimate
    lists,
};

// `hardware` is what the layer sees of it.

/// The share of tile `tile` in a copy.
TileWork tile_work(const GraphLayer& layer, const LayerCopy& copy, int tile, const HardwareConfig& hardware);
/// The shares of all its tiles, in rising order.
std::vector<TileWork> tile_works(const GraphLayer& layer, const LayerCopy& copy, const HardwareConfig& hardware,
                                 WorkDetail detail);
/// The same of copy `copy` of layer `layer`, as far as they are known already. `lists`: of copies with blocks.
std::vector<TileWork> tile_works(const MappedNetwork& network, int layer, int copy, WorkDetail detail);

/// Bytes that the tile reads from its activation buffer for an output position with this part of the window inside the map:
/// the rows of its slices that are not padding.
std::int64_t window_bytes(const GraphLayer& layer, const TileWork& work, const KernelPart& inside,
                          const HardwareConfig& hardware);

/// Bytes of a fetch.
struct FetchBytes {
    std::int64_t buffer = 0;  ///< read from the activation buffer
    std::int64_t bus = 0;     ///< sent over the bus to the input registers, padding included
};
FetchBytes fetch_bytes(const GraphLayer& layer, const TileWork& work, const WindowFetches::Kind& window,
                       const HardwareConfig& hardware);

/// How many of the rows (tile.window_reuse) take over a value that the tile's input registers have for the window before: at
/// a tap of `kept` whose value was in a row of one of the tile's slices. What only other tiles had is fetched.
int kept_rows(const GraphLayer& layer, const TileWork& work, const GroupRows& rows, const SharedTaps& kept);

/// What a layer without a matrix does for one output position.
struct DigitalWork {
    std::int64_t read_bytes = 0, operations = 0;
};
DigitalWork digital_work(const WorkloadGraph& graph, const GraphLayer& layer, const KernelPart& inside);

/// Bytes of one output position as it is stored and sent: activations, or the output layer's 32-bit sums.
std::int64_t output_bytes(const GraphLayer& layer);
/// Bytes of one position of `producer` (-1: the image).
std::int64_t position_bytes(const WorkloadGraph& graph, int producer);

}  // namespace xloop
