#pragma once

#include "core/hardware_config.hpp"

#include <cstdint>

namespace xloop {

struct AdcKind;

/// Durations of the hardware in cycles of the digital clock (network: of the network's clock). The cycle model waits them
/// out, the estimate adds them up. Steps of a position inside a tile are rounded up to multiples of tile.stage_cycles.
struct Durations {
    explicit Durations(const HardwareConfig& hardware);

    /// Reads of one input vector by an array that uses `rows` rows; a digital unit's steps count as one.
    int reads(int rows) const { return hardware_.reads(rows); }
    /// One array read until the columns are held; of a digital unit all steps of a vector with `outputs` output channels.
    int read(int outputs) const;
    /// All conversions of one read of an array with `outputs` output channels: the converters are busy for it. Digital: 0.
    int sweep(int outputs) const;
    /// From the end of a sweep to its last code (AdcKind::latency_clocks).
    int code_latency() const { return code_latency_; }
    /// From the end of a vector's last sweep, or of its last step, to its sums in the output register.
    int sums_latency() const;
    /// From one held read to the next: the next read overlaps the conversion when there is a sample-and-hold.
    std::int64_t read_interval(int outputs) const;
    // Arrays in lockstep take the time of `rows` and `outputs` of those with most.
    /// From the first read of an input vector that is held to the last one.
    std::int64_t held(int rows, int outputs) const { return (reads(rows) - 1) * read_interval(outputs); }
    /// One input vector, from the first read to the partial sums in the output register.
    std::int64_t vector_latency(int rows, int outputs) const;
    /// One input vector after the other.
    std::int64_t vector_interval(int rows, int outputs) const { return reads(rows) * read_interval(outputs); }

    /// A port of the buffer is busy for it.
    int buffer_port(std::int64_t bytes) const;
    /// From the first cycle of an access to its first word in the next cycle: latency_cycles - 1 beyond the port's cycles.
    int buffer_latency() const { return hardware_.buffer.latency_cycles - 1; }
    int bus(std::int64_t bytes) const;
    /// Window from an idle buffer over an idle bus: the bus follows the buffer word by word.
    int fetch(std::int64_t buffer_bytes, std::int64_t bus_bytes) const;
    int accumulate() const { return stage(hardware_.tile.accumulator_latency_cycles); }
    /// The vector unit is busy for it; its result comes vector_unit_latency() later.
    int vector_unit(std::int64_t operations) const;
    int vector_unit_latency() const { return hardware_.tile.vector_latency_cycles - 1; }
    int stage(int cycles) const;

    /// Flits of a packet: one head flit and the payload.
    int flits(std::int64_t payload_bytes) const;
    /// Payload bytes of one packet of a multicast: it must fit into a virtual channel's buffer (see noc/network.hpp).
    std::int64_t multicast_payload() const;
    /// Write time of all arrays, in parallel, between two rounds: row after row; of digital units a set in each step.
    std::int64_t reprogram() const;

private:
    HardwareConfig hardware_;
    int read_;
    const AdcKind* adc_;
    int code_latency_;
};

}  // namespace xloop
