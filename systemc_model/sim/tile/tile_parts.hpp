#pragma once

#include "core/activity.hpp"
#include "systemc_model/sim/network/message.hpp"
#include "systemc_model/sim/probes/hook.hpp"
#include "systemc_model/sim/probes/tile_probe.hpp"
#include "systemc_model/sim/run_state.hpp"
#include "systemc_model/sim/tile/action.hpp"
#include "systemc_model/sim/tile/server.hpp"
#include "systemc_model/sim/tile/stream_buffer.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace xloop::sim {

/// What the tasks of one tile share: its servers, streams, counters, its queue of actions and its network interface.
class TileParts {
public:
    TileParts(RunState& run_state, int number, std::string tile_path)
        : run(run_state), tile(number), path(std::move(tile_path)), hardware(run.network.tile_hardware(number)),
          durations(run.network.tile_durations(number)), buffer(hardware.buffer.ports),
          places(hardware.noc.interface_packets) {
        const int kind = run.network.mapping.type_of(number);
        for (CountedInstance* part :
             {&buffer_counters, &bus_counters, &accumulator_counters, &vector_counters, &controller_counters})
            part->kind = kind;
    }
    virtual ~TileParts() = default;

    virtual void post(const Action& action) = 0;
    /// Hands a message to the network interface. Credits need no place; others take one.
    virtual void send(Message message, const std::vector<int>& destinations) = 0;
    virtual std::uint64_t now() const = 0;

    /// The tile's copy of a producer's output; null when it has none.
    StreamBuffer* stream(int index) { return streams[static_cast<std::size_t>(index)]; }

    // `layer`: what it is done for; -1: the images.
    /// Takes a port of the buffer for a write; returns when the bytes are stored.
    std::uint64_t write_buffer(int layer, std::int64_t bytes);
    /// Takes a port for a read; returns when the last word is there. `first_word`: when the bus may begin.
    std::uint64_t read_buffer(int layer, std::int64_t bytes, std::uint64_t* first_word = nullptr);
    std::uint64_t take_bus(int layer, std::int64_t bytes);
    /// The time that the last of these took, from what it returned.
    Access buffer_access(std::uint64_t done, std::int64_t bytes) const {
        const int cycles = durations.buffer_port(bytes);
        return {done - static_cast<std::uint64_t>(durations.buffer_latency() + cycles), cycles, buffer.last()};
    }
    Access bus_access(std::uint64_t done, std::int64_t bytes) const {
        const int cycles = durations.bus(bytes);
        return {done - static_cast<std::uint64_t>(cycles), cycles, 0};
    }

    RunState& run;
    const int tile;
    const std::string path;          ///< "chip.tile_3_1"
    const HardwareConfig& hardware;  ///< of its type
    const Durations& durations;
    Server buffer, bus, vector_unit;
    CountedInstance buffer_counters, bus_counters, accumulator_counters, vector_counters, controller_counters;
    Hook<TileProbe> probe;
    std::vector<StreamBuffer*> streams;  ///< by index in the plan
    int places;                          ///< free in the network interface
    std::uint64_t staged_bytes = 0;      ///< outputs in the buffer that wait to be sent
};

inline std::uint64_t TileParts::write_buffer(int layer, std::int64_t bytes) {
    run.count(buffer_counters, {layer}, Event::buffer_write_byte, bytes);
    return buffer.take(now(), durations.buffer_port(bytes)) + static_cast<std::uint64_t>(durations.buffer_latency());
}

inline std::uint64_t TileParts::read_buffer(int layer, std::int64_t bytes, std::uint64_t* first_word) {
    const auto latency = static_cast<std::uint64_t>(durations.buffer_latency());
    run.count(buffer_counters, {layer}, Event::buffer_read_byte, bytes);
    if (first_word)
        *first_word = buffer.begin(now()) + latency;
    return buffer.take(now(), durations.buffer_port(bytes)) + latency;
}

inline std::uint64_t TileParts::take_bus(int layer, std::int64_t bytes) {
    run.count(bus_counters, {layer}, Event::bus_byte, bytes);
    return bus.take(now(), durations.bus(bytes));
}

}  // namespace xloop::sim
