#pragma once

#include "attacks/hardware_faults.hpp"
#include "core/progress.hpp"
#include "core/workload/float_network.hpp"
#include "dnn/data/image_set.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Progressive search (Rakin et al., arXiv 1903.12269): `count` times the one fault of one weight that raises the mean cross entropy over
/// the images most. In each layer the fault with the largest product of gradient and change is the candidate; the layer is chosen by the
/// loss that its candidate gives. The network computes with the weights of `graph`, its integer form, in float32; `images`: pixels.
std::vector<WeightFault> ranked_faults(const FloatNetwork& network, const Preprocessing& how,
                                       const WorkloadGraph& graph, const HardwareConfig& hardware, bool cells,
                                       const std::vector<std::string>& layers, const ImageSet& images, int count,
                                       const Watch& watch = {});

}  // namespace xloop
