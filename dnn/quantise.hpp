#pragma once

#include "core/workload/float_network.hpp"
#include "core/workload/precision.hpp"
#include "core/workload/quantise_config.hpp"
#include "core/workload/workload_graph.hpp"
#include "dnn/supernet.hpp"

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Real value of one weight step for each output channel, float64 [out]: max |w| / 127 of the channel (8 bits), or of the
/// whole tensor with `per_tensor` (the output layer, whose logits are compared with each other). Rule mse: the fraction of
/// that with the least squared error. 1 bit: the mean magnitude (Rastegari et al., arXiv 1603.05279). Never 0: a channel of
/// zeros takes the largest scale of the tensor. weight: [out][in][kernel height][kernel width].
torch::Tensor weight_scales(const torch::Tensor& weight, bool per_tensor, int bits = 8,
                            WeightRangeRule rule = WeightRangeRule::max);

/// round(weight / scale) within largest_weight(bits), with 1 bit the sign, in the order of WorkloadGraph: [out][row],
/// row = (ky * kw + kx) * in + c.
std::vector<std::int8_t> integer_weights(const torch::Tensor& weight, const torch::Tensor& scales, int bits = 8);

/// These scales [out], but none so small that an int32 bias b / (s_in * s_w) has no room for the sum beside it: a channel of
/// tiny weights takes a larger one. `one_step`: the largest for all. bias: float64 [out]; never 0.
torch::Tensor scales_with_room(const torch::Tensor& scales, const torch::Tensor& bias, double input_scale,
                               bool one_step);

/// Scale, zero point and bits of the input of `graph` for values from `low` to `high` before its own normalisation.
void set_input_steps(WorkloadGraph& graph, double low, double high);

/// The zero point of a range that holds 0, of integers from 0 to `steps`; never 0, which would be a signed edge.
int zero_point_of(double low, double high, int steps);

/// Integer weights of a layer, outputs x rows, and the real value of one weight step of each output.
struct IntegerMatrix {
    std::vector<std::int8_t> weights;
    std::vector<double> scales;
};

/// Those of weight_scales, narrowed to `bits` bits as a network is narrowed to its hardware (narrow_weights).
IntegerMatrix integer_matrix(const torch::Tensor& weight, bool per_tensor, int bits);

struct QuantiseOptions {
    QuantiseConfig config;
    std::vector<LayerBits> bits;  ///< of each layer, as set_precision takes them, at most 8; none: 8, or those
                                  ///< of the training
    double input_low = 0.0, input_high = 1.0;  ///< of the input's values, before the network's own normalisation
    LayerHooks* hooks = nullptr;  ///< those the network will run with: only scales of activations depend on them
    /// The module's network where that has steps (core/workload/float_network.hpp), which are taken instead of calibrated ones.
    const FloatNetwork* trained_steps = nullptr;
};

/// The integer network (`config.equalise` is for who makes the module: equalise() in core/workload/equalise.hpp), with the arithmetic of core/workload/digital.hpp.
///
/// Batch normalisation is folded into the weights, which are integers per output channel (Jacob et al., arXiv 1712.05877,
/// with symmetric weights). The range of each edge is found by the rule of `config` among the values that the real network
/// shows over `calibration_images` [N, C, H, W]; edges with a zero point have a range of two ends, others one of magnitudes; a
/// layer without factors keeps the steps of its input. Sums that are looked up in a table (needs_table) have a step of their
/// own, by the same rule, but no larger than the function needs to saturate.
/// With `trained_steps` the integers are those of the training: round(w / step), times the sign of what batch normalisation
/// multiplies the channel with, whose magnitude goes into the scale; widths are those of the training, and KeyError says where
/// `bits` are others.
///
/// Throws Error when there are no images or the network is searchable. Leaves the module in evaluation mode.
WorkloadGraph quantise(Supernet& concrete, const torch::Tensor& calibration_images, const std::string& name,
                       const QuantiseOptions& options = {});

}  // namespace xloop
