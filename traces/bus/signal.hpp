#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xloop::trace {

/// Picoseconds from the start of the run.
using Time = std::uint64_t;
constexpr Time never = ~Time{0};

/// What a signal is, for its selection.
enum class SignalClass : std::uint8_t {
    enable,     ///< clock enables, row drivers and converters at work
    handshake,  ///< valid, ready, credit
    state,      ///< controllers
    lines,      ///< DAC input lines of the rows
    code,       ///< ADC output codes
    memory,     ///< ports of the buffer: enable, write, address, data
    bus,
    link,       ///< flits of the network
    vector,     ///< results of the vector unit
    strobe,     ///< one pulse for each conversion
    registers,  ///< input and output registers, shift-and-add, accumulators
    clock,
};
constexpr auto names_of(SignalClass) {
    return std::array{"enable", "handshake", "state",  "lines",  "code",      "memory",
                      "bus",    "link",      "vector", "strobe", "registers", "clock"};
}

/// control: enable, handshake, state. data: also lines, code, memory, bus, link, vector. all: everything.
enum class Detail : std::uint8_t { control, data, all };
constexpr auto names_of(Detail) { return std::array{"control", "data", "all"}; }
bool includes(Detail detail, SignalClass kind);

/// A net or a bus of the model. Values are unsigned words of 64 bits, least significant first; all start at 0.
struct Signal {
    std::string scope;  ///< "chip.tile_0_1.pe_3.xbar_0.row_drivers"
    std::string name;   ///< "lines"
    int width = 1;      ///< bits
    SignalClass kind = SignalClass::state;
    /// Class clock: its period; rising edges at whole periods from 0 on, in whole picoseconds, high for half of it. Sinks
    /// make the edges themselves.
    std::uint64_t clock_period_fs = 0;

    std::size_t words() const { return static_cast<std::size_t>(width + 63) / 64; }
};

/// A component that counts events.
struct Instance {
    std::string path;  ///< as in ActivityRecord
    int kind = 0;      ///< of hardware: what its events cost; an array may work as several kinds, one after the other
};

/// A line of a time line.
struct Track {
    std::string group;  ///< "chip.tile_0_1", or "layers"
    std::string name;   ///< "pe_3.xbar_0", "bus", "conv3"
};

/// When the items of a burst come: offsets from its start in picoseconds, rising.
struct Pattern {
    std::vector<Time> offsets;
};

}  // namespace xloop::trace
