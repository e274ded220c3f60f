#include "systemc_model/estimate/time_line.hpp"

#include "systemc_model/estimate/copy_pace.hpp"
#include "systemc_model/mapping/tile_work.hpp"
#include "systemc_model/mapping/window.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace xloop {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// Positions of the first image through the chip, layer by layer in topological order.
class TimeLine {
public:
    TimeLine(const FlowGeometry& geometry, const Mapping& mapping, const HardwareConfig& hardware, const FlowPlan& plan,
             const RoundActivity& activity, int images)
        : graph_(geometry.graph()), geometry_(geometry), mapping_(mapping), hardware_(hardware), plan_(plan),
          activity_(activity), images_(images), durations_(hardware), pipelined_(hardware.pipelined()),
          flit_(flit_cycles(hardware)), outputs_(graph_.layers.size() + 1) {}

    RoundTimes run() {
        send_imports();
        for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
            const int layer = static_cast<int>(l);
            if (mapping_.layers[l].round != plan_.round)
                continue;
            Output& output = output_of(layer);
            output.stored.assign(static_cast<std::size_t>(graph_.layers[l].positions()), 0.0);
            output.sent = output.stored;
            result_.layers.push_back({layer, never, 0.0});
            if (graph_.layers[l].on_crossbars())
                matrix_layer(layer, output);
            else
                digital_layer(layer, output);
            collect(layer, output);
        }
        result_.interval = pipelined_ ? std::max(interval_, shared_interval()) : result_.latency;
        return std::move(result_);
    }

