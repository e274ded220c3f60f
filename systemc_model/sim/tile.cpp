#include "systemc_model/sim/tile.hpp"

#include "core/workload/digital.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace xloop::sim {

Tile::Tile(const sc_core::sc_module_name& name, const ClockDomain& clock, const Chip& chip, int tile, Noc& noc,
           std::vector<LayerSpan>& spans, TraceBus* trace)
    : ClockedAgent(name, clock), chip_(chip), tile_(tile), durations_(chip.hardware()), noc_(noc), spans_(spans),
      trace_(trace) {
    const Mapping& mapping = chip.mapping();
    const WorkloadGraph& graph = chip.graph();
    for (int l = -1; l < static_cast<int>(graph.layers.size()); ++l) {
        const auto readers = mapping.reader_tiles(graph, l);
        if (std::count(readers.begin(), readers.end(), tile) > 0) {
            const Shape& shape = l < 0 ? graph.input : graph.layers[l].out;
            maps_[l] = {FeatureMap(static_cast<std::size_t>(shape.size())), shape.positions(), 0};
        }
        if (l < 0)
            continue;
        const LayerMapping& placed = mapping.layers[l];
        if (placed.home == tile) {
            readers_[l] = readers;
            if (layer_of(l).on_crossbars())
                reductions_[l].tiles = static_cast<int>(placed.tiles.size());
            else
                tasks_.push_back(Task{l, {}, {}, false, 0, 0, {}});
        }
        for (TileWork& work : tile_works(layer_of(l), placed, durations_)) {
            if (work.tile != tile)
                continue;
            Task task{l, work, {}, false, 0, 0, {}};
            for (int b : work.blocks) {
                units_.push_back(std::make_unique<CrossbarUnit>(fmt::format("xbar_{}", placed.blocks[b].slot).c_str(), clock,
                                                                chip.array(l, b), chip.hardware(), l, b, *this, trace));
                task.units.push_back(units_.back().get());
            }
            tasks_.push_back(std::move(task));
        }
    }
    if (trace_) {
        layer_signal_ = trace_->declare(this->name(), "layer", 8);
        position_signal_ = trace_->declare(this->name(), "position", 16);
    }
}

Tile::~Tile() = default;

void Tile::begin_image(std::int64_t image) {
    image_ = image;
    for (auto& [layer, map] : maps_)
        map.received = 0;
    for (Task& task : tasks_)
        task = Task{task.layer, std::move(task.work), std::move(task.units), false, 0, 0, {}};
}

void Tile::post(Action action, Payload payload) {
    wake_at(action.cycle);
    due_.emplace(action, std::move(payload));
}

void Tile::deliver(Packet packet, std::uint64_t cycle) {
    const Action action{cycle, What::packet, packet.layer, packet.position, packet.source};
    post(action, {std::move(packet), {}});
}

void Tile::unit_started(int layer, int block, int position, std::uint64_t cycle) {
    post({cycle, What::unit_started, layer, position, block});
}

void Tile::unit_finished(int layer, int block, int position, std::vector<std::int32_t> partial_sums,
                         std::uint64_t cycle) {
    post({cycle, What::unit_finished, layer, position, block}, {{}, std::move(partial_sums)});
}

void Tile::on_cycle(std::uint64_t cycle) {
    while (!due_.empty() && due_.begin()->first.cycle <= cycle) {
        auto node = due_.extract(due_.begin());
        handle(node.key(), node.mapped());
    }
    start_ready_tasks();
}

void Tile::handle(const Action& a, Payload& payload) {
    switch (a.what) {
    case What::packet: on_packet(payload.packet); break;
    case What::unit_started: {
        Task& task = task_of(a.layer);
        if (++task.units_started == static_cast<int>(task.units.size()))
            fetch(task);
        break;
    }
    case What::unit_finished: on_unit_finished(task_of(a.layer), a.who, a.position, payload.sums); break;
    case What::fetched: on_fetched(task_of(a.layer), a.position); break;
    case What::gathered: on_gathered(task_of(a.layer), a.position); break;
    case What::partial_received: {
        // Covered channels of the sending tile, in order.
        const LayerMapping& placed = chip_.mapping().layers[a.layer];
        std::vector<bool> covers(static_cast<std::size_t>(layer_of(a.layer).out.channels), false);
        for (const PlacedBlock& block : placed.blocks)
            if (block.tile == a.who)
                std::fill_n(covers.begin() + block.out_begin, block.outs, true);
        contribute(a.layer, a.position, payload.packet.values, covers);
        break;
    }
    case What::finished: on_finished(a.layer, a.position); break;
    }
}

