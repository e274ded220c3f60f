#pragma once

#include "core/workload/workload_graph.hpp"
#include "dnn/supernet.hpp"

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Real value of one weight step for each output channel, float64 [out]: max |w| / 127 of the channel, or of the whole
/// tensor with `per_tensor` (the output layer, whose logits are compared with each other). Never 0: a channel of
/// zeros takes the largest scale of the tensor. weight: [out][in][kernel height][kernel width].
torch::Tensor weight_scales(const torch::Tensor& weight, bool per_tensor);

/// round(weight / scale) in [-127, 127], in the order of WorkloadGraph: [out][row], row = (ky * kw + kx) * in + c.
std::vector<std::int8_t> integer_weights(const torch::Tensor& weight, const torch::Tensor& scales);

/// Integer weights of a layer, outputs x rows, and the real value of one weight step of each output.
struct IntegerMatrix {
    std::vector<std::int8_t> weights;
    std::vector<double> scales;
};

/// Those of weight_scales, narrowed to `bits` bits as a network is narrowed to its hardware (narrow_weights).
IntegerMatrix integer_matrix(const torch::Tensor& weight, bool per_tensor, int bits);

/// The integer network of 8 bits, with the arithmetic of core/workload/digital.hpp. Hardware of fewer bits narrows it
/// (map_network).
///
/// Batch normalisation is folded into the weights, which are int8 per output channel (Jacob et al.,
/// arXiv 1712.05877, with symmetric weights). The scale of each edge is the 99.99th percentile of the magnitudes that
/// the real network shows over `calibration_images` [N, C, H, W], divided by 255 on unsigned edges and 127 on signed
/// ones (our choice: at 99.9 clipping, not rounding, is most of the error with 8 bits); a maximum pool keeps the scale
/// of its input. Sums that are looked up in a table (needs_table) have a step of their own, by the same percentile of
/// their magnitudes, but no larger than the function needs to saturate. `offsets` are those the network will run with,
/// if any: only the activation scales depend on them.
/// Throws Error when there are no images or the network is searchable. Leaves the module in evaluation mode.
WorkloadGraph quantise(Supernet& concrete, const torch::Tensor& calibration_images, const std::string& name,
                       const WeightOffsets* offsets = nullptr);

}  // namespace xloop
