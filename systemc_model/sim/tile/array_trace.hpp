#pragma once

#include "systemc_model/sim/run_state.hpp"
#include "traces/trace_bus.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop::sim {

/// The waveforms of a task's arrays: position and read under way, rows driven above 0 V, first ADC code of each read.
class ArrayTrace {
public:
    /// `vectors`: how many positions may be between fetch and last read.
    ArrayTrace(TraceBus& bus, const std::string& tile_path, const RunState& run, const FlowTask& task, std::size_t vectors);

    /// A vector has been fetched: `inputs` of one row slice.
    void on_vector(std::uint64_t own, const TileWork::RowSlice& slice, const std::uint8_t* inputs, std::int64_t image,
                   int position);
    /// Read `number` % reads of own position `number` / reads has been held.
    void on_read(std::uint64_t cycle, std::uint64_t number, int position);

private:
    struct Signals {
        int block, position, read, rows, code;
    };
    struct Reads {
        std::vector<std::uint32_t> rows, codes;   ///< [array][read]
    };

    TraceBus& bus_;
    const RunState& run_;
    const FlowTask& task_;
    std::size_t reads_;
    std::vector<Signals> arrays_;
    std::vector<Reads> vectors_;
};

}  // namespace xloop::sim
