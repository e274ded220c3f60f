#include "systemc_model/sim/tile/tile.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

namespace xloop::sim {
namespace {

/// Arrays of this tile that hold something in some round, by processing element.
std::map<int, std::set<int>> used_arrays(const Mapping& mapping, int tile) {
    std::map<int, std::set<int>> used;
    for (const LayerMapping& layer : mapping.layers)
        for (const LayerCopy& copy : layer.copies)
            for (const PlacedBlock& block : copy.blocks)
                if (block.tile == tile)
                    used[block.pe].insert(block.slot);
    return used;
}

int channels_of(const RunState& run, int producer) {
    return run.computes() ? run.network.graph.map_of(producer).channels : 0;
}

}  // namespace

ProcessingElement::ProcessingElement(const sc_core::sc_module_name& name, const std::vector<int>& arrays,
                                     TileEngine engine)
    : sc_module(name), input_register_("input_register"), output_register_("output_register") {
    for (int array : arrays) {
        const std::string place = InstancePaths::array_name(array);
        if (engine == TileEngine::digital)
            arrays_.push_back(std::make_unique<DigitalUnit>(place.c_str()));
        else
            arrays_.push_back(std::make_unique<Crossbar>(place.c_str()));
    }
}

Tile::Tile(const sc_core::sc_module_name& name, Scheduler& scheduler, RunState& run_state, int number,
           NetworkModule& network)
    : Agent(name, scheduler), TileParts(run_state, number, this->name()), network_(network), buffer_part_("buffer"),
      bus_part_("bus"), accumulator_part_("accumulator"), vector_unit_part_("vector_unit"),
      network_interface_part_("network_interface"), controller_part_("controller") {
    for (const auto& [pe, arrays] : used_arrays(run.network.mapping, tile))
        pes_.push_back(std::make_unique<ProcessingElement>(InstancePaths::pe_name(pe).c_str(),
                                                           std::vector<int>(arrays.begin(), arrays.end()),
                                                           run.network.tile_hardware(tile).tile.engine));
    if (!run.probe)
        return;
    tile_probe_ = run.probe->make_tile(tile, path);
    probe = tile_probe_.get();
    const auto declare = [this](Component part) {
        return run.probe->declare_instance(run.paths.tile_part(tile, part), run.network.mapping.type_of(tile));
    };
    buffer_counters.number = declare(Component::buffer);
    bus_counters.number = declare(Component::bus);
    accumulator_counters.number = declare(Component::accumulator);
    vector_counters.number = declare(Component::vector_unit);
    controller_counters.number = declare(Component::controller);
}

Tile::~Tile() = default;

void Tile::begin_round(std::uint64_t cycle) {
    now_ = cycle;
    if (probe)
        probe->begin_round(run.plan.round);
    tasks_.clear();
    own_streams_.clear();
    streams.assign(run.plan.streams.size(), nullptr);
    for (std::size_t s = 0; s < run.plan.streams.size(); ++s) {
        const Stream& stream = run.plan.streams[s];
        if (stream.tile != tile)
            continue;
        own_streams_.push_back(std::make_unique<StreamBuffer>(stream, channels_of(run, stream.producer)));
        streams[s] = own_streams_.back().get();
    }
    for (std::size_t t = 0; t < run.plan.tasks.size(); ++t) {
        const FlowTask& plan = run.plan.tasks[t];
        if (plan.tile != tile)
            continue;
        const int number = static_cast<int>(t);
        tasks_.push_back(run.layer(plan.layer).on_crossbars() ? make_matrix_task(*this, number)
                                                              : make_digital_task(*this, number));
    }
}

// Actions for the cycle under way are carried out in it.
void Tile::post(const Action& action) {
    actions_.push(action);
    if (action.cycle > now_)
        wake_at(action.cycle);
}

void Tile::send(Message message, const std::vector<int>& destinations) {
    message.source = tile;
    if (probe)
        probe->message_sent(now_);
    interface_high_water_ = std::max<std::uint64_t>(
        interface_high_water_, static_cast<std::uint64_t>(run.network.hardware.noc.interface_packets - places));
    network_.send(std::move(message), destinations, now_);
}

void Tile::message_arrived(int message, std::uint64_t cycle) {
    arrived_.push_back(message);
    post({cycle, Action::Kind::message_arrived, -1, arrivals_++});
}

void Tile::message_left(int message, std::uint64_t cycle) {
    const Message::Kind kind = network_.message(message).kind;
    if (kind == Message::Kind::data || kind == Message::Kind::partial_sums)
        post({cycle, Action::Kind::message_left, -1, 0});
}

// Actions handled in this cycle may post more for the same cycle.
void Tile::on_cycle(std::uint64_t cycle) {
    now_ = run.now = cycle;
    if (probe)
        probe->awake(cycle);
    if (cycle > run.last_progress + run.watchdog_cycles)
        throw Stalled{};
    while (!actions_.empty() && actions_.top().cycle <= cycle) {
        while (!actions_.empty() && actions_.top().cycle <= cycle) {
            const Action action = actions_.top();
            actions_.pop();
            ++run.events;
            handle(action);
        }
        for (bool moved = true; moved;) {
            moved = false;
            for (const auto& task : tasks_)
                moved = task->advance() || moved;
        }
    }
    for (const auto& task : tasks_)
        task->update_state(cycle);
    if (probe)
        for (const auto& task : tasks_)
            task->trace_state(cycle);
    std::uint64_t held = staged_bytes, entries = 0;
    for (const auto& stream : own_streams_)
        held += stream->held_bytes();
    for (const auto& task : tasks_)
        if (task->stage())
            entries = std::max(entries, task->stage()->high_water());
    buffer_high_water_ = std::max(buffer_high_water_, held);
    entry_high_water_ = std::max(entry_high_water_, entries);
    if (probe)
        trace_levels(cycle, held);
    if (!actions_.empty())
        wake_at(actions_.top().cycle);
}

void Tile::trace_levels(std::uint64_t cycle, std::uint64_t held_bytes) {
    std::uint64_t entries = 0;
    for (const auto& task : tasks_)
        entries += task->stage() ? task->stage()->under_way() : 0;
    probe->settle(cycle, {!actions_.empty() || !arrived_.empty(), places, held_bytes, entries});
}

void Tile::handle(const Action& action) {
    switch (action.kind) {
    case Action::Kind::message_left: ++places; return;
    case Action::Kind::message_arrived: return on_message();
    case Action::Kind::stored: return on_stored(static_cast<int>(action.number));
    case Action::Kind::partial_received: {
        const int number = static_cast<int>(action.number);
        on_partial(network_.message(number));
        return network_.release_message(number);
    }
    case Action::Kind::accumulated: return task(action.task).stage()->on_accumulated(action.number);
    case Action::Kind::finished: return task(action.task).stage()->on_finished(action.number);
    case Action::Kind::written: return task(action.task).stage()->on_written(action.number);
    case Action::Kind::read_out: return task(action.task).stage()->on_read_out(action.number);
    default: return task(action.task).on(action);
    }
}

void Tile::on_message() {
    const int number = arrived_.front();
    arrived_.pop_front();
    const Message& message = network_.message(number);
    if (probe)
        probe->message_arrived(now_);
    switch (message.kind) {
    case Message::Kind::data: {
        const std::uint64_t stored = write_buffer(message.layer, message.bytes);
        if (probe)
            trace_arrival(message, stored);
        return post({stored, Action::Kind::stored, -1, static_cast<std::uint64_t>(number)});
    }
    case Message::Kind::partial_sums: {
        const std::uint64_t received = take_bus(message.layer, message.bytes);
        if (probe)
            probe->use_bus(
                bus_access(received, message.bytes), &message.payload, "partial sums",
                {message.layer, static_cast<std::int64_t>(message.image), static_cast<std::int64_t>(message.position)});
        return post({received, Action::Kind::partial_received, -1, static_cast<std::uint64_t>(number)});
    }
    case Message::Kind::entry_credit:
        find_task(message.subject, message.copy)->on_entry_credit(message.position);
        break;
    case Message::Kind::stream_credit: {
        const int producer = run.plan.streams[static_cast<std::size_t>(message.subject)].producer;
        for (const auto& t : tasks_)
            if (t->layer() == producer && t->stage())
                t->stage()->on_credit(message.subject, message.copy, message.position);
    }
    }
    network_.release_message(number);
}

void Tile::trace_arrival(const Message& message, std::uint64_t stored) {
    std::uint64_t address = 0;
    for (std::size_t s = streams.size(); s-- > 0;)
        if (streams[s] && run.plan.streams[s].producer == message.subject)
            address = probe->stream_address(static_cast<int>(s), message.position);
    probe->write_buffer(
        buffer_access(stored, message.bytes), address, message.payload,
        {message.layer, static_cast<std::int64_t>(message.image), static_cast<std::int64_t>(message.position)});
}

void Tile::on_stored(int number) {
    const Message& message = network_.message(number);
    for (std::size_t s = 0; s < streams.size(); ++s) {
        if (!streams[s] || run.plan.streams[s].producer != message.subject)
            continue;
        const auto channels = static_cast<std::size_t>(channels_of(run, message.subject));
        for (int k = 0; k < message.count; ++k)
            streams[s]->arrive(message.position + static_cast<std::uint64_t>(k),
                               channels > 0 ? message.values.data() + static_cast<std::size_t>(k) * channels : nullptr);
    }
    network_.release_message(number);
}

void Tile::on_partial(const Message& message) {
    Task* home = find_task(message.subject, message.copy);
    run.count(accumulator_counters, {message.layer}, Event::accumulate, message.bytes / accumulator_bytes);
    home->stage()->contribute(message.position, message.values.empty() ? nullptr : message.values.data());
}

Task& Tile::task(int number) {
    return **std::find_if(tasks_.begin(), tasks_.end(), [&](const auto& t) { return t->number() == number; });
}

Task* Tile::find_task(int layer, int copy) {
    const auto found = std::find_if(tasks_.begin(), tasks_.end(), [&](const auto& t) {
        return t->layer() == layer && run.plan.tasks[static_cast<std::size_t>(t->number())].copy == copy;
    });
    if (found == tasks_.end())
        throw Error(fmt::format("{} has no part of layer `{}`", path, run.layer(layer).name));
    return found->get();
}

void Tile::end_round(std::uint64_t cycle, SimulationResult& result) {
    for (const auto& t : tasks_) {
        t->check_conservation();
        SimulationResult::Layer& layer = result.layers[static_cast<std::size_t>(t->layer())];
        t->report(layer);
        layer.tasks.push_back(t->states(cycle));
    }
    if (!actions_.empty() || !arrived_.empty() || places != run.network.hardware.noc.interface_packets ||
        staged_bytes != 0)
        throw Error(fmt::format(
            "{} is not empty at the end: {} actions, {} messages, {} of {} places in the network "
            "interface, {} bytes of outputs",
            path, actions_.size(), arrived_.size(), places, run.network.hardware.noc.interface_packets, staged_bytes));
}

void Tile::report(std::uint64_t cycles, SimulationResult& result) const {
    const auto add = [&](const char* kind, const Counters& counters, const Server* server, std::uint64_t capacity,
                         std::uint64_t high_water) {
        SimulationResult::ServerFigures component{path + "." + kind, kind, {}, capacity, high_water};
        component.states.idle = cycles;
        Counters all = counters;
        if (server) {
            all.busy_cycles = server->busy_cycles();
            component.states.busy = server->busy_cycles();
            component.states.idle = cycles * static_cast<std::uint64_t>(server->servers()) - server->busy_cycles();
        }
        if (std::string(kind) != "network_interface")
            run.instance(run.network.mapping.type_of(tile), component.path) += all;
        result.components.push_back(std::move(component));
    };
    const auto of = [](int value) { return static_cast<std::uint64_t>(value); };
    add("buffer", buffer_counters, &buffer, of(hardware.buffer.bytes), buffer_high_water_);
    add("bus", bus_counters, &bus, 0, 0);
    add("accumulator", accumulator_counters, nullptr, of(hardware.tile.accumulator_positions), entry_high_water_);
    add("vector_unit", vector_counters, &vector_unit, 0, 0);
    run.instance(controller_counters.kind, run.paths.tile_part(tile, Component::controller)) += controller_counters;
    add("network_interface", {}, nullptr, of(run.network.hardware.noc.interface_packets), interface_high_water_);
}

std::string Tile::state() const {
    std::string text;
    for (const auto& t : tasks_)
        if (const Wait wait = t->waits_for(); !wait.reason.empty())
            text += fmt::format("{}: {}: {}{}\n", path, t->place(), wait.reason,
                                t->stage() ? "; home: " + t->stage()->state() : "");
    for (std::size_t s = 0; s < streams.size(); ++s)
        if (streams[s] && streams[s]->held() > 0)
            text +=
                fmt::format("{}: stream of `{}` holds {} of {} positions, released before {}\n", path,
                            run.plan.streams[s].producer < 0 ? "input" : run.layer(run.plan.streams[s].producer).name,
                            streams[s]->held(), streams[s]->capacity(), streams[s]->released());
    if (places < run.network.hardware.noc.interface_packets)
        text += fmt::format("{}: {} of {} places in the network interface taken\n", path,
                            run.network.hardware.noc.interface_packets - places,
                            run.network.hardware.noc.interface_packets);
    return text;
}

}  // namespace xloop::sim
