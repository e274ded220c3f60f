#include "systemc_model/sim/probes/tile_probe.hpp"

#include "systemc_model/sim/probes/bytes.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::sim {
namespace {

using trace::SignalClass;

int bits_for(std::uint64_t largest) {
    int bits = 1;
    while (largest >> bits)
        ++bits;
    return bits;
}

constexpr const char* operation = "operation";
constexpr const char* stall = "stall";

}  // namespace

TileProbe::TileProbe(trace::TraceBus& bus, const TraceContext& context, int tile, const std::string& path,
                     const std::vector<FlowPlan>& plans)
    : bus_(bus), context_(context), tile_(tile) {
    declare_signals(path);
    declare_tasks(path, plans);
}

TileProbe::~TileProbe() = default;

void TileProbe::declare_signals(const std::string& path) {
    const HardwareConfig& hw = context_.network.tile_hardware(tile_);
    const auto control = [&](const std::string& part, const char* name, int width, SignalClass kind) {
        return bus_.declare({path + part, name, width, kind});
    };
    const auto data = [&](const std::string& part, const char* name, int width, SignalClass kind) {
        return context_.values() ? control(part, name, width, kind) : -1;
    };
    clock_enable_ = control("", "clk_en", 1, SignalClass::enable);
    const int word_bytes = std::max(1, hw.buffer.width_bits / 8);
    while (word_bytes >> (address_shift_ + 1))
        ++address_shift_;
    address_bits_ = bits_for(static_cast<std::uint64_t>(hw.buffer.bytes - 1) >> address_shift_);
    const int port_bits = hw.buffer.width_bits * hw.buffer.banks;
    for (int p = 0; p < hw.buffer.ports; ++p) {
        const std::string part = fmt::format(".buffer.port_{}", p);
        ports_.push_back(
            {control(part, "en", 1, SignalClass::enable), control(part, "we", 1, SignalClass::enable),
             control(part, "addr", address_bits_, SignalClass::memory),
             data(part, "wdata", port_bits, SignalClass::memory), data(part, "rdata", port_bits, SignalClass::memory),
             bus_.wants_timeline() ? bus_.declare(trace::Track{path, fmt::format("buffer port {}", p)}) : -1});
    }
    bus_valid_ = control(".bus", "valid", 1, SignalClass::handshake);
    bus_data_ = data(".bus", "data", hw.tile.bus_bits, SignalClass::bus);
    accumulate_write_ = control(".accumulator", "we", 1, SignalClass::enable);
    accumulate_entry_ =
        control(".accumulator", "entry", bits_for(static_cast<std::uint64_t>(hw.tile.accumulator_positions - 1)),
                SignalClass::registers);
    accumulate_sum_ = data(".accumulator", "sum", hw.tile.bus_bits, SignalClass::registers);
    vector_enable_ = control(".vector_unit", "en", 1, SignalClass::enable);
    vector_data_ = data(".vector_unit", "result", hw.tile.vector_lanes * 8, SignalClass::vector);
    out_valid_ = control(".network_interface", "out_valid", 1, SignalClass::handshake);
    out_ready_ = control(".network_interface", "out_ready", 1, SignalClass::handshake);
    free_places_ = control(".network_interface", "places",
                           bits_for(static_cast<std::uint64_t>(hw.noc.interface_packets)), SignalClass::handshake);
    in_valid_ = control(".network_interface", "in_valid", 1, SignalClass::handshake);
    if (!bus_.wants_timeline())
        return;
    const auto track = [&](const char* name) { return bus_.declare(trace::Track{path, name}); };
    bus_track_ = track("bus");
    vector_track_ = track("vector unit");
    buffer_level_ = track("buffer bytes held");
    places_level_ = track("network interface: places taken");
    entries_level_ = track("accumulator entries taken");
}

