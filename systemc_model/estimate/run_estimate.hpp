#pragma once

#include "systemc_model/estimate/contention.hpp"
#include "systemc_model/estimate/time_line.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Counts and times of all rounds of a mapped network.
struct RunEstimate {
    struct Layer {
        std::uint64_t start_cycle = 0, end_cycle = 0;  ///< of the first image, from the start of the run
    };
    std::vector<RoundActivity> rounds;                                  ///< of all images
    std::vector<std::uint64_t> round_cycles;                            ///< without the writes before it
    std::uint64_t latency_cycles = 0, interval_cycles = 0, cycles = 0;  ///< as in Estimate
    std::vector<Layer> layers;
    std::vector<Contention> contended;  ///< of all rounds
};

/// Its events by layer; all instances are one, "chip": class totals do not depend on how events are spread.
ActivityRecord class_activity(const RunEstimate& run, const HardwareKinds& kinds);

/// `runs`: of the calls before for this geometry, or null; the figures are the same with and without.
RunEstimate estimate_run(const FlowGeometry& geometry, const MappedNetwork& network, int images,
                         LayerRuns* runs = nullptr);

}  // namespace xloop
