#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/workload_graph.hpp"

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace xloop {

// Which weights become zero, as functions of tensors. Masks hold 1 where something stays and 0 where not. Of equal scores the
// first ones go first, so that results do not depend on how a sort breaks ties.

/// A mask of `scores`' shape without the `count` smallest.
torch::Tensor mask_without_smallest(const torch::Tensor& scores, std::int64_t count);

/// The columns of arrays that a layer's matrix is cut into.
struct ColumnGeometry {
    int rows = 1;     ///< of an array
    int at_once = 1;  ///< that a read drives
    int outs = 1;     ///< of an array
};
ColumnGeometry column_geometry(const HardwareConfig& hardware);

/// `weight` [out][in][kernel height][kernel width] -> [out][parts][at_once]: the rows (ky, kx, in) of one array and read after the
/// other, filled up with zeros.
torch::Tensor to_columns(const torch::Tensor& weight, const ColumnGeometry& geometry);
/// The reverse, for a weight of these sizes.
torch::Tensor from_columns(const torch::Tensor& columns, torch::IntArrayRef sizes, const ColumnGeometry& geometry);

/// The penalty of D.U.B. pruning (Ibrayev et al., arXiv 2403.13082) with a surrogate of ours for the L0 norm: summed over a layer's
/// arrays and reads, the variance over their columns of the share of rows with a weight, where tanh(abs(w) / 2 t) stands for
/// `w is not 0`. `threshold` is t; 0 for columns that are equally full, the last ones of a layer among themselves.
torch::Tensor column_variance(const torch::Tensor& weight, int groups, double threshold,
                              const ColumnGeometry& geometry);

/// A mask of columns [...][rows] that keeps the largest of `scores`; what is 0 is no weight. level L above 0: at most rows / 2^L of
/// each column, and 1; 0: a column that is fuller than the next rows / 2^k below by at most margin * rows is cut to it, others stay.
torch::Tensor snap_columns(const torch::Tensor& scores, int level, double margin);

/// The kinds of 3 x 3 kernels with the middle and three other weights: masks [56][3][3] (PatDNN: Niu et al., arXiv 2001.00138).
torch::Tensor all_patterns();
/// For each kernel of `weight` [out][in][3][3] the one of `count` patterns that keeps most of its sum of squares; the patterns are
/// those that most kernels would choose of all.
torch::Tensor pattern_mask(const torch::Tensor& weight, int count);

/// Channels of each layer's output that are 0 wherever `filters` (by layer; empty: all) says so of the layers that have
/// filters, through pools, activations that keep 0, sums, products and concatenations.
std::vector<std::vector<bool>> zero_channels(const WorkloadGraph& graph, const std::vector<std::vector<bool>>& filters);

/// Whether an activation function gives 0 for 0.
bool keeps_zero(const GraphLayer& layer);

}  // namespace xloop
