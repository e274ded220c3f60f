#pragma once

#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/sim/probes/array_waves.hpp"
#include "systemc_model/sim/probes/trace_context.hpp"
#include "traces/bus/trace_bus.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xloop::sim {

/// What the writer's thread needs to know of a task's arrays, and what one of its jobs leaves to the next.
struct TaskWaves {
    TaskWaves(trace::TraceBus& bus, const TraceContext& context, const FlowTask& task, int bus_data, bool needs_codes);

    /// One converter: its conversions in the order of its columns.
    struct Converter {
        std::vector<int> conversions;
        std::vector<int> outputs;           ///< that each adds to
        std::vector<std::int32_t> weights;  ///< of its slice
        int pattern;
        int code, strobe, sum;
    };
    struct Array {
        const ProgrammedArray* model;  ///< null without values, and of a digital unit
        int block;                     ///< of the copy
        int outputs;
        std::size_t output_offset;  ///< in `results`
        std::size_t code_offset;    ///< in the codes of a vector
        std::size_t conversions;    ///< of each read
        int reads;                  ///< of one vector
        int enable, lines, hold, busy, output_register;
        int held_pattern;     ///< its reads, one interval apart
        std::uint64_t sweep;  ///< cycles; of a digital unit, its steps
        std::vector<Converter> converters;
    };
    struct Slice {
        int rows;
        int groups, reads;         ///< of rows that are driven at once; of one vector, by each array
        std::size_t input_offset;  ///< in the inputs of a vector
        std::vector<std::size_t> arrays;
    };
    const std::vector<trace::Pattern>& bus_patterns() const { return bus_.declarations().patterns; }
    std::vector<std::int32_t>& results(std::uint64_t own) { return ring[own % ring.size()]; }

    const TraceContext& context;
    const HardwareConfig& hardware;  ///< that the layer sees
    const Durations& durations;
    const FlowTask& task;
    int dac_bits, code_width, sum_width;
    std::uint64_t read_cycles, interval;
    trace::Time strobe_high = 0, sum_delay = 0;  ///< of a conversion's strobe; from a code to its sum
    std::vector<Array> arrays;
    std::vector<Slice> slices;
    std::size_t output_count = 0;                 ///< sums of all arrays
    std::size_t code_count = 0;                   ///< of one vector
    bool needs_codes;                             ///< or sums of digital units
    std::vector<std::vector<std::int32_t>> ring;  ///< results of the vectors under way
    int bus_data;

private:
    /// Declares the signals of the array that holds `block`, and of all its converters.
    void add_array(trace::TraceBus& bus, int number, const PlacedBlock& block);
    void add_converters(trace::TraceBus& bus, Array& array, const std::string& path);
    /// -1 without values.
    int declare_data(trace::TraceBus& bus, trace::Signal signal) const;
    /// Converter `number` of the array with a path; there are also those that no output uses.
    Converter declare_converter(trace::TraceBus& bus, const std::string& array, std::size_t number) const;

    const trace::TraceBus& bus_;
};

/// Payload of a job for reads: this, then the codes (16 bits each), then the inputs.
struct ReadsPayload {
    ArrayWaves::Reads reads;
};
struct GatherPayload {
    std::uint64_t own, begin, end;
};

std::unique_ptr<trace::Job> make_reads_job(std::shared_ptr<TaskWaves> waves);
std::unique_ptr<trace::Job> make_gather_job(std::shared_ptr<TaskWaves> waves);

}  // namespace xloop::sim
