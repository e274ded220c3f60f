#pragma once

#include "core/activity.hpp"
#include "systemc_model/chip/chip.hpp"
#include "traces/trace_bus.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace xloop {

/// What one timed run gives. Cycles are those of the digital clock.
struct SimulationResult {
    struct Layer {
        std::string name;
        std::uint64_t start_cycle = 0, end_cycle = 0;  ///< of the last image, counted from the start of that image
    };
    std::vector<std::vector<std::int32_t>> logits;
    std::vector<std::uint64_t> latency_cycles;  ///< of each image: first input byte to last logit
    std::uint64_t cycles = 0;                   ///< of the whole run
    std::vector<Layer> layers;
    ActivityRecord activity;
};

/// Runs images [first, first + count) one after the other through the SystemC model of `chip`; `pixels` holds all images.
/// `progress` (may be empty) is called after each image with the number done. `trace` may be null; it receives begin and
/// end from here. One call per process: SystemC elaborates once. Throws Error when the model stops before all images are
/// done, with what every queue waits for.
SimulationResult simulate(const Chip& chip, const std::uint8_t* pixels, int first, int count, TraceBus* trace = nullptr,
                          const std::function<void(int)>& progress = {});

}  // namespace xloop
