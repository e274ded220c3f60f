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
/// gives the equations. Counts equal the cycle model's; cycles are near the cycle model's unless `contended` names a place.
struct Estimate {
    /// Where parts hold each other up more than the closed form follows.
    struct Contended {
        std::string where;   ///< tile, layer or "network"
        std::string what;    ///< bus, buffer port, vector unit, network port, stream without slack
        double load = 0;     ///< share of the interval, or of a layer's time, that it is busy
        std::string reason;  ///< in words
    };
    struct Layer {
        std::string name;
        std::uint64_t start_cycle = 0, end_cycle = 0;  ///< of the first image, from the start of the run
        std::uint64_t cycles() const { return end_cycle - start_cycle; }
    };
    std::uint64_t latency_cycles = 0;  ///< of the first image: first input byte to last logit
    std::uint64_t interval_cycles =
        0;                     ///< between the ends of two images (layer by layer: the latency); of several rounds:
                               ///< the whole run over its images
    std::uint64_t cycles = 0;  ///< of all images and rounds, cells written between rounds
    std::vector<Layer> layers;
    std::vector<Contended> contended;  ///< of all rounds; empty: latency, interval and layers can be trusted
    ActivityRecord activity;           ///< of all images
};

enum class EstimateDetail {
    classes,  ///< all instances of the activity are one, "chip"
    instances,
};

/// Needs shapes only: the graph may be without weights.
Estimate estimate(const MappedNetwork& network, int images, EstimateDetail detail = EstimateDetail::instances);

}  // namespace xloop
