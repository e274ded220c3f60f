#include "systemc_model/mapping/countable.hpp"

#include "core/error.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/tile_work.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {

void demand_countable(const MappedNetwork& network, int images) {
    const WorkloadGraph& graph = network.graph;
    const Mapping& mapping = network.mapping;
    double cycles = static_cast<double>(mapping.rounds) * static_cast<double>(reprogram_cycles(network)), events = 0;
    // The key to lower is one of the layer that takes most.
    double most_cycles = -1;
    int slowest = 0;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        const HardwareConfig& hardware = network.layer_hardware(static_cast<int>(l));
        const Durations& durations = network.layer_durations(static_cast<int>(l));
        const double before = cycles;
        const double positions = static_cast<double>(images) * layer.positions();
        const double values = static_cast<double>(layer.rows()) * layer.groups + layer.out.channels;
        // Of the steps beside the arrays, each takes less than these for one value of the window or of the result.
        constexpr double digital_cycles = 64, digital_events = 64;
        cycles += positions * (durations.stage(1) + digital_cycles) * values;
        events += positions * digital_events * values;
        if (layer.on_crossbars()) {
            const LayerCopy& copy = mapping.layers[l].copies.front();
            double arrays = static_cast<double>(copy.blocks.size());
            for (std::size_t n = 0; copy.works && n < copy.works->size(); ++n)
                arrays += (*copy.works)[n].arrays;
            // Of a digital unit the weights, of which a step reads up to 16 bits each.
            const double cells = hardware.is_digital()
                                     ? 2.0 * hardware.digital.rows * hardware.digital.outputs()
                                     : static_cast<double>(hardware.crossbar.rows) * hardware.crossbar.cols;
            cycles += positions * static_cast<double>(
                                      durations.vector_latency(hardware.array_rows(), hardware.outputs_per_array()));
            events += positions * arrays * cells * hardware.digits();
        }
        if (cycles - before > most_cycles) {
            most_cycles = cycles - before;
            slowest = static_cast<int>(l);
        }
    }
    constexpr double most = 4e18;  // below half of 2^63: sums of two still count
    if (std::max(cycles, events) <= most)
        return;
    const Durations& durations = network.layer_durations(slowest);
    const HardwareConfig& hardware = network.layer_hardware(slowest);
    const int sweep = durations.sweep(hardware.outputs_per_array()),
              read = durations.read(hardware.outputs_per_array());
    const char* key = events > most               ? "simulation.images"
                      : durations.stage(1) > read ? "tile.stage_cycles"
                      : hardware.is_digital()     ? "digital.rate_ghz"
                      : read >= sweep             ? "crossbar.read_time_ns"
                                                  : "adc.columns_per_adc";
    throw KeyError(
        key,
        fmt::format("{} images of this network are up to {:.1e} {}, more than can be counted; expected at most {:.0e}",
                    images, std::max(cycles, events), events > most ? "events" : "cycles", most));
}

}  // namespace xloop