void TileProbe::declare_tasks(const std::string& path, const std::vector<FlowPlan>& plans) {
    std::vector<int> state_signals;
    for (const FlowPlan& plan : plans) {
        std::vector<TaskEntry> tasks(plan.tasks.size());
        std::vector<std::uint64_t> bases(plan.streams.size(), 0);
        std::vector<std::pair<std::uint64_t, std::uint64_t>> shapes;
        std::uint64_t base = 0;
        for (std::size_t s = 0; s < plan.streams.size(); ++s) {
            const Stream& stream = plan.streams[s];
            shapes.emplace_back(stream.capacity, stream.position_bytes);
            if (stream.tile != tile_)
                continue;
            bases[s] = base;
            base += static_cast<std::uint64_t>(stream.bytes());
        }
        std::size_t place = 0;
        for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
            const FlowTask& task = plan.tasks[t];
            if (task.tile != tile_)
                continue;
            const GraphLayer& layer = context_.network.graph.layers[static_cast<std::size_t>(task.layer)];
            TaskEntry& entry = tasks[t];
            if (place == state_signals.size())
                state_signals.push_back(
                    bus_.declare({path + ".controller", fmt::format("state_{}", place), 2, SignalClass::state}));
            entry.state_signal = state_signals[place++];
            entry.output_base = base;
            entry.entry_bytes = static_cast<std::uint64_t>(output_bytes(layer));
            if (task.home)
                base += entry.entry_bytes *
                        static_cast<std::uint64_t>(context_.network.tile_hardware(tile_).tile.accumulator_positions);
            if (layer.on_crossbars())
                entry.waves = std::make_unique<ArrayWaves>(bus_, context_, task, bus_data_);
            if (!bus_.wants_timeline())
                continue;
            const std::string copy = task.copy > 0 ? fmt::format(" copy {}", task.copy) : "";
            entry.reads_track = bus_.declare(trace::Track{path, fmt::format("{}{}", layer.name, copy)});
            entry.stall_track = bus_.declare(trace::Track{path, fmt::format("{}{} stalls", layer.name, copy)});
        }
        tasks_.push_back(std::move(tasks));
        stream_bases_.push_back(std::move(bases));
        stream_shape_.push_back(std::move(shapes));
    }
}

void TileProbe::awake(std::uint64_t cycle) {
    bus_.advance(time(cycle));
    bus_.change(time(cycle), clock_enable_, 1);
}

void TileProbe::settle(std::uint64_t cycle, const Levels& levels) {
    if (!levels.pending)
        bus_.change(time(cycle + 1), clock_enable_, std::uint64_t{0});
    if (levels.places != shown_.places) {
        bus_.change(time(cycle), free_places_, static_cast<std::uint64_t>(levels.places));
        bus_.change(time(cycle), out_ready_, levels.places > 0);
        if (bus_.wants_timeline())
            bus_.level(places_level_, time(cycle), context_.network.hardware.noc.interface_packets - levels.places);
    }
    if (bus_.wants_timeline() && levels.held_bytes != shown_.held_bytes)
        bus_.level(buffer_level_, time(cycle), static_cast<std::int64_t>(levels.held_bytes));
    if (bus_.wants_timeline() && levels.entries != shown_.entries)
        bus_.level(entries_level_, time(cycle), static_cast<std::int64_t>(levels.entries));
    shown_ = levels;
}

void TileProbe::task_state(int number, WorkState state, const char* cause, std::uint64_t cycle) {
    TaskEntry& task = tasks_[round_][static_cast<std::size_t>(number)];
    if (state == task.state && cause == task.cause)
        return;
    bus_.change(time(cycle), task.state_signal, static_cast<std::uint64_t>(state));
    const bool stalled = task.state == WorkState::waiting || task.state == WorkState::blocked;
    if (stalled && cycle > task.since && bus_.wants_timeline())
        bus_.slice(task.stall_track, task.cause ? task.cause : "waits", stall, time(task.since), time(cycle));
    task.state = state;
    task.cause = cause;
    task.since = cycle;
}

void TileProbe::pulse(int signal, std::uint64_t begin, std::uint64_t end) {
    bus_.change(time(begin), signal, 1);
    bus_.change(time(end), signal, std::uint64_t{0});
}

std::uint64_t TileProbe::beats(int signal, int width, std::uint64_t first, const std::uint8_t* data, std::size_t size) {
    const auto each = static_cast<std::size_t>(width);
    for (std::size_t at = 0; at < 8 * size; at += each, ++first) {
        take_bits(data, size, at, width, words_);
        bus_.change(time(first), signal, words_.data());
    }
    return first;
}

void TileProbe::access_buffer(const Access& access, bool write, std::uint64_t address, const Bytes& data,
                              const Purpose& purpose) {
    if (access.cycles == 0)
        return;
    const Port& port = ports_[static_cast<std::size_t>(access.port)];
    const std::uint64_t end = access.begin + static_cast<std::uint64_t>(access.cycles);
    pulse(port.enable, access.begin, end);
    if (write)
        pulse(port.write, access.begin, end);
    const int width =
        context_.network.tile_hardware(tile_).buffer.width_bits * context_.network.tile_hardware(tile_).buffer.banks;
    if (port.address >= 0) {
        const std::uint64_t words = std::max(1, width >> (3 + address_shift_));
        const std::uint64_t mask = (std::uint64_t{1} << address_bits_) - 1;
        for (std::uint64_t c = 0; c < static_cast<std::uint64_t>(access.cycles); ++c)
            bus_.change(time(access.begin + c), port.address, ((address >> address_shift_) + c * words) & mask);
    }
    const int signal = write ? port.write_data : port.read_data;
    if (signal >= 0)
        beats(signal, width,
              access.begin +
                  (write ? 0 : static_cast<std::uint64_t>(context_.network.tile_durations(tile_).buffer_latency())),
              data.data(), data.size());
    if (bus_.wants_timeline())
        bus_.slice(port.track, write ? "write" : "read", operation, time(access.begin), time(end), purpose.layer,
                   purpose.image, purpose.position);
}

