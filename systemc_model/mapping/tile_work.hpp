#pragma once

#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Durations of the hardware in clock cycles. The cycle model waits them out, the estimate adds them up.
struct Durations {
    explicit Durations(const HardwareConfig& hardware);

    /// One array read until the columns are held.
    int read() const { return read_; }
    /// All conversions of one read of an array with `outputs` output channels.
    int sweep(int outputs) const;
    /// From one held read to the next: the next read and the conversion of this one overlap.
    int read_interval(int outputs) const;
    /// One input vector, from the first read to the partial sums in the output register.
    int vector_latency(int outputs) const;
    /// One input vector after the other.
    int vector_interval(int outputs) const { return reads_ * read_interval(outputs); }
    int bus(std::int64_t bytes) const;
    int vector_unit(std::int64_t operations) const;
    /// Flits of a packet: one head flit and the payload.
    int flits(std::int64_t bytes) const;
    /// A packet alone in the mesh: from its hand-over to the network interface to its delivery.
    int network(int routers, std::int64_t bytes) const;
    /// Reads of one input vector.
    int reads() const { return reads_; }

private:
    HardwareConfig hardware_;
    int reads_, read_;
};

/// What one tile does for each output position of a crossbar layer.
struct TileWork {
    struct RowSlice {  ///< input rows that one or more of the tile's arrays need
        int group, row_begin, rows;
    };
    int tile = 0;
    std::vector<int> blocks;           ///< of the layer's mapping
    std::vector<RowSlice> row_slices;  ///< each fetched once and sent to every array that needs it
    std::vector<bool> covers;          ///< output channels that this tile adds to
    std::int64_t fetch_bytes = 0;
    int fetch_cycles = 0;
    std::int64_t gather_bytes = 0;     ///< partial sums of all arrays
    int gather_cycles = 0;
    int covered = 0;                   ///< number of output channels covered
    int latency = 0, interval = 0;     ///< of its slowest array, per input vector

    std::int64_t partial_bytes() const { return std::int64_t{covered} * accumulator_bytes; }
};

/// One entry for each tile of the layer, in order of LayerMapping::tiles.
std::vector<TileWork> tile_works(const GraphLayer& layer, const LayerMapping& placed, const Durations& durations);

/// What a pooling or add layer does for one output position.
struct DigitalWork {
    std::int64_t read_bytes = 0, operations = 0;
};
DigitalWork digital_work(const GraphLayer& layer, int position);

/// Bytes that a home tile sends for each output position.
std::int64_t output_bytes(const GraphLayer& layer);

}  // namespace xloop