private:
    /// Positions of a producer: in the home's buffer, and when the first flit leaves the home.
    struct Output {
        std::vector<double> stored, sent;
    };
    struct Load {
        double bus = 0, port = 0, vector_unit = 0;   ///< busy cycles of an image
        double slowest(const HardwareConfig& hardware) const {
            return std::max({bus, port / hardware.buffer.ports, vector_unit});
        }
    };

    void send_imports() {
        double sent = 0;
        std::vector<int> rows;
        for (int producer : plan_.imports) {
            const int positions = producer < 0 ? graph_.input.positions() : graph_.layers[producer].positions();
            rows.push_back(positions / import_burst(graph_, producer));
            output_of(producer).sent.assign(static_cast<std::size_t>(positions), 0.0);
        }
        // Row after row, the maps in turn.
        for (int row = 0; !rows.empty() && row < *std::max_element(rows.begin(), rows.end()); ++row)
            for (std::size_t i = 0; i < rows.size(); ++i) {
                if (row >= rows[i])
                    continue;
                const int producer = plan_.imports[i], burst = import_burst(graph_, producer);
                std::fill_n(output_of(producer).sent.begin() + std::ptrdiff_t{row} * burst, burst, sent);
                sent += flit_ * static_cast<double>(activity_.network.injected_flits(
                                    plan_.streams_of(producer).size(), burst * position_bytes(graph_, producer, hardware_)));
            }
        interval_ = sent;
    }

    /// From the first flit that leaves `from` to the whole message in the buffer of receiver number `number`.
    double transfer(int from, const std::vector<int>& to, std::size_t number, std::int64_t bytes) const {
        const std::int64_t flits = activity_.network.injected_flits(
            activity_.network.is_tree(to.size(), bytes) ? to.size() : number + 1, bytes);
        const double arrival = message_cycles(hardware_, activity_.network, from, to[number], flits);
        return to[number] == mapping_.io_node() ? arrival
                                                : arrival + durations_.buffer_port(bytes) + durations_.buffer_latency();
    }

    /// Receivers come in rising order.
    double transfer_to(int node, int from, const std::vector<int>& to, std::int64_t bytes) const {
        return transfer(from, to, static_cast<std::size_t>(std::lower_bound(to.begin(), to.end(), node) - to.begin()), bytes);
    }

    Output& output_of(int producer) { return outputs_[static_cast<std::size_t>(producer + 1)]; }
    const std::vector<std::vector<int>>& receivers_of(int layer) const {
        return activity_.receivers[static_cast<std::size_t>(layer)];
    }

    /// When the positions up to each one are in the stream.
    std::vector<double> arrivals(const Stream& stream) {
        const Output& output = output_of(stream.producer);
        std::vector<double> arrived(output.sent.size());
        if (std::count(plan_.imports.begin(), plan_.imports.end(), stream.producer) > 0) {
            std::vector<int> tiles;
            for (int s : plan_.streams_of(stream.producer))
                tiles.push_back(plan_.streams[s].tile);
            const std::int64_t bytes = std::int64_t{import_burst(graph_, stream.producer)} * stream.position_bytes;
            const double delay = transfer_to(stream.tile, mapping_.io_node(), tiles, bytes);
            for (std::size_t p = 0; p < arrived.size(); ++p)
                arrived[p] = output.sent[p] + delay;
        } else {
            const LayerMapping& producer = mapping_.layers[stream.producer];
            const auto copies = static_cast<std::size_t>(producer.replica_count());
            for (std::size_t r = 0; r < copies; ++r) {
                const int home = producer.replicas[r].home;
                const bool local = home == stream.tile;
                const double delay = local ? 0.0
                                           : transfer_to(stream.tile, home, receivers_of(stream.producer)[r],
                                                         stream.position_bytes);
                for (std::size_t p = r; p < arrived.size(); p += copies)
                    arrived[p] = local ? output.stored[p] : output.sent[p] + delay;
            }
        }
        for (std::size_t p = 1; p < arrived.size(); ++p)
            arrived[p] = std::max(arrived[p], arrived[p - 1]);
        return arrived;
    }

    /// When the window of a position has arrived; layer by layer: the whole map.
    double ready(const LayerWindows& windows, const std::vector<double>& arrived, int position) const {
        if (!pipelined_)
            return arrived.back();
        const int last = windows.last[static_cast<std::size_t>(position)];
        return last < 0 ? 0.0 : arrived[static_cast<std::size_t>(last)];
    }

    Load total_load(int tile) const {
        const RoundActivity::Tile& parts = activity_.tiles[tile];
        const auto of = [this](const Counters& c) { return static_cast<double>(c.busy_cycles) / images_; };
        return {of(parts.bus), of(parts.buffer), of(parts.vector_unit)};
    }

    double shared_interval() const {
        double slowest = flit_ * static_cast<double>(activity_.network.busiest_port()) / images_;
        for (int t = 0; t < mapping_.tiles(); ++t)
            slowest = std::max(slowest, total_load(t).slowest(hardware_));
        return slowest;
    }

    void matrix_layer(int index, Output& output) {
        const GraphLayer& layer = graph_.layers[index];
        const int copies = mapping_.layers[index].replica_count();
        std::vector<std::vector<const FlowTask*>> tasks(static_cast<std::size_t>(copies));
        for (int t : plan_.tasks_of(index))
            tasks[plan_.tasks[t].replica].push_back(&plan_.tasks[t]);
        std::vector<CopyPace> paces;
        std::map<int, Load> loads;   // of this layer's copies, by tile
        for (int r = 0; r < copies; ++r) {
            paces.push_back(pace_of(layer, hardware_, activity_.network, tasks[r], receivers_of(index)[r]));
            const double positions = (layer.positions() - r + copies - 1) / copies;
            for (const CopyPace::Part& part : paces.back().parts) {
                Load& load = loads[part.task->tile];
                const bool home = part.task->home;
                load.bus += positions * (home ? paces.back().home_bus : part.bus);
                load.port += positions * (home ? paces.back().home_port : part.port);
                load.vector_unit += home ? positions * paces.back().vector_unit : 0.0;
            }
        }
        std::map<int, std::vector<double>> arrived;   // by stream
        for (const CopyPace& pace : paces)
            for (const CopyPace::Part& part : pace.parts)
                if (const int s = part.task->streams.front(); arrived.count(s) == 0)
                    arrived[s] = arrivals(plan_.streams[s]);
        for (int r = 0; r < copies; ++r)
            run_copy(index, r, paces[r], loads, arrived, output);
    }

    void run_copy(int index, int replica, const CopyPace& copy, const std::map<int, Load>& loads,
                  const std::map<int, std::vector<double>>& arrived, Output& output) {
        const GraphLayer& layer = graph_.layers[index];
        const int copies = mapping_.layers[index].replica_count();
        const double positions = (layer.positions() - replica + copies - 1) / copies;
        double pace = copy.own_pace;
        for (const CopyPace::Part& part : copy.parts) {
            const int tile = part.task->tile;
            const Load load = pipelined_ ? total_load(tile) : loads.at(tile);
            pace = std::max(pace, load.slowest(hardware_) / positions);
        }
        interval_ = std::max(interval_, pace * positions);

        std::vector<double> starts(copy.parts.size(), -never), through;
        std::vector<const std::vector<double>*> inputs;
        for (const CopyPace::Part& part : copy.parts) {
            through.push_back(part.gathered + to_home(index, replica, *part.task));
            inputs.push_back(&arrived.at(part.task->streams.front()));
        }
        double queued = never;
        const LayerWindows& windows = geometry_.windows(index);
        RoundTimes::Layer& span = result_.layers.back();
        for (int p = replica; p < layer.positions(); p += copies) {
            double summed = -never;
            for (std::size_t j = 0; j < starts.size(); ++j) {
                starts[j] = std::max(ready(windows, *inputs[j], p), starts[j] + pace);
                span.start = std::min(span.start, starts[j]);
                summed = std::max(summed, starts[j] + through[j]);
            }
            if (queued == never)
                queued = first_sum(index, replica, copy, starts) - summed;
            output.stored[p] = summed + queued + copy.finish;
            output.sent[p] = output.stored[p] + copy.read_out;
            span.end = std::max(span.end, output.sent[p]);
        }
    }

    /// From the sums in a tile's accumulate unit to those in the home's.
    double to_home(int index, int replica, const FlowTask& task) const {
        if (task.home)
            return 0.0;
        const std::int64_t bytes = task.work.partial_bytes();
        const int home = mapping_.layers[index].replicas[replica].home;
        return message_cycles(hardware_, activity_.network, task.tile, home, durations_.flits(bytes)) + durations_.bus(bytes);
    }

    /// Partial sums of one position reach the home together: its port takes one flit a cycle, its bus one packet.
    double first_sum(int index, int replica, const CopyPace& copy, const std::vector<double>& starts) const {
        struct Arrival {
            double head, flits, bus;
        };
        std::vector<Arrival> arrivals;
        double port = 0, bus = 0;
        for (std::size_t j = 0; j < starts.size(); ++j) {
            const FlowTask& task = *copy.parts[j].task;
            const double gathered = starts[j] + copy.parts[j].gathered;
            if (task.home) {
                bus = std::max(bus, gathered);
                continue;
            }
            const std::int64_t bytes = task.work.partial_bytes();
            const double flits = flit_ * durations_.flits(bytes), on_bus = durations_.bus(bytes);
            arrivals.push_back({gathered + to_home(index, replica, task) - on_bus - flits, flits, on_bus});
        }
        std::sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.head < b.head; });
        for (const Arrival& a : arrivals) {
            port = std::max(port, a.head) + a.flits;
            bus = std::max(bus, port) + a.bus;
        }
        return bus;
    }

    void digital_layer(int index, Output& output) {
        const GraphLayer& layer = graph_.layers[index];
        const FlowTask& task = plan_.tasks[plan_.tasks_of(index).front()];
        std::vector<std::vector<double>> inputs;
        for (int s : task.streams)
            inputs.push_back(arrivals(plan_.streams[s]));
        const std::int64_t bytes = output_bytes(layer, hardware_);
        const std::vector<int>& to = receivers_of(index)[task.replica];
        const double access = durations_.buffer_port(bytes), latency = durations_.buffer_latency();
        const double flits = flit_ * static_cast<double>(activity_.network.injected_flits(to.size(), bytes));
        const double pace = pipelined_ ? total_load(task.tile).slowest(hardware_) / layer.positions() : 0.0;
        const int entries = hardware_.tile.accumulator_positions, ports = hardware_.buffer.ports;
        double port = 0, bus = 0, vector_unit = 0, interface = 0, start = -never;
        RoundTimes::Layer& span = result_.layers.back();
        std::vector<double> retired;
        const LayerWindows& windows = geometry_.windows(index);
        for (int p = 0; p < layer.positions(); ++p) {
            const DigitalWork work = digital_work(layer, windows.parts[windows.part_of[p]], hardware_);
            start = std::max(start + pace, p >= entries ? retired[p - entries] : 0.0);
            for (const std::vector<double>& arrived : inputs)
                start = std::max(start, ready(windows, arrived, p));
            span.start = std::min(span.start, start);
            const double begun = std::max(start, port);
            const double read = durations_.buffer_port(work.read_bytes);
            port = begun + (read + access * (to.empty() ? 1 : 2)) / ports;
            bus = std::max(begun + latency, bus) + durations_.bus(work.read_bytes);
            vector_unit = std::max({vector_unit, begun + read + latency, bus}) + durations_.vector_unit(work.operations);
            output.stored[p] = vector_unit + durations_.vector_latency() + access + latency;
            retired.push_back(output.stored[p] + (to.empty() ? 0.0 : access + latency));
            output.sent[p] = std::max(retired.back(), interface);
            interface = output.sent[p] + flits;
            span.end = std::max(span.end, retired.back());
        }
    }

    /// The i/o node takes the positions of an exported layer.
    void collect(int layer, const Output& output) {
        if (std::count(plan_.exports.begin(), plan_.exports.end(), layer) == 0)
            return;
        const LayerMapping& placed = mapping_.layers[layer];
        const std::int64_t bytes = output_bytes(graph_.layers[layer], hardware_);
        for (int r = 0; r < placed.replica_count(); ++r) {
            const double delay =
                transfer_to(mapping_.io_node(), placed.replicas[r].home, receivers_of(layer)[r], bytes);
            for (std::size_t p = static_cast<std::size_t>(r); p < output.sent.size(); p += placed.replicas.size())
                result_.latency = std::max(result_.latency, output.sent[p] + delay);
        }
    }

    const WorkloadGraph& graph_;
    const FlowGeometry& geometry_;
    const Mapping& mapping_;
    const HardwareConfig& hardware_;
    const FlowPlan& plan_;
    const RoundActivity& activity_;
    double images_;
    Durations durations_;
    bool pipelined_;
    double flit_;
    std::vector<Output> outputs_;     ///< by producer, -1 first
    double interval_ = 0;             ///< of the slowest layer or the i/o node
    RoundTimes result_;
};

}  // namespace

RoundTimes estimate_round(const FlowGeometry& geometry, const Mapping& mapping, const HardwareConfig& hardware,
                          const FlowPlan& plan, const RoundActivity& activity, int images) {
    return TimeLine(geometry, mapping, hardware, plan, activity, images).run();
}

}  // namespace xloop