void TileProbe::read_buffer(const Access& access, std::uint64_t address, const Bytes& data, const Purpose& purpose) {
    access_buffer(access, false, address, data, purpose);
}

void TileProbe::write_buffer(const Access& access, std::uint64_t address, const Bytes& data, const Purpose& purpose) {
    access_buffer(access, true, address, data, purpose);
}

void TileProbe::use_bus(const Access& access, const Bytes* data, const char* what, const Purpose& purpose) {
    if (access.cycles == 0)
        return;
    const std::uint64_t end = access.begin + static_cast<std::uint64_t>(access.cycles);
    pulse(bus_valid_, access.begin, end);
    if (data && bus_data_ >= 0)
        beats(bus_data_, context_.network.tile_hardware(tile_).tile.bus_bits, access.begin, data->data(), data->size());
    if (bus_.wants_timeline())
        bus_.slice(bus_track_, what, operation, time(access.begin), time(end), purpose.layer, purpose.image,
                   purpose.position);
}

void TileProbe::accumulate(std::uint64_t cycle, std::uint64_t own, const std::vector<std::int32_t>& sums) {
    const std::uint64_t begin = std::max(cycle, accumulate_free_);
    accumulate_free_ = begin + 1;
    bus_.change(time(begin), accumulate_entry_,
                own % static_cast<std::uint64_t>(context_.network.tile_hardware(tile_).tile.accumulator_positions));
    if (accumulate_sum_ >= 0) {
        scratch_.clear();
        append_words(scratch_, sums.data(), sums.size(), accumulator_bytes);
        const std::uint64_t end = beats(accumulate_sum_, context_.network.tile_hardware(tile_).tile.bus_bits, begin,
                                        scratch_.data(), scratch_.size());
        accumulate_free_ = std::max(accumulate_free_, end);
    }
    pulse(accumulate_write_, begin, accumulate_free_);
}

void TileProbe::use_vector_unit(const Access& access, const Purpose& purpose) {
    if (access.cycles == 0)
        return;
    const std::uint64_t end = access.begin + static_cast<std::uint64_t>(access.cycles);
    pulse(vector_enable_, access.begin, end);
    if (bus_.wants_timeline())
        bus_.slice(vector_track_, "finish", operation, time(access.begin), time(end), purpose.layer, purpose.image,
                   purpose.position);
}

void TileProbe::array_reads(int number, std::uint64_t begin, std::uint64_t end, const Purpose& purpose) {
    if (bus_.wants_timeline())
        bus_.slice(tasks_[round_][static_cast<std::size_t>(number)].reads_track, "reads", operation, time(begin),
                   time(end), purpose.layer, purpose.image, purpose.position);
}

void TileProbe::vector_result(std::uint64_t cycle, const Bytes& data) {
    if (vector_data_ >= 0)
        result_free_ = beats(vector_data_, context_.network.tile_hardware(tile_).tile.vector_lanes * 8,
                             std::max(cycle, result_free_), data.data(), data.size());
}

void TileProbe::message_sent(std::uint64_t cycle) {
    if (cycle >= out_free_)  // several messages of one cycle are one pulse
        pulse(out_valid_, cycle, out_free_ = cycle + 1);
}

void TileProbe::message_arrived(std::uint64_t cycle) {
    if (cycle >= in_free_)
        pulse(in_valid_, cycle, in_free_ = cycle + 1);
}

std::uint64_t TileProbe::stream_address(int stream, std::uint64_t position) const {
    const auto s = static_cast<std::size_t>(stream);
    const auto& [capacity, bytes] = stream_shape_[round_][s];
    return stream_bases_[round_][s] + position % capacity * bytes;
}

std::uint64_t TileProbe::output_address(int number, std::uint64_t own) const {
    const TaskEntry& task = tasks_[round_][static_cast<std::size_t>(number)];
    return task.output_base +
           own % static_cast<std::uint64_t>(context_.network.tile_hardware(tile_).tile.accumulator_positions) *
               task.entry_bytes;
}

}  // namespace xloop::sim
