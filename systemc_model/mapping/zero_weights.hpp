#pragma once

#include "core/hardware_kinds.hpp"
#include "core/workload/workload_graph.hpp"

#include <memory>
#include <vector>

namespace xloop {

/// What arrays hold of a layer's matrix with mapping.skip_zero_weights: rows and outputs that are not all zero in some group.
/// Null where that is everything, and without weights.
std::shared_ptr<const HeldMatrix> held_matrix(const GraphLayer& layer);

/// The weights that are not zero in the fullest column of the layer's arrays, of the rows that a read drives; at least 1. A column
/// is that of an output in one array. A network without weights has no zeros.
int fullest_column(const GraphLayer& layer, const HardwareConfig& hardware);

/// AdcConfig::spared_bits of each layer, of hardware without them: with adc.bits_by_column floor(log2(rows of a read / fullest_column)),
/// which leaves 2 bits at least; else 0. Rule of D.U.B. pruning (Ibrayev et al., arXiv 2403.13082): bits = base - log2(1 / (1 - s))
/// at a share s of zeros in a column, rows without weights included.
std::vector<int> spared_bits(const WorkloadGraph& graph, const HardwareKinds& kinds);

}  // namespace xloop
