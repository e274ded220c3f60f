#include "systemc_model/estimate/contention.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

using What = Contention::What;

/// Layers whose load is above `limit`, when they take more than `share` of the latency together.
void add_layers(std::vector<Contention>& found, const RoundTimes& times, double RoundTimes::Layer::*load, What what,
                double limit, double share) {
    double together = 0;
    for (const RoundTimes::Layer& layer : times.layers)
        if (layer.*load > limit)
            together += (layer.end - layer.start) / times.latency;
    if (together <= share)
        return;
    for (const RoundTimes::Layer& layer : times.layers)
        if (layer.*load > limit)
            found.push_back({what, -1, layer.layer, layer.*load});
}

}  // namespace

std::vector<Contention> find_contention(const RoundTimes& times, const HardwareConfig& hardware,
                                        const ContentionLimits& limits) {
    std::vector<Contention> found;
    for (const RoundTimes::Part& part : times.parts) {
        if (part.bus > limits.bus)
            found.push_back({What::bus, part.tile, -1, part.bus});
        if (part.buffer > limits.buffer_port)
            found.push_back({What::buffer_port, part.tile, -1, part.buffer});
        if (part.vector_unit > limits.vector_unit)
            found.push_back({What::vector_unit, part.tile, -1, part.vector_unit});
    }
    if (times.port_load > limits.network_port)
        found.push_back({What::network_port, -1, -1, times.port_load});
    const double share = hardware.pipelined() ? limits.pipelined_layer_share : limits.layer_share;
    add_layers(found, times, &RoundTimes::Layer::port_load, What::network_port, limits.layer_network_port, share);
    add_layers(found, times, &RoundTimes::Layer::part_load, What::bus, limits.layer_part, share);
    if (hardware.pipelined() && hardware.mapping.line_buffer_slack_rows == 0)
        for (const RoundTimes::Layer& layer : times.layers)
            if (layer.waited > limits.full_stream * times.latency)
                found.push_back({What::stream, -1, layer.layer, layer.waited / times.latency});
    return found;
}

const char* name_of(What what) {
    switch (what) {
    case What::bus: return "bus";
    case What::buffer_port: return "buffer port";
    case What::vector_unit: return "vector unit";
    case What::network_port: return "network port";
    case What::stream: return "stream without slack";
    }
    return "";
}

std::string place_of(const Contention& c, const MappedNetwork& network) {
    if (c.tile >= 0)
        return network.mapping.tile_name(c.tile);
    return c.layer >= 0 ? network.graph.layers[static_cast<std::size_t>(c.layer)].name : "network";
}

std::string reason_of(const Contention& c) {
    const double percent = 100.0 * c.load;
    if (c.what == What::stream)
        return fmt::format(
            "finished positions wait for room for {:.1f} % of the latency: line buffers without slack hide no delay",
            percent);
    if (c.layer >= 0)
        return fmt::format("the layer's copies and tiles need {:.0f} % of its time of one {} together", percent,
                           c.what == What::network_port ? "port of the network" : "bus, buffer port or vector unit");
    if (c.what == What::network_port)
        return fmt::format("the busiest port of the network is needed for {:.0f} % of the interval", percent);
    return fmt::format("it is needed for {:.0f} % of the interval by the tile's layers", percent);
}

}  // namespace xloop
