#include "systemc_model/estimate/time_line.hpp"

#include "systemc_model/mapping/tile_work.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace xloop {
namespace {

/// When one image's maps are complete in the tiles that read them, layer by layer in topological order.
class TimeLine {
public:
    TimeLine(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware)
        : graph_(graph), mapping_(mapping), durations_(hardware) {}

    Estimate run() {
        send_image();
        for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
            const int layer = static_cast<int>(l);
            if (graph_.layers[l].on_crossbars())
                crossbar_layer(layer);
            else
                digital_layer(layer);
        }
        return std::move(result_);
    }

private:
    using Cycle = std::int64_t;

    void send_image() {
        const auto readers = mapping_.reader_tiles(graph_, -1);
        const std::int64_t bytes = std::int64_t{graph_.input.width} * graph_.input.channels;
        const auto count = static_cast<Cycle>(readers.size());
        for (Cycle k = 0; k < count; ++k) {
            const Cycle packets_before = (graph_.input.height - 1) * count + k;
            complete_[{-1, readers[k]}] = packets_before * durations_.flits(bytes) +
                                          durations_.network(mapping_.routers_between(Mapping::io_tile, readers[k]), bytes);
        }
    }

    Cycle inputs_complete(int layer, int tile) const {
        Cycle latest = 0;
        for (int input : graph_.layers[layer].inputs)
            latest = std::max(latest, complete_.at({input, tile}));
        return latest;
    }

    /// First position through all stages, then the slowest stage sets the pace of the others.
    void crossbar_layer(int index) {
        const GraphLayer& layer = graph_.layers[index];
        const int home = mapping_.layers[index].home;
        Cycle layer_start = std::numeric_limits<Cycle>::max();
        Cycle pace = std::max<Cycle>(durations_.vector_unit(layer.out.channels), egress_flits(index));
        Cycle port_flits = 0, home_bus = 0, own_first = 0;
        struct Arrival {
            Cycle head;
            int flits, bus;
        };
        std::vector<Arrival> arrivals;
        for (const TileWork& work : tile_works(layer, mapping_.layers[index], durations_)) {
            const Cycle start = inputs_complete(index, work.tile);
            const Cycle gathered = start + work.fetch_cycles + work.latency + work.gather_cycles;
            constexpr int register_handshake = 1;
            layer_start = std::min(layer_start, start);
            pace = std::max<Cycle>({pace, work.interval, work.fetch_cycles + register_handshake});
            if (work.tile == home) {
                own_first = gathered;
                home_bus += work.fetch_cycles + work.gather_cycles;
                continue;
            }
            pace = std::max<Cycle>(pace, work.fetch_cycles + work.gather_cycles);
            const int flits = durations_.flits(work.partial_bytes());
            const int network = durations_.network(mapping_.routers_between(work.tile, home), work.partial_bytes());
            arrivals.push_back({gathered + network - flits, flits, durations_.bus(work.partial_bytes())});
            port_flits += flits;
            home_bus += arrivals.back().bus;
        }
        // Partial sums of one position reach the home tile together: its port takes one flit a cycle, its bus one packet.
        std::sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.head < b.head; });
        Cycle port = 0, bus = own_first;
        for (const Arrival& a : arrivals) {
            port = std::max(port, a.head) + a.flits;
            bus = std::max(bus, port) + a.bus;
        }
        pace = std::max({pace, port_flits, home_bus});
        const Cycle first = bus + durations_.vector_unit(layer.out.channels);
        finish(index, layer_start, first + (layer.positions() - 1) * pace);
    }

    void digital_layer(int index) {
        const GraphLayer& layer = graph_.layers[index];
        const Cycle start = inputs_complete(index, mapping_.layers[index].home);
        Cycle bus = start, vector_unit = start, network = start;
        for (int p = 0; p < layer.positions(); ++p) {
            const DigitalWork work = digital_work(layer, p);
            bus += durations_.bus(work.read_bytes);
            vector_unit = std::max(vector_unit, bus) + durations_.vector_unit(work.operations);
            network = std::max(network, vector_unit) + egress_flits(index);
        }
        const Cycle backlog = network - egress_flits(index) - vector_unit;
        finish(index, start, vector_unit, backlog);
    }

    std::vector<int> remote_readers(int index) const {
        std::vector<int> readers = mapping_.reader_tiles(graph_, index);
        readers.erase(std::remove(readers.begin(), readers.end(), mapping_.layers[index].home), readers.end());
        return readers;
    }

    /// Flits that the home tile sends for each position.
    Cycle egress_flits(int index) const {
        const auto packets = graph_.layers[index].is_output ? 1 : remote_readers(index).size();
        return static_cast<Cycle>(packets) * durations_.flits(output_bytes(graph_.layers[index]));
    }

    /// `end`: last position finished in the home tile; `backlog`: cycles that its packets then still wait.
    void finish(int index, Cycle start, Cycle end, Cycle backlog = 0) {
        const GraphLayer& layer = graph_.layers[index];
        const int home = mapping_.layers[index].home;
        const std::int64_t bytes = output_bytes(layer);
        result_.layers.push_back({layer.name, static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end)});
        if (layer.is_output) {
            const Cycle network = durations_.network(mapping_.routers_between(home, Mapping::io_tile), bytes);
            result_.latency_cycles = static_cast<std::uint64_t>(end + backlog + network);
            return;
        }
        complete_[{index, home}] = end;
        Cycle before = backlog;
        for (int reader : remote_readers(index)) {
            complete_[{index, reader}] = end + before + durations_.network(mapping_.routers_between(home, reader), bytes);
            before += durations_.flits(bytes);
        }
    }

    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    Durations durations_;
    std::map<std::pair<int, int>, Cycle> complete_;  ///< (layer, tile) -> cycle
    Estimate result_;
};

}  // namespace

Estimate estimate_times(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware) {
    return TimeLine(graph, mapping, hardware).run();
}

}  // namespace xloop
