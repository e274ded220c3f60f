#pragma once

#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/sim/probes/trace_context.hpp"
#include "traces/bus/trace_bus.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xloop::sim {

struct TaskWaves;

/// The waveforms of one task's arrays, which work in lockstep: row lines, sample-and-hold, converters, shift-and-add,
/// registers; of digital units, when they work and their registers. The model gives inputs, ADC codes and times; all else is worked out from them in the writer's thread.
class ArrayWaves {
public:
    /// `bus_data`: the signal of the tile's bus, that the sums are gathered over.
    ArrayWaves(trace::TraceBus& bus, const TraceContext& context, const FlowTask& task, int bus_data);
    ~ArrayWaves();

    /// `inputs`: of all row slices, one after the other; empty without values.
    using Inputs = std::vector<std::uint8_t>;
    /// ADC codes of one vector: all arrays, one after the other, each [read][conversion].
    using Codes = std::vector<std::int32_t>;
    void load(std::uint64_t cycle, const Inputs& inputs);
    /// Reads of one vector: the first is held at `first_held`, the others `interval` cycles apart; results are in the
    /// output register at `result`.
    struct Reads {
        std::uint64_t begin, first_held, interval, result;
        std::uint64_t own, image, position;
        std::uint64_t steps;  ///< how many; arrays with fewer reads have made theirs earlier
    };
    void read(const Reads& reads, const Inputs& inputs, const Codes& codes);
    /// The sums of a vector go over the bus from `begin` to `end`.
    void gather(std::uint64_t own, std::uint64_t begin, std::uint64_t end);
    /// Events of one vector of block `index` of the task, spread over the cycles [begin, end).
    void count(std::size_t index, Event event, std::uint64_t n, std::uint64_t begin, std::uint64_t end);
    /// Whether read() needs the codes.
    bool wants_codes() const { return codes_wanted_; }

private:
    trace::TraceBus& bus_;
    const TraceContext& context_;
    const FlowTask& task_;
    std::shared_ptr<TaskWaves> waves_;
    bool waves_wanted_, codes_wanted_;
    int reads_job_ = -1, gather_job_ = -1;
    std::vector<int> input_registers_;  ///< signal of each block
    struct Instances {
        int array, input_register, output_register;
    };
    std::vector<Instances> instances_;  ///< of each block
    std::vector<std::uint64_t> words_;
};

}  // namespace xloop::sim
