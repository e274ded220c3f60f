#pragma once

#include "core/workload/workload_graph.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// What the integer network reads for real images, [count][C][H][W], as they are before its normalisation: 8 bits a value,
/// image by image, position by position; for run_images.
std::vector<std::uint8_t> input_pixels(const WorkloadGraph& graph, const float* images, int count);

}  // namespace xloop
