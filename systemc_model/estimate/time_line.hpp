#pragma once

#include "systemc_model/estimate/estimate.hpp"

namespace xloop {

/// Latency of one image and the span of each layer; the rest of the result is empty.
Estimate estimate_times(const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware);

}  // namespace xloop
