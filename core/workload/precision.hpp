#pragma once

#include "core/workload/workload_graph.hpp"

#include <vector>

namespace xloop {

/// Widths that a layer works with.
struct LayerBits {
    int weights = 8;      ///< class matrix
    int activations = 8;  ///< of what it reads
};

/// Gives the edges and weights of a network these widths, one entry for each layer. A map has the most bits that any of its
/// readers asks for; layers that keep the steps of their input (FactorRule::none) ask for what their own readers ask for, and
/// a signed edge has 2 bits at least.
///
/// In a network with weights no width grows, and what narrows is requantised (docs/modelling.md, "Fewer bits"): weights,
/// steps, zero points, biases, factors and tables, so that real values stay what they were as nearly as the new steps allow.
/// A layer whose widths have changed has no calibrated ADC range any more. Widths that are those of the network already
/// change nothing.
void set_precision(WorkloadGraph& graph, const std::vector<LayerBits>& layers);

}  // namespace xloop
