#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"

#include <cstdint>

namespace xloop {

/// With adc.range `calibrated`: sets each crossbar layer's adc_range_levels to the percentile adc.percentile of the
/// absolute sums at its ADCs over `images` images (`pixels` holds them one after the other), every read of every array of
/// a layer's first copy counted. Activations are those of the exact integer network; wires and cells are those of the
/// hardware. Other ranges leave the graph alone.
void calibrate_adc(WorkloadGraph& graph, const HardwareConfig& hardware, const std::uint8_t* pixels, int images,
                   int threads = 1);

}  // namespace xloop
