#include "systemc_model/estimate/line_builder.hpp"

#include <algorithm>

namespace xloop {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

LineBuilder::Load own_load(const CopyPace& pace, const CopyPace::Part& part) {
    if (part.task->home)
        return {pace.home_bus, pace.home_port, pace.vector_unit};
    return {part.bus, part.port, 0.0};
}

LineBuilder::Load operator*(double n, const LineBuilder::Load& load) {
    return {n * load.bus, n * load.port, n * load.vector_unit};
}

void add(LineBuilder::Load& sum, const LineBuilder::Load& load) {
    sum.bus += load.bus;
    sum.port += load.port;
    sum.vector_unit += load.vector_unit;
}

/// Time between two uses of a shared part that take `own` cycles, when others take `others` cycles of every `time`: what
/// is left is shared out evenly (processor sharing).
double stretched(double own, double others, double time) {
    return own > 0 ? own / std::max(1.0 - others / time, own / time) : 0.0;
}

}  // namespace

LineBuilder::LineBuilder(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan,
                         const RoundActivity& activity, int images)
    : network_(network), graph_(network.graph), geometry_(geometry), mapping_(network.mapping),
      hardware_(network.hardware), plan_(plan), activity_(activity), images_(images), flit_(flit_cycles(hardware_)),
      paces_(graph_.layers.size()) {
    for (std::size_t l = 0; l < graph_.layers.size(); ++l)
        if (mapping_.layers[l].round == plan.round && graph_.layers[l].on_crossbars())
            paces_[l] = paces_of(static_cast<int>(l));
    find_slowest_part();
}

std::vector<StreamTimes> LineBuilder::streams(int images) const {
    std::vector<StreamTimes> all(plan_.streams.size());
    for (std::size_t s = 0; s < all.size(); ++s) {
        const Stream& stream = plan_.streams[s];
        all[s].positions = stream.positions;
        all[s].capacity = stream.capacity;
        all[s].arrived.assign(hardware_.pipelined() ? at(images * stream.positions) : 1, 0.0);
        all[s].released = all[s].arrived;
        all[s].released_until.assign(stream.tasks.size(), 0);
    }
    return all;
}

std::vector<LayerLine> LineBuilder::lines() const {
    std::vector<LayerLine> all;
    for (std::size_t l = 0; l < graph_.layers.size(); ++l)
        if (mapping_.layers[l].round == plan_.round)
            all.push_back(line(static_cast<int>(l)));
    return all;
}

LineBuilder::Paces LineBuilder::paces_of(int index) const {
    const auto copies = mapping_.layers[at(index)].copies.size();
    std::vector<std::vector<const FlowTask*>> tasks(copies);
    for (int t : plan_.tasks_of(index))
        tasks[at(plan_.tasks[at(t)].copy)].push_back(&plan_.tasks[at(t)]);
    Paces paces;
    for (std::size_t r = 0; r < copies; ++r) {
        paces.copies.push_back(
            pace_of(network_, index, activity_.network, tasks[r], activity_.receivers[at(index)][r]));
        paces.time = std::max(paces.time, paces.copies.back().own_pace * own_positions(index, r));
    }
    return paces;
}

double LineBuilder::own_positions(int layer, std::size_t copy) const {
    const int copies = mapping_.layers[at(layer)].copy_count();
    return (graph_.layers[at(layer)].positions() - static_cast<int>(copy) + copies - 1) / copies;
}

LineBuilder::Sent LineBuilder::sent(int from, const std::vector<int>& to, std::int64_t bytes) const {
    if (to.empty())
        return {from, to, bytes, 0, false};
    const NetworkLoad& network = activity_.network;
    return {from, to, bytes, network.port_flits(from, to, bytes), network.is_tree(to.size(), bytes)};
}

/// From the first flit that leaves the sender to the whole message in the buffer of receiver number `number`.
double LineBuilder::transfer(const Sent& message, std::size_t number) const {
    const NetworkLoad& network = activity_.network;
    const int to = message.to[number];
    const std::int64_t flits = message.tree ? message.port_flits : network.injected_flits(number + 1, message.bytes);
    const double arrival = message_cycles(hardware_, network, message.from, to, flits);
    if (to == mapping_.io_node())
        return arrival;
    const Durations& receiver = network_.tile_durations(to);
    return arrival + receiver.buffer_port(message.bytes) + receiver.buffer_latency();
}

Receiver LineBuilder::receiver(int stream, const Sent& message) const {
    const int tile = plan_.streams[at(stream)].tile;
    if (tile == message.from)
        return {stream, 0, 0};
    const auto number = std::lower_bound(message.to.begin(), message.to.end(), tile) - message.to.begin();
    return {stream, ticks(transfer(message, static_cast<std::size_t>(number))),
            ticks(message_cycles(hardware_, activity_.network, tile, message.from, 1))};
}

