#pragma once

#include "systemc_model/estimate/time_line.hpp"

#include <string>
#include <vector>

namespace xloop {

/// A place where parts of the chip hold each other up in ways that the closed form does not follow.
struct Contention {
    enum class What { bus, buffer_port, vector_unit, network_port, stream };
    What what = What::bus;
    int tile = -1, layer = -1;  ///< where; both -1: the chip's network
    double load =
        0;  ///< share of the interval (of a layer's time) that it is busy; of a stream: waits for room over the latency
};

/// Loads from which estimates are marked. From bench/estimate_grid, seeds 0 to 299: below them the estimate of latency,
/// interval and layers' cycles is within 5 % of the cycle model.
struct ContentionLimits {
    double bus = 0.7, buffer_port = 0.6, vector_unit = 0.5;  ///< of a pipeline's interval
    double network_port = 0.2;                               ///< of a pipeline's interval, busiest port
    double layer_network_port = 0.5, layer_part = 0.8;       ///< of the time of a layer with several copies or tiles
    double layer_share = 0.02;           ///< of the image's latency that such layers take together, to matter
    double pipelined_layer_share = 0.1;  ///< the same in a pipeline, where layers overlap
    double full_stream = 0.005;  ///< waits for room over the latency, in streams without slack: they hide no delay
};

/// What is above the limits in a round, pipelined or layer by layer; empty: the estimate can be trusted.
std::vector<Contention> find_contention(const RoundTimes& times, const HardwareConfig& hardware,
                                        const ContentionLimits& limits = {});

const char* name_of(Contention::What what);
/// "tile_0_1", a layer's name, or "network".
std::string place_of(const Contention& contention, const MappedNetwork& network);
/// Why it matters, in words.
std::string reason_of(const Contention& contention);

}  // namespace xloop
