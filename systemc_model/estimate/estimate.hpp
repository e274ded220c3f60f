#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Closed-form figures for a network on the chip, without values and without events. docs/modelling.md, "The estimate",
/// gives the equations. Counts equal the cycle model's; cycles leave out contention between layers.
struct Estimate {
    struct Layer {
        std::string name;
        std::uint64_t start_cycle = 0, end_cycle = 0;  ///< from the start of the image
        std::uint64_t cycles() const { return end_cycle - start_cycle; }
    };
    std::uint64_t latency_cycles = 0;   ///< of one image: first input byte to last logit
    std::uint64_t interval_cycles = 0;  ///< between images; equal to the latency: images run one by one
    std::uint64_t cycles = 0;           ///< of all images
    std::vector<Layer> layers;
    ActivityRecord activity;            ///< of all images
};

/// Needs shapes only: `graph` may be without weights.
Estimate estimate(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware, int images);

}  // namespace xloop
