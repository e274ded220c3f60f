#pragma once

#include "core/workload/workload_graph.hpp"

#include <vector>

namespace xloop {

/// Widths that a layer works with.
struct LayerBits {
    int weights = 8;      ///< class matrix
    int activations = 8;  ///< of what it reads
};

/// Gives the edges and weights of a network these widths, one entry for each layer; where it has fewer than 8 bits already,
/// it keeps them at most. A map has the most bits that any of its readers asks for; layers that keep the steps of their input
/// (FactorRule::none) ask for what their own readers ask for.
void set_precision(WorkloadGraph& graph, const std::vector<LayerBits>& layers);

}  // namespace xloop
