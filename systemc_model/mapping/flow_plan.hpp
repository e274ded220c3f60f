#pragma once

#include "systemc_model/mapping/flow_geometry.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/mapping/tile_work.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// A tile's copy of a producer's output on its way through the chip: a window of `capacity` consecutive positions in the
/// tile's activation buffer (a line buffer; the whole map in schedule layer_by_layer). A position may be sent when every
/// stream of its producer has room for it, that is, position < released + capacity.
struct Stream {
    int producer = -1;  ///< layer, or -1: the image
    int tile = 0;
    int positions = 0;  ///< of one image
    int position_bytes = 0;
    int capacity = 0;        ///< positions
    std::vector<int> tasks;  ///< that read it, as indices into FlowPlan::tasks

    std::int64_t bytes() const { return std::int64_t{capacity} * position_bytes; }
};

/// What one tile does for one copy of one layer.
struct FlowTask {
    int layer = 0, copy = 0, tile = 0;
    bool home = false;         ///< finishes the positions of the copy; the other tiles send it partial sums
    TileWork work;             ///< of a layer with a matrix
    std::vector<int> streams;  ///< one for each input of the layer, as indices into FlowPlan::streams
};

/// How positions flow through the chip in one round: a pure function of graph, mapping and hardware that the cycle model
/// carries out and the estimate counts.
struct FlowPlan {
    int round = 0;
    std::vector<FlowTask> tasks;  ///< by layer, copy, tile
    std::vector<Stream> streams;  ///< by producer (-1 first), tile
    std::vector<int> imports;     ///< producers that the i/o node sends: -1 and layers of earlier rounds
    std::vector<int> exports;     ///< layers that the i/o node collects: the output and layers that later rounds read

    /// Streams of a producer, as indices.
    std::vector<int> streams_of(int producer) const;
    /// Tasks of a layer, as indices.
    std::vector<int> tasks_of(int layer) const;
    bool imported(int producer) const;
    bool exported(int layer) const;
    /// Nodes that send the positions of `producer`: the i/o node, or the homes of its copies.
    std::vector<int> sources(const Mapping& mapping, int producer) const;
    /// Nodes that copy `copy` of layer `layer` sends its positions to: tiles with a stream of it other than the home, by
    /// number, then the i/o node when it collects the layer.
    std::vector<int> receivers(const Mapping& mapping, int layer, int copy) const;
    /// Bytes that tile `tile` reserves: its streams, and accumulator_positions outputs for each copy whose home it is.
    std::int64_t buffer_bytes(const MappedNetwork& network, int tile) const;
};

/// Sizes the streams and checks that every tile's buffer holds its own; throws InputError that names the fullest tile,
/// the bytes needed and its largest streams.
///
/// Sizing (mapping.line_buffers: safe): the network is run untimed, on demand: the outputs ask for their positions one
/// after the other, and each layer makes a position only when it is asked for and only from complete windows. The
/// largest distance between what a stream holds and what its readers have released in that run is enough for it to
/// finish, hence for every timed run (bounded dataflow networks are determinate: Kahn 1974; Parks 1995). Rejoining
/// branches thus get the skew between them. To that, mapping.line_buffer_slack_rows rows are added, what copies of the
/// reader that work side by side read ahead, and a position for each further copy of the producer. `window`: only the
/// span of the reader's own window.
FlowPlan make_flow_plan(const MappedNetwork& network, int round = 0);
/// The same from what is known of the network already.
FlowPlan make_flow_plan(const FlowGeometry& geometry, const MappedNetwork& network, int round, WorkDetail detail);

}  // namespace xloop
