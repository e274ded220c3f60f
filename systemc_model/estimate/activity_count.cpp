#include "systemc_model/estimate/activity_count.hpp"

#include "systemc_model/mapping/tile_work.hpp"
#include "systemc_model/mapping/window.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace xloop {
namespace {

class RoundCount {
public:
    RoundCount(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware, const FlowPlan& plan,
               int images)
        : graph_(graph), mapping_(mapping), hardware_(hardware), plan_(plan), durations_(hardware), images_(images),
          activity_{std::vector<RoundActivity::Tile>(static_cast<std::size_t>(mapping.tiles())), {mapping, hardware}, {}, {},
                    std::vector<Counters>(graph.layers.size() + 1)} {}

    RoundActivity run() {
        for (int producer : plan_.imports) {
            layer_ = producer < 0 ? graph_.layers.size() : static_cast<std::size_t>(producer);
            count_import(producer);
        }
        for (const FlowTask& task : plan_.tasks) {
            layer_ = static_cast<std::size_t>(task.layer);
            add(activity_.tiles[task.tile].controller, Event::control_step, own_positions(task).count);
            if (graph_.layers[task.layer].on_crossbars())
                count_matrix_task(task);
            else
                count_digital_task(task);
            if (task.home)
                count_output(task);
            if (hardware_.pipelined())
                count_stream_credits(task);
        }
        return std::move(activity_);
    }

private:
    struct OwnPositions {
        int first, step, count;
        int operator[](int k) const { return first + k * step; }
    };
    OwnPositions own_positions(const FlowTask& task) const {
        const int positions = graph_.layers[task.layer].positions();
        const int copies = mapping_.layers[task.layer].replica_count();
        return {task.replica, copies, (positions - task.replica + copies - 1) / copies};
    }
    const Replica& copy_of(const FlowTask& task) const { return mapping_.layers[task.layer].replicas[task.replica]; }

    void add(Counters& counters, Event event, std::int64_t per_image) {
        counters[event] += static_cast<std::uint64_t>(images_ * per_image);
        activity_.layers[layer_][event] += static_cast<std::uint64_t>(images_ * per_image);
    }
    void send(int source, const std::vector<int>& destinations, std::int64_t bytes, std::int64_t messages) {
        const NetworkLoad::Passed passed = activity_.network.send(source, destinations, bytes, messages);
        activity_.layers[layer_][Event::router_flit] += static_cast<std::uint64_t>(passed.routers.flits);
        activity_.layers[layer_][Event::link_flit] += static_cast<std::uint64_t>(passed.links.flits);
    }
    void add_busy(Counters& counters, std::int64_t per_image) const {
        counters.busy_cycles += static_cast<std::uint64_t>(images_ * per_image);
    }
    void access_buffer(int tile, Event event, std::int64_t bytes, std::int64_t times) {
        add(activity_.tiles[tile].buffer, event, bytes * times);
        add_busy(activity_.tiles[tile].buffer, durations_.buffer_port(bytes) * times);
    }
    void use_bus(int tile, std::int64_t bytes, std::int64_t times) {
        add(activity_.tiles[tile].bus, Event::bus_byte, bytes * times);
        add_busy(activity_.tiles[tile].bus, durations_.bus(bytes) * times);
    }
    void use_vector_unit(int tile, std::int64_t operations, std::int64_t times) {
        add(activity_.tiles[tile].vector_unit, Event::vector_operation, operations * times);
        add_busy(activity_.tiles[tile].vector_unit, durations_.vector_unit(operations) * times);
    }

    void count_import(int producer) {
        const int burst = import_burst(graph_, producer);
        const std::int64_t bytes = burst * position_bytes(graph_, producer, hardware_);
        const int positions = producer < 0 ? graph_.input.positions() : graph_.layers[producer].positions();
        const int bursts = positions / burst;
        std::vector<int> tiles;
        for (int s : plan_.streams_of(producer))
            tiles.push_back(plan_.streams[s].tile);
        add(activity_.io, Event::io_byte, bytes * bursts);
        send(mapping_.io_node(), tiles, bytes, std::int64_t{images_} * bursts);
        for (int tile : tiles)
            access_buffer(tile, Event::buffer_write_byte, bytes, bursts);
    }

