#pragma once

#include "core/workload/workload_graph.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Widths that a layer works with.
struct LayerBits {
    int weights = 8;      ///< class matrix
    int activations = 8;  ///< of what it reads
};

/// Gives the edges and weights of a network these widths, one entry for each layer. A map has the most bits that any of its
/// readers asks for; layers that keep the steps of their input (FactorRule::none) ask for what their own readers ask for, and
/// a signed edge has 2 bits at least. Where a network has fewer than 8 bits already it keeps them at most.
///
/// In a network with weights what narrows is requantised (docs/modelling.md, "Fewer bits"): weights,
/// steps, zero points, biases, factors and tables, so that real values stay what they were as nearly as the new steps allow.
/// A layer whose widths have changed has no calibrated ADC range any more. Widths that are those of the network already
/// change nothing; beyond 8 bits, there and back, only the widths change, as events are counted but no values computed then.
void set_precision(WorkloadGraph& graph, const std::vector<LayerBits>& layers);

/// Weights, row after row of a matrix, and for each row its step over that before.
struct NarrowWeights {
    std::vector<std::int8_t> weights;
    std::vector<double> growth;
};

/// Weights of `from` bits with `to` bits, unless they have no more already. With 1 bit they are -1 and 1 in steps of the row's
/// mean magnitude, with `one_step` of that of all rows, as sums that are compared need (Rastegari et al., ECCV 2016,
/// "XNOR-Net").
NarrowWeights narrow_weights(std::vector<std::int8_t> weights, int rows, int from, int to, bool one_step);

}  // namespace xloop
