#include "systemc_model/estimate/copy_pace.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace xloop {

double flit_cycles(const HardwareConfig& hardware) { return hardware.clock.frequency_ghz / hardware.noc_clock_ghz(); }

double message_cycles(const HardwareConfig& hardware, const NetworkLoad& network, int from, int to,
                      std::int64_t flits) {
    const NocConfig& noc = hardware.noc;
    const int stages = noc.routing_delay_cycles + noc.vc_alloc_delay_cycles + noc.switch_alloc_delay_cycles +
                       noc.switch_delay_cycles - (noc.speculative ? 1 : 0);
    const int routers = network.routers_between(from, to);
    const double alone =
        (stages + 1) * routers + (routers - 1) * (noc.link_delay_cycles - 1) + 2 + static_cast<double>(flits - 1);
    // Into the network with the next edge of its clock, out of it with the next edge of the digital clock.
    return std::ceil((1 + alone) * flit_cycles(hardware)) + 1;
}

namespace {

/// The windows of a copy, with how many of its positions read each. Where none is reused they all count as whole ones.
std::vector<std::pair<WindowFetches::Kind, int>> windows_of(const GraphLayer& layer, int copy, int copies, bool reuse) {
    if (!reuse)
        return {{{{0, layer.window.y.kernel, 0, layer.window.x.kernel}, {}}, 1}};
    const WindowFetches fetches(layer, LayerWindows(layer), copies, true);
    const std::vector<int> counts = fetches.count(copy, copies);
    std::vector<std::pair<WindowFetches::Kind, int>> windows;
    for (std::size_t kind = 0; kind < counts.size(); ++kind)
        windows.emplace_back(fetches.kinds[kind], counts[kind]);
    return windows;
}

}  // namespace

double steps_of(const MappedNetwork& network, const FlowTask& task) {
    const MadeReads::Copy* made = network.made(task.layer, task.copy);
    if (!made)
        return network.layer_durations(task.layer).reads(task.work.rows);
    const auto l = static_cast<std::size_t>(task.layer);
    return static_cast<double>(made->steps.at(task.tile)) /
           (static_cast<double>(network.reads->images) *
            network.mapping.layers[l].positions_of(task.copy, network.graph.layers[l]));
}

CopyPace pace_of(const MappedNetwork& network, int index, const NetworkLoad& load,
                 const std::vector<const FlowTask*>& tasks, const std::vector<int>& receivers) {
    const GraphLayer& layer = network.graph.layers[static_cast<std::size_t>(index)];
    // All tiles of a layer are of one type.
    const HardwareConfig& hardware = network.layer_hardware(index);
    const Durations& d = network.layer_durations(index);
    const std::int64_t bytes = output_bytes(layer);
    const auto windows =
        windows_of(layer, tasks.front()->copy, network.mapping.layers[static_cast<std::size_t>(index)].copy_count(),
                   hardware.tile.window_reuse);
    const int home = (*std::find_if(tasks.begin(), tasks.end(), [](const FlowTask* t) { return t->home; }))->tile;
    const double flit = flit_cycles(hardware);
    const double entries = hardware.tile.accumulator_positions;
    const double write = d.buffer_port(bytes) + d.buffer_latency();

    CopyPace pace;
    pace.vector_unit = d.vector_unit(layer.out.channels);
    pace.finish = d.accumulate() + pace.vector_unit + d.vector_unit_latency() + write;
    pace.read_out = receivers.empty() ? 0.0 : write;
    double own = static_cast<double>(load.port_flits(home, receivers, bytes)) * flit;
    double ejected = 0;
    for (const FlowTask* task : tasks) {
        const TileWork& work = task->work;
        double fetch = 0, fetch_bus = 0, port = 0, positions = 0;
        for (const auto& [window, count] : windows) {
            const FetchBytes bytes_of_one = fetch_bytes(layer, work, window, hardware);
            fetch += count * d.fetch(bytes_of_one.buffer, bytes_of_one.bus);
            fetch_bus += count * d.bus(bytes_of_one.bus);
            port += count * d.buffer_port(bytes_of_one.buffer);
            positions += count;
        }
        fetch /= positions;
        const double gather = d.bus(work.gather_bytes);
        const double steps = steps_of(network, *task), each = static_cast<double>(d.read_interval(work.outputs));
        const double interval = steps * each, rows_held = d.read(work.outputs) + (steps - 1) * each;
        const double latency = rows_held + d.sweep(work.outputs) + d.sums_latency();
        CopyPace::Part part{task, fetch + latency + gather, fetch_bus / positions + gather, port / positions};
        own = std::max({own, interval, (fetch + rows_held) / hardware.pe.input_vectors,
                        (latency + gather) / (1 + hardware.pe.output_vectors)});
        if (task->home) {
            own = std::max(own, (gather + pace.finish + pace.read_out) / entries);
            pace.home_bus += part.bus;
            pace.home_port += part.port + d.buffer_port(bytes) * (receivers.empty() ? 1 : 2);
        } else {
            const std::int64_t flits = d.flits(work.partial_bytes());
            const double partial =
                message_cycles(hardware, load, task->tile, home, flits) + d.bus(work.partial_bytes());
            const double credit = message_cycles(hardware, load, home, task->tile, 1);
            own = std::max(own, (partial + pace.finish + pace.read_out + credit) / entries);
            ejected += static_cast<double>(flits) * flit;
            pace.home_bus += d.bus(work.partial_bytes());
        }
        pace.parts.push_back(part);
    }
    pace.own_pace = std::max(own, ejected);
    return pace;
}

}  // namespace xloop