std::vector<int> LineBuilder::import_tiles(int producer) const {
    std::vector<int> tiles;
    for (int s : plan_.streams_of(producer))
        tiles.push_back(plan_.streams[at(s)].tile);
    return tiles;
}

std::vector<Receiver> LineBuilder::import_receivers(int producer) const {
    const std::vector<int> tiles = import_tiles(producer);
    const Sent row = sent_row(producer, tiles);
    std::vector<Receiver> receivers;
    for (int s : plan_.streams_of(producer))
        receivers.push_back(receiver(s, row));
    return receivers;
}

double LineBuilder::import_spacing(int producer) const {
    const std::vector<int> tiles = import_tiles(producer);
    return flit_ * static_cast<double>(sent_row(producer, tiles).port_flits);
}

LineBuilder::Sent LineBuilder::sent_row(int producer, const std::vector<int>& tiles) const {
    return sent(mapping_.io_node(), tiles, import_burst(graph_, producer) * position_bytes(graph_, producer));
}

Input LineBuilder::input(int stream, int task) const {
    const std::vector<int>& tasks = plan_.streams[at(stream)].tasks;
    return {stream, static_cast<int>(std::find(tasks.begin(), tasks.end(), task) - tasks.begin())};
}

LineBuilder::Load LineBuilder::load_of(int tile) const {
    const RoundActivity::Tile& parts = activity_.tiles[at(tile)];
    const auto of = [this](const Counters& c) { return static_cast<double>(c.busy_cycles) / images_; };
    return {of(parts.bus), of(parts.buffer), of(parts.vector_unit)};
}

double LineBuilder::busiest(const Load& load, int tile) const {
    return std::max({load.bus, load.port / network_.tile_hardware(tile).buffer.ports, load.vector_unit});
}

void LineBuilder::find_slowest_part() {
    for (int producer : plan_.imports)
        slowest_ += import_spacing(producer) * plan_.streams[at(plan_.streams_of(producer).front())].positions /
                    import_burst(graph_, producer);
    for (const Paces& paces : paces_)
        slowest_ = std::max(slowest_, paces.time);
    slowest_ = std::max(slowest_, flit_ * static_cast<double>(activity_.network.busiest_port()) / images_);
    for (int t = 0; t < mapping_.tiles(); ++t)
        slowest_ = std::max(slowest_, busiest(load_of(t), t));
}

/// Closest distance of positions that each take `own` of the parts of a tile that have `load` in all.
double LineBuilder::pace_beside(const Load& own, double positions, const Load& load, double time, int tile) const {
    const double ports = network_.tile_hardware(tile).buffer.ports;
    return std::max({stretched(own.bus, load.bus - positions * own.bus, time),
                     stretched(own.port / ports, (load.port - positions * own.port) / ports, time),
                     stretched(own.vector_unit, load.vector_unit - positions * own.vector_unit, time)});
}

LayerLine LineBuilder::line(int index) const {
    LayerLine line;
    line.index = index;
    line.positions = graph_.layers[at(index)].positions();
    line.port_cycles = flit_ * static_cast<double>(activity_.busiest_port[at(index)]) / images_ / line.positions;
    line.port_spacing = ticks(line.port_cycles);
    if (graph_.layers[at(index)].on_crossbars())
        add_matrix(line);
    else
        add_digital(line);
    return line;
}

void LineBuilder::add_digital(LayerLine& line) const {
    const int number = plan_.tasks_of(line.index).front();
    for (int s : plan_.tasks[at(number)].streams)
        line.inputs.push_back(input(s, number));
    const int tile = plan_.tasks[at(number)].tile;
    const Durations& home = network_.tile_durations(tile);
    const double write = home.buffer_port(output_bytes(graph_.layers[at(line.index)]));
    const double accesses = write * (activity_.receivers[at(line.index)].front().empty() ? 1.0 : 2.0);
    for (const KernelPart& inside : geometry_.windows(line.index).parts) {
        const DigitalWork work = digital_work(graph_, graph_.layers[at(line.index)], inside);
        const double port = home.buffer_port(work.read_bytes);
        line.works.push_back({ticks(port), ticks(home.bus(work.read_bytes)), ticks(home.vector_unit(work.operations)),
                              ticks((port + accesses) / network_.tile_hardware(tile).buffer.ports)});
    }
    line.copies.push_back(line_of_copy(line.index, 0, {}));
}