    /// The arrays of a task, which follow one another from processing element to processing element.
    void count_arrays(const FlowTask& task, std::int64_t vectors) {
        const std::string tile = "chip." + mapping_.tile_name(task.tile);
        const std::int64_t reads = vectors * durations_.reads();
        const std::int64_t cells = std::int64_t{hardware_.crossbar.rows} * hardware_.crossbar.cols;
        auto& instances = activity_.processing_elements.instances;
        std::string pe;
        Counters *input = nullptr, *output = nullptr;
        int number = -1;
        for (int b : task.work.blocks) {
            const PlacedBlock& block = copy_of(task).blocks[b];
            if (block.pe != number) {
                number = block.pe;
                pe = fmt::format("{}.pe_{}", tile, number);
                input = &instances[pe + ".input_register"];
                output = &instances[pe + ".output_register"];
            }
            const std::int64_t conversions = hardware_.conversions(block.outs);
            Counters& array = instances[fmt::format("{}.xbar_{}", pe, block.slot)];
            add(array, Event::cell_read, reads * cells);
            add(array, Event::row_drive, reads * block.rows);
            add(array, Event::column_sample, reads * hardware_.sampled_columns(block.outs));
            add(array, Event::column_select, reads * conversions);
            add(array, Event::conversion, reads * conversions);
            add(array, Event::shift_add, reads * conversions);
            add_busy(array, reads * durations_.read());
            if (plan_.round > 0) {
                array[Event::cell_write] += static_cast<std::uint64_t>(cells);
                activity_.layers[layer_][Event::cell_write] += static_cast<std::uint64_t>(cells);
            }
            add(*input, Event::input_register_byte, vectors * block.rows * hardware_.activation_bytes());
            add(*output, Event::output_register_byte, vectors * block.outs * accumulator_bytes);
        }
    }

    void count_matrix_task(const FlowTask& task) {
        const GraphLayer& layer = graph_.layers[task.layer];
        const OwnPositions own = own_positions(task);
        const TileWork& work = task.work;
        for (int k = 0; k < own.count; ++k)
            access_buffer(task.tile, Event::buffer_read_byte, window_bytes(layer, work, own[k], hardware_), 1);
        count_arrays(task, own.count);
        use_bus(task.tile, work.register_bytes, own.count);
        use_bus(task.tile, work.gather_bytes, own.count);
        add(activity_.tiles[task.tile].accumulator, Event::accumulate, own.count * (work.gather_bytes / accumulator_bytes));
        if (task.home) {
            use_vector_unit(task.tile, layer.out.channels, own.count);
            return;
        }
        const int home = copy_of(task).home;
        send(task.tile, {home}, work.partial_bytes(), std::int64_t{images_} * own.count);
        use_bus(home, work.partial_bytes(), own.count);
        add(activity_.tiles[home].accumulator, Event::accumulate, std::int64_t{own.count} * work.covered);
    }

    void count_digital_task(const FlowTask& task) {
        const OwnPositions own = own_positions(task);
        for (int k = 0; k < own.count; ++k) {
            const DigitalWork work = digital_work(graph_.layers[task.layer], own[k], hardware_);
            access_buffer(task.tile, Event::buffer_read_byte, work.read_bytes, 1);
            use_bus(task.tile, work.read_bytes, 1);
            use_vector_unit(task.tile, work.operations, 1);
        }
    }

    /// Finished positions, and the credits by which their copy's other tiles learn that they have retired.
    void count_output(const FlowTask& task) {
        const std::int64_t bytes = output_bytes(graph_.layers[task.layer], hardware_);
        const int positions = own_positions(task).count;
        const std::int64_t messages = std::int64_t{images_} * positions;
        access_buffer(task.tile, Event::buffer_write_byte, bytes, positions);
        const std::vector<int> to = receivers(plan_, mapping_, task.layer, task.replica);
        if (!to.empty()) {
            access_buffer(task.tile, Event::buffer_read_byte, bytes, positions);
            send(task.tile, to, bytes, messages);
        }
        for (int node : to)
            if (node == mapping_.io_node())
                add(activity_.io, Event::io_byte, bytes * positions);
            else
                access_buffer(node, Event::buffer_write_byte, bytes, positions);
        std::vector<int> others = copy_of(task).tiles;
        others.erase(std::remove(others.begin(), others.end(), task.tile), others.end());
        if (!others.empty())
            send(task.tile, others, 0, messages);
    }

