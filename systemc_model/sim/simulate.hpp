#pragma once

#include "core/progress.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/sim/simulation_config.hpp"
#include "systemc_model/sim/simulation_result.hpp"
#include "traces/bus/trace_bus.hpp"

#include <cstdint>

namespace xloop {

/// What is simulated: `count` images of a network, the first of them number `first` of its data set.
struct SimulationTask {
    /// values: counts. Sizes move, no values.
    SimulationTask(const MappedNetwork& mapped, int image_count) : network(mapped), count(image_count) {}
    /// values: compute. `all_pixels`: of all images of the data set, one after the other.
    SimulationTask(const Chip& programmed, const std::uint8_t* all_pixels, int first_image, int image_count)
        : network(programmed.network()), chip(&programmed), pixels(all_pixels), first(first_image), count(image_count) {
    }

    const MappedNetwork& network;
    const Chip* chip = nullptr;  ///< null: no values
    const std::uint8_t* pixels = nullptr;
    int first = 0, count = 1;
};

struct SimulationOptions {
    /// wheel: one process of the kernel for each clock, with a timing wheel. processes: one process and event for each
    /// component, slower; for checks: its results must be equal.
    enum class Scheduler { wheel, processes } scheduler = Scheduler::wheel;
    /// Construct and visit the tiles in reverse order; for checks: results must be equal.
    bool reversed = false;
    RunLimits limits;
    /// Begun with the run and ended with it; after an exception the caller ends it.
    trace::TraceBus* trace = nullptr;
    /// Called now and then with the share of all positions that are finished.
    Watch watch;
};

/// Runs the images through the SystemC model. One call per process: SystemC elaborates once. Throws Error when the model
/// stops before all images are done: the message lists every queue that is not empty, what each task waits for, and the
/// cycle of waits, if there is one. Conservation of flits, conversions and partial sums is checked at the end of each run.
SimulationResult simulate(const SimulationTask& task, const SimulationOptions& options = {});

}  // namespace xloop
