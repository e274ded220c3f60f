#include "systemc_model/mapping/countable.hpp"

#include "core/error.hpp"
#include "systemc_model/mapping/durations.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {

void demand_countable(const MappedNetwork& network, int images) {
    const auto& [graph, hardware, mapping] = network;
    const Durations durations(hardware);
    const double cells = static_cast<double>(hardware.crossbar.rows) * hardware.crossbar.cols;
    double cycles = static_cast<double>(mapping.rounds) * static_cast<double>(durations.reprogram()), events = 0;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        const double positions = static_cast<double>(images) * layer.positions();
        const double values = static_cast<double>(layer.rows()) * layer.groups + layer.out.channels;
        // Of the steps beside the arrays, each takes less than these for one value of the window or of the result.
        constexpr double digital_cycles = 64, digital_events = 64;
        cycles += positions * (durations.stage(1) + digital_cycles) * values;
        events += positions * digital_events * values;
        if (!layer.on_crossbars())
            continue;
        const double arrays = static_cast<double>(mapping.layers[l].copies.front().blocks.size());
        cycles += positions * durations.vector_latency(hardware.outputs_per_array());
        events += positions * arrays * cells * durations.reads();
    }
    constexpr double most = 4e18;  // below half of 2^63: sums of two still count
    if (std::max(cycles, events) <= most)
        return;
    const int sweep = durations.sweep(hardware.outputs_per_array());
    const char* key = events > most                           ? "simulation.images"
                      : durations.stage(1) > durations.read() ? "tile.stage_cycles"
                      : durations.read() >= sweep             ? "crossbar.read_time_ns"
                                                              : "adc.columns_per_adc";
    throw KeyError(
        key,
        fmt::format("{} images of this network are up to {:.1e} {}, more than can be counted; expected at most {:.0e}",
                    images, std::max(cycles, events), events > most ? "events" : "cycles", most));
}

}  // namespace xloop
