#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <string>
#include <vector>

namespace xloop {

/// What can hold a pipeline.
enum class LimitKind {
    reads,        ///< arrays, as their reads take at least as long as the conversions
    converters,   ///< arrays, as their converters sweep longer than a read takes
    multipliers,  ///< digital units, step by step
    places,       ///< registers and accumulator entries: positions under way
    bus,
    buffer,
    vector_unit,
    network_interface,
    link,         ///< between routers, or between a router and its tile
    image_input,  ///< what the input/output node sends
};
const char* name_of(LimitKind kind);
/// Flits pass it.
bool of_network(LimitKind kind);

/// Cycles of the digital clock for which one image keeps one part of the chip busy: no interval can be shorter.
struct Limit {
    LimitKind kind = LimitKind::reads;
    int layer = -1;  ///< that uses the part most; -1: no single one
    int tile = -1;   ///< of bus, buffer, vector_unit
    double cycles = 0;
};

/// All limits of all rounds in closed form, the longest first. With one round and the schedule pipelined, the first one is
/// the interval of the estimate.
std::vector<Limit> limits_of(const MappedNetwork& network);

}  // namespace xloop