    /// A task sends a credit each time that what it still needs begins later: after a fetch, first_needed of its next
    /// position. The image after the last counts as well: the last fetch releases all that no image can need.
    std::int64_t releases(const FlowTask& task) const {
        const GraphLayer& layer = graph_.layers[task.layer];
        const OwnPositions own = own_positions(task);
        if (own.count == 0)
            return 0;
        const auto first = [&](int k) {
            return k < own.count ? first_needed(layer, own[k]) : layer.in.positions() + first_needed(layer, own[0]);
        };
        std::int64_t moves = 0;
        int before = first(0);
        for (int k = 1; k <= own.count; ++k) {
            moves += first(k) != before;
            before = first(k);
        }
        const int initial = (first(1) != 0) - (first(1) != first(0));  // the first image starts from 0
        return images_ * moves + initial;
    }

    void count_stream_credits(const FlowTask& task) {
        const std::int64_t messages = releases(task);
        for (int s : task.streams) {
            const int producer = plan_.streams[s].producer;
            const bool imported = std::count(plan_.imports.begin(), plan_.imports.end(), producer) > 0;
            std::vector<int> sources = imported ? std::vector<int>{mapping_.io_node()} : mapping_.home_tiles(producer);
            sources.erase(std::remove(sources.begin(), sources.end(), task.tile), sources.end());
            if (!sources.empty())
                send(task.tile, sources, 0, messages);
        }
    }

    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    const HardwareConfig& hardware_;
    const FlowPlan& plan_;
    Durations durations_;
    int images_;
    RoundActivity activity_;
    std::size_t layer_ = 0;   ///< that is being counted
};

}  // namespace

std::vector<int> receivers(const FlowPlan& plan, const Mapping& mapping, int layer, int replica) {
    std::vector<int> nodes;
    const int home = mapping.layers[layer].replicas[replica].home;
    for (int s : plan.streams_of(layer))
        if (plan.streams[s].tile != home)
            nodes.push_back(plan.streams[s].tile);
    if (std::count(plan.exports.begin(), plan.exports.end(), layer) > 0)
        nodes.push_back(mapping.io_node());
    return nodes;
}

RoundActivity count_round(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware,
                          const FlowPlan& plan, int images) {
    return RoundCount(graph, mapping, hardware, plan, images).run();
}

ActivityRecord merge_rounds(const Mapping& mapping, std::vector<RoundActivity> rounds) {
    ActivityRecord record = std::move(rounds.front().processing_elements);
    for (const RoundActivity& round : rounds) {
        if (&round != &rounds.front())
            record += round.processing_elements;
        record.layers.resize(round.layers.size());
        for (std::size_t l = 0; l < round.layers.size(); ++l)
            record.layers[l] += round.layers[l];
        record.instances["chip.io"] += round.io;
        for (int t = 0; t < mapping.tiles(); ++t) {
            const std::string path = "chip." + mapping.tile_name(t);
            record.instances[path + ".buffer"] += round.tiles[t].buffer;
            record.instances[path + ".bus"] += round.tiles[t].bus;
            record.instances[path + ".accumulator"] += round.tiles[t].accumulator;
            record.instances[path + ".vector_unit"] += round.tiles[t].vector_unit;
            record.instances[path + ".controller"] += round.tiles[t].controller;
        }
        for (int r = 0; r < mapping.routers(); ++r) {
            Counters& router =
                record.instances[fmt::format("chip.noc.router_{}_{}", r % mapping.mesh_cols, r / mapping.mesh_cols)];
            router[Event::router_flit] += static_cast<std::uint64_t>(round.network.router(r).flits);
            router[Event::link_flit] += static_cast<std::uint64_t>(round.network.links_of(r).flits);
            router.busy_cycles = router[Event::router_flit];
        }
    }
    return record;
}

ActivityRecord count_activity(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware,
                              int images) {
    std::vector<RoundActivity> rounds;
    for (int r = 0; r < mapping.rounds; ++r)
        rounds.push_back(count_round(graph, mapping, hardware, make_flow_plan(graph, mapping, hardware, r), images));
    return merge_rounds(mapping, std::move(rounds));
}

}  // namespace xloop
