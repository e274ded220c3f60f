#pragma once

#include "systemc_model/estimate/activity_count.hpp"

#include <map>
#include <vector>

namespace xloop {

/// One round on an idle chip, in cycles of the digital clock from the round's first import.
struct RoundTimes {
    struct Layer {
        int layer = 0, copies = 1;
        double start = 0, end = 0;  ///< first fetch, last position sent
        double port_load = 0;       ///< of several copies: share of that time that their messages take of one port
        double part_load = 0;       ///< layer by layer: the same of one bus, buffer port or vector unit
        double waited = 0;          ///< of a copy's finished positions for room in streams, all together
    };
    /// A shared part of a tile, and the share of the interval in which it is busy.
    struct Part {
        int tile = 0;
        double bus = 0, buffer = 0, vector_unit = 0;
    };
    double latency = 0;    ///< of the first image: to the arrival of the last position at the i/o node
    double end = 0;        ///< of the first image: until nothing works on it any more, what nobody reads included
    double interval = 0;   ///< between images
    double port_load = 0;  ///< pipelined: share of the interval in which the network's busiest port is busy
    std::vector<Layer> layers;
    std::vector<Part> parts;  ///< pipelined: of the tiles that do something
};

/// What a layer did, layer by layer: from the arrival of the map that it reads first, in parts of a cycle (Ticks).
struct LayerRun {
    struct Copy {
        double committed = 0, sent = 0;  ///< its last position
    };
    std::vector<Copy> copies;             ///< that have positions
    double start = 0, end = 0, last = 0;  ///< last: of all these times
};
/// By layer of a network, and by all that its times follow from.
using LayerRuns = std::vector<std::map<std::vector<double>, LayerRun>>;

/// `activity`: what `images` images of the round count; it says how busy the shared parts are. `runs`: of the calls before with
/// this geometry, or null; the times are the same with and without.
RoundTimes estimate_round(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan,
                          const RoundActivity& activity, int images, LayerRuns* runs = nullptr);

}  // namespace xloop
