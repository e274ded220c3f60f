#pragma once

#include "core/workload/float_network.hpp"
#include "systemc_model/chip/running_network.hpp"

#include <vector>

namespace xloop {

/// Real value of one weight step of each output of a matrix layer, as batch normalisation folded into it and corrections leave it.
std::vector<double> weight_steps(const WorkloadGraph& graph, int layer);

/// The float network with the weights that a chip's arrays realise (LayerArrays::effective_weights: wires, spread, faults; the mean over
/// the copies of a layer) and the chip's corrections, batch normalisation folded: what is left of the chip without converters, noise and rounding
/// of maps. `network`: what was quantised to the chip's graph. Of exact integers their weights.
FloatNetwork effective_network(const FloatNetwork& network, const RunningNetwork& running);

}  // namespace xloop