void Tile::on_packet(Packet& packet) {
    if (packet.kind == PacketKind::partial_sums) {
        const std::uint64_t done = bus_.take(now(), durations_.bus(packet.bytes));
        bus_counters_[Event::bus_byte] += static_cast<std::uint64_t>(packet.bytes);
        const Action action{done, What::partial_received, packet.layer, packet.position, packet.source};
        post(action, {std::move(packet), {}});
        return;
    }
    buffer_[Event::buffer_write_byte] += static_cast<std::uint64_t>(packet.bytes);
    store(packet.layer, packet.position, packet.values);
}

void Tile::store(int layer, int position, const std::vector<std::int32_t>& values) {
    StoredMap& map = maps_.at(layer);
    const int channels = static_cast<int>(map.values.size()) / map.positions;
    std::copy(values.begin(), values.end(), map.values.begin() + static_cast<std::ptrdiff_t>(position) * channels);
    map.received += static_cast<int>(values.size()) / channels;
}

void Tile::start_ready_tasks() {
    for (Task& task : tasks_) {
        const auto& inputs = layer_of(task.layer).inputs;
        if (task.started || !std::all_of(inputs.begin(), inputs.end(), [&](int i) { return maps_.at(i).complete(); }))
            continue;
        task.started = true;
        spans_[task.layer].start = std::min(spans_[task.layer].start, now());
        if (trace_)
            trace_->change(now(), layer_signal_, static_cast<std::uint64_t>(task.layer + 1));
        fetch(task);
    }
}

// Buffer -> bus -> input registers (crossbar layers) or vector unit. The next fetch starts when the registers are free.
void Tile::fetch(Task& task) {
    const GraphLayer& layer = layer_of(task.layer);
    if (task.next_fetch == layer.positions())
        return;
    std::int64_t bytes = task.work.fetch_bytes;
    int cycles = task.work.fetch_cycles;
    if (!layer.on_crossbars()) {
        bytes = digital_work(layer, task.next_fetch).read_bytes;
        cycles = durations_.bus(bytes);
    }
    buffer_[Event::buffer_read_byte] += static_cast<std::uint64_t>(bytes);
    bus_counters_[Event::bus_byte] += static_cast<std::uint64_t>(bytes);
    if (trace_)
        trace_->change(now(), position_signal_, static_cast<std::uint64_t>(task.next_fetch));
    post({bus_.take(now(), cycles), What::fetched, task.layer, task.next_fetch, 0});
    ++task.next_fetch;
    task.units_started = 0;
}

void Tile::on_fetched(Task& task, int position) {
    const GraphLayer& layer = layer_of(task.layer);
    if (!layer.on_crossbars()) {
        count_finish_work(task.layer, position);
        fetch(task);
        return;
    }
    const Activation* input = maps_.at(layer.inputs.front()).values.data();
    std::vector<std::uint8_t> window(static_cast<std::size_t>(layer.rows()));
    int gathered_group = -1;
    for (std::size_t i = 0; i < task.units.size(); ++i) {
        const PlacedBlock& block = chip_.mapping().layers[task.layer].blocks[task.work.blocks[i]];
        if (block.group != gathered_group)
            gather_window(layer, input, position, block.group, window.data());
        gathered_group = block.group;
        task.units[i]->load(image_, position, {window.begin() + block.row_begin,
                                               window.begin() + block.row_begin + block.rows});
    }
}

void Tile::on_unit_finished(Task& task, int block, int position, const std::vector<std::int32_t>& sums) {
    Sums& total = task.sums[position];
    total.values.resize(static_cast<std::size_t>(layer_of(task.layer).out.channels), 0);
    const PlacedBlock& placed = chip_.mapping().layers[task.layer].blocks[block];
    for (int o = 0; o < placed.outs; ++o)
        total.values[placed.out_begin + o] += sums[o];
    accumulator_[Event::accumulate] += sums.size();
    if (++total.contributions < static_cast<int>(task.units.size()))
        return;
    bus_counters_[Event::bus_byte] += static_cast<std::uint64_t>(task.work.gather_bytes);
    post({bus_.take(now(), task.work.gather_cycles), What::gathered, task.layer, position, 0});
}

void Tile::on_gathered(Task& task, int position) {
    auto node = task.sums.extract(position);
    std::vector<std::int32_t> covered;
    for (std::size_t o = 0; o < node.mapped().values.size(); ++o)
        if (task.work.covers[o])
            covered.push_back(node.mapped().values[o]);
    const int home = chip_.mapping().layers[task.layer].home;
    if (home == tile_)
        contribute(task.layer, position, covered, task.work.covers);
    else
        noc_.send({PacketKind::partial_sums, tile_, home, task.layer, position, task.work.partial_bytes(),
                   std::move(covered)});
}