void LineBuilder::add_matrix(LayerLine& line) const {
    const Paces& paces = paces_[at(line.index)];
    const bool pipelined = hardware_.pipelined();
    // Layer by layer, only copies of the layer itself share tiles.
    std::vector<Load> loads(pipelined ? 0 : at(mapping_.tiles()));
    if (!pipelined)
        for (std::size_t r = 0; r < paces.copies.size(); ++r)
            for (const CopyPace::Part& p : paces.copies[r].parts)
                add(loads[at(p.task->tile)], own_positions(line.index, r) * own_load(paces.copies[r], p));
    int task = plan_.tasks_of(line.index).front();
    for (std::size_t r = 0; r < paces.copies.size(); ++r) {
        const CopyPace& pace = paces.copies[r];
        const double positions = own_positions(line.index, r);
        double time = pipelined ? slowest_ : paces.time;
        if (!pipelined)
            for (const CopyPace::Part& p : pace.parts) {
                const double busy = busiest(loads[at(p.task->tile)], p.task->tile);
                time = std::max(time, busy);
                if (busy > busiest(positions * own_load(pace, p), p.task->tile))
                    line.part_cycles = std::max(line.part_cycles, busy);
            }
        CopyLine::Constants of_copy;
        of_copy.vector_unit = ticks(pace.vector_unit);
        std::vector<PartLine> parts;
        for (const CopyPace::Part& p : pace.parts) {
            const Load load = pipelined ? load_of(p.task->tile) : loads[at(p.task->tile)];
            of_copy.pace =
                std::max(of_copy.pace, ticks(pace_beside(own_load(pace, p), positions, load, time, p.task->tile)));
            parts.push_back(part(p, task++, mapping_.layers[at(line.index)].copies[r].home));
            of_copy.sums += parts.back().of.sum_port;
        }
        line.copies.push_back(line_of_copy(line.index, r, of_copy));
        line.copies.back().parts = std::move(parts);
    }
}

/// `of`: what is known already.
CopyLine LineBuilder::line_of_copy(int index, std::size_t copy, CopyLine::Constants of) const {
    const std::int64_t bytes = output_bytes(graph_.layers[at(index)]);
    const std::vector<int>& to = activity_.receivers[at(index)][copy];
    const int home = mapping_.layers[at(index)].copies[copy].home;
    const Durations& durations = network_.tile_durations(home);
    of.first_word = ticks(durations.buffer_latency());
    of.accumulate = ticks(durations.accumulate());
    of.vector_latency = ticks(durations.vector_unit_latency());
    of.write = ticks(durations.buffer_port(bytes) + durations.buffer_latency());
    of.read_out = to.empty() ? 0 : of.write;
    of.entries = network_.tile_hardware(home).tile.accumulator_positions;
    of.places = hardware_.noc.interface_packets;
    const Sent message = sent(home, to, bytes);
    of.sends = !to.empty();
    of.message = ticks(flit_ * static_cast<double>(message.port_flits));
    CopyLine line(of);
    for (int s : plan_.streams_of(index))
        line.receivers.push_back(receiver(s, message));
    if (!to.empty() && to.back() == mapping_.io_node())
        line.to_io = ticks(transfer(message, to.size() - 1));
    return line;
}

PartLine LineBuilder::part(const CopyPace::Part& pace, int task, int home) const {
    const TileWork& work = pace.task->work;
    const HardwareConfig& hardware = network_.layer_hardware(pace.task->layer);
    const Durations& durations = network_.layer_durations(pace.task->layer);
    const double gather_bus = durations.bus(work.gather_bytes);
    PartLine::Constants of;
    of.home = pace.task->home;
    of.holds = hardware.crossbar.sample_hold;
    of.first_word = ticks(durations.buffer_latency());
    of.window_port = ticks(pace.port);
    of.gather_bus = ticks(gather_bus);
    of.fetch_bus = ticks(pace.bus - gather_bus);
    of.read = ticks(durations.read(work.outputs));
    of.held = ticks((steps_of(network_, *pace.task) - 1) * static_cast<double>(durations.read_interval(work.outputs)));
    of.sweep = ticks(durations.sweep(work.outputs));
    of.finish_sums = ticks(durations.sums_latency());
    of.input_vectors = hardware.pe.input_vectors;
    of.results = 1 + hardware.pe.output_vectors;
    of.entries = hardware.tile.accumulator_positions;
    if (!pace.task->home) {
        const std::int64_t bytes = work.partial_bytes();
        const int flits = durations.flits(bytes);
        of.sum_port = ticks(flit_ * flits);
        of.sum_bus = ticks(durations.bus(bytes));
        of.to_home = ticks(message_cycles(hardware_, activity_.network, pace.task->tile, home, flits)) + of.sum_bus;
        of.credit = ticks(message_cycles(hardware_, activity_.network, home, pace.task->tile, 1));
    }
    return {of, input(pace.task->streams.front(), task)};
}

}  // namespace xloop
