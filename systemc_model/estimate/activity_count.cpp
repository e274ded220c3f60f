#include "systemc_model/estimate/activity_count.hpp"

#include "systemc_model/mapping/tile_work.hpp"

#include <fmt/format.h>
#include <string>

namespace xloop {
namespace {

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
        const std::int64_t reads = vectors * durations_.reads();
        const std::int64_t conversions = hardware_.conversions(block.outs);
        Counters& c = part(block.tile, fmt::format("xbar_{}", block.slot));
        add(c, Event::cell_read, reads * hardware_.crossbar.rows * hardware_.crossbar.cols);
        add(c, Event::row_drive, reads * block.rows);
        add(c, Event::column_sample, reads * hardware_.sampled_columns(block.outs));
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

ActivityRecord count_activity(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware,
                              int images) {
    return ActivityCount(graph, mapping, hardware, images).run();
}

}  // namespace xloop