void Tile::contribute(int layer, int position, const std::vector<std::int32_t>& values, const std::vector<bool>& covers) {
    Reduction& reduction = reductions_.at(layer);
    Sums& sums = reduction.sums[position];
    sums.values.resize(covers.size(), 0);
    std::size_t next = 0;
    for (std::size_t o = 0; o < covers.size(); ++o)
        if (covers[o])
            sums.values[o] += values[next++];
    accumulator_[Event::accumulate] += next;
    if (++sums.contributions == reduction.tiles)
        count_finish_work(layer, position);
}

void Tile::count_finish_work(int index, int position) {
    const GraphLayer& layer = layer_of(index);
    const std::int64_t operations = layer.on_crossbars() ? layer.out.channels : digital_work(layer, position).operations;
    vector_counters_[Event::vector_operation] += static_cast<std::uint64_t>(operations);
    post({vector_unit_.take(now(), durations_.vector_unit(operations)), What::finished, index, position, 0});
}

void Tile::on_finished(int index, int position) {
    const GraphLayer& layer = layer_of(index);
    std::vector<std::int32_t> values;
    if (layer.is_output) {
        auto node = reductions_.at(index).sums.extract(position);
        values = std::move(node.mapped().values);
        for (std::size_t o = 0; o < values.size(); ++o)
            values[o] += (*layer.bias)[o];
    } else {
        FeatureMap out(static_cast<std::size_t>(layer.out.channels));
        if (layer.on_crossbars()) {
            auto node = reductions_.at(index).sums.extract(position);
            finish_position(layer, node.mapped().values.data(), out.data());
        } else if (layer.kind == LayerKind::add) {
            std::vector<const Activation*> inputs;
            for (int i : layer.inputs)
                inputs.push_back(maps_.at(i).values.data());
            add_position(layer, inputs.data(), position, out.data());
        } else {
            pool_position(layer, maps_.at(layer.inputs.front()).values.data(), position, out.data());
        }
        values.assign(out.begin(), out.end());
    }
    spans_[index].end = std::max(spans_[index].end, now());
    distribute(index, position, std::move(values));
}

void Tile::distribute(int index, int position, std::vector<std::int32_t> values) {
    const auto bytes = output_bytes(layer_of(index));
    buffer_[Event::buffer_write_byte] += static_cast<std::uint64_t>(bytes);
    const auto send = [&](PacketKind kind, int destination) {
        buffer_[Event::buffer_read_byte] += static_cast<std::uint64_t>(bytes);
        noc_.send({kind, tile_, destination, index, position, bytes, values});
    };
    if (layer_of(index).is_output)
        return send(PacketKind::logits, chip_.mapping().tiles());
    for (int reader : readers_.at(index)) {
        if (reader == tile_)
            store(index, position, values);
        else
            send(PacketKind::activations, reader);
    }
}

Tile::Task& Tile::task_of(int layer) {
    return *std::find_if(tasks_.begin(), tasks_.end(), [&](const Task& t) { return t.layer == layer; });
}

void Tile::report(ActivityRecord& record) const {
    const std::string path = name();
    for (const auto& unit : units_)
        record.instances[unit->name()] += unit->counters();
    const auto add = [&](const char* part, Counters counters, std::uint64_t busy) {
        counters.busy_cycles = busy;
        record.instances[path + "." + part] += counters;
    };
    add("buffer", buffer_, 0);
    add("bus", bus_counters_, bus_.busy_cycles());
    add("accumulator", accumulator_, 0);
    add("vector_unit", vector_counters_, vector_unit_.busy_cycles());
}

std::string Tile::state() const {
    std::string text;
    for (const Task& task : tasks_) {
        const GraphLayer& layer = layer_of(task.layer);
        if (task.started && task.next_fetch == layer.positions() && task.sums.empty())
            continue;
        text += fmt::format("{}: layer `{}` at position {} of {}", name(), layer.name, task.next_fetch, layer.positions());
        for (int i : layer.inputs)
            if (!maps_.at(i).complete())
                text += fmt::format(", has {} of {} positions of its input `{}`", maps_.at(i).received,
                                    maps_.at(i).positions, i < 0 ? "image" : layer_of(i).name);
        text += '\n';
    }
    return text;
}

}  // namespace xloop::sim
