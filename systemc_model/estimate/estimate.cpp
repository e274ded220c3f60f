#include "systemc_model/estimate/estimate.hpp"

#include "systemc_model/mapping/tile_work.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>

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

/// What one run over `images` images counts, instance by instance.
class ActivityCount {
public:
    ActivityCount(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware, int images)
        : graph_(graph), mapping_(mapping), hardware_(hardware), durations_(hardware),
          images_(static_cast<std::uint64_t>(images)) {}

    ActivityRecord run() {
        for (int t = 0; t < mapping_.tiles(); ++t) {
            for (const char* p : {"buffer", "bus", "accumulator", "vector_unit"})
                part(t, p);
            router(t);
        }
        count_image();
        for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
            const int layer = static_cast<int>(l);
            if (graph_.layers[l].on_crossbars())
                count_crossbar_layer(layer);
            else
                count_digital_layer(layer);
            count_output(layer);
        }
        return std::move(record_);
    }

private:
    Counters& part(int tile, const std::string& name) {
        return record_.instances["chip." + mapping_.tile_name(tile) + "." + name];
    }
    Counters& router(int tile) {
        return record_.instances[fmt::format("chip.noc.router_{}_{}", tile % mapping_.mesh_cols, tile / mapping_.mesh_cols)];
    }
    void add(Counters& counters, Event event, std::int64_t per_image) {
        counters[event] += images_ * static_cast<std::uint64_t>(per_image);
    }
    void add_busy(Counters& counters, std::int64_t per_image) {
        counters.busy_cycles += images_ * static_cast<std::uint64_t>(per_image);
    }

    void count_packets(int from, int to, std::int64_t packets, std::int64_t bytes) {
        for (int r : mapping_.route(from, to)) {
            add(router(r), Event::router_flit, packets * durations_.flits(bytes));
            add_busy(router(r), packets * durations_.flits(bytes));
        }
    }

    void count_image() {
        add(record_.instances["chip.io"], Event::io_byte, graph_.input.size());
        const std::int64_t row = std::int64_t{graph_.input.width} * graph_.input.channels;
        for (int reader : mapping_.reader_tiles(graph_, -1)) {
            count_packets(Mapping::io_tile, reader, graph_.input.height, row);
            add(part(reader, "buffer"), Event::buffer_write_byte, graph_.input.size());
        }
    }

    void count_array(const GraphLayer& layer, const PlacedBlock& block) {
        const std::int64_t vectors = layer.positions();
        const std::int64_t reads = vectors * durations_.bits();
        const std::int64_t conversions = hardware_.conversions(block.outs);
        Counters& c = part(block.tile, fmt::format("xbar_{}", block.slot));
        add(c, Event::cell_read, reads * hardware_.crossbar.rows * hardware_.crossbar.cols);
        add(c, Event::row_drive, reads * block.rows);
        add(c, Event::column_sample, reads * (hardware_.differential() ? 2 * conversions : conversions + 1));
        add(c, Event::conversion, reads * conversions);
        add(c, Event::shift_add, reads * conversions);
        add(c, Event::input_register_byte, vectors * block.rows);
        add(c, Event::output_register_byte, vectors * block.outs * accumulator_bytes);
        add_busy(c, reads * durations_.read());
        add(part(block.tile, "accumulator"), Event::accumulate, vectors * block.outs);
    }

    void count_crossbar_layer(int index) {
        const GraphLayer& layer = graph_.layers[index];
        const LayerMapping& placed = mapping_.layers[index];
        const std::int64_t vectors = layer.positions();
        for (const PlacedBlock& block : placed.blocks)
            count_array(layer, block);
        for (const TileWork& work : tile_works(layer, placed, durations_)) {
            Counters& bus = part(work.tile, "bus");
            add(part(work.tile, "buffer"), Event::buffer_read_byte, vectors * work.fetch_bytes);
            add(bus, Event::bus_byte, vectors * (work.fetch_bytes + work.gather_bytes));
            add_busy(bus, vectors * (work.fetch_cycles + work.gather_cycles));
            add(part(placed.home, "accumulator"), Event::accumulate, vectors * work.covered);
            if (work.tile == placed.home)
                continue;
            count_packets(work.tile, placed.home, vectors, work.partial_bytes());
            add(part(placed.home, "bus"), Event::bus_byte, vectors * work.partial_bytes());
            add_busy(part(placed.home, "bus"), vectors * durations_.bus(work.partial_bytes()));
        }
        Counters& vector_unit = part(placed.home, "vector_unit");
        add(vector_unit, Event::vector_operation, vectors * layer.out.channels);
        add_busy(vector_unit, vectors * durations_.vector_unit(layer.out.channels));
    }

    void count_digital_layer(int index) {
        const int home = mapping_.layers[index].home;
        for (int p = 0; p < graph_.layers[index].positions(); ++p) {
            const DigitalWork work = digital_work(graph_.layers[index], p);
            add(part(home, "buffer"), Event::buffer_read_byte, work.read_bytes);
            add(part(home, "bus"), Event::bus_byte, work.read_bytes);
            add_busy(part(home, "bus"), durations_.bus(work.read_bytes));
            add(part(home, "vector_unit"), Event::vector_operation, work.operations);
            add_busy(part(home, "vector_unit"), durations_.vector_unit(work.operations));
        }
    }

    void count_output(int index) {
        const GraphLayer& layer = graph_.layers[index];
        const int home = mapping_.layers[index].home;
        const std::int64_t packets = layer.positions(), bytes = output_bytes(layer);
        add(part(home, "buffer"), Event::buffer_write_byte, packets * bytes);
        const auto send = [&](int to) {
            count_packets(home, to, packets, bytes);
            add(part(home, "buffer"), Event::buffer_read_byte, packets * bytes);
        };
        if (layer.is_output) {
            send(Mapping::io_tile);
            add(record_.instances["chip.io"], Event::io_byte, packets * bytes);
            return;
        }
        for (int reader : mapping_.reader_tiles(graph_, index)) {
            if (reader == home)
                continue;
            send(reader);
            add(part(reader, "buffer"), Event::buffer_write_byte, packets * bytes);
        }
    }

    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    const HardwareConfig& hardware_;
    Durations durations_;
    std::uint64_t images_;
    ActivityRecord record_;
};

}  // namespace

Estimate estimate(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware, int images) {
    Estimate result = TimeLine(graph, mapping, hardware).run();
    result.interval_cycles = result.latency_cycles;
    result.cycles = result.latency_cycles * static_cast<std::uint64_t>(images);
    result.activity = ActivityCount(graph, mapping, hardware, images).run();
    return result;
}

}  // namespace xloop
