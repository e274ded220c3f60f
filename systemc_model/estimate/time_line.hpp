#pragma once

#include "systemc_model/estimate/activity_count.hpp"

#include <vector>

namespace xloop {

/// One round on an idle chip, in cycles of the digital clock from the round's first import.
struct RoundTimes {
    struct Layer {
        int layer = 0;
        double start = 0, end = 0;   ///< first fetch, last position sent
    };
    double latency = 0;              ///< of the first image: to the arrival of the last position at the i/o node
    double interval = 0;             ///< between images
    std::vector<Layer> layers;
};

/// `activity`: what `images` images of the round count; it says how busy the shared parts are.
RoundTimes estimate_round(const FlowGeometry& geometry, const Mapping& mapping, const HardwareConfig& hardware,
                          const FlowPlan& plan, const RoundActivity& activity, int images);

}  // namespace xloop
