#pragma once

#include "dnn/crossbar/programmed_layer.hpp"

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace xloop {

/// Maps as the arrays take them, uint8 [N][height][width][channels]: one tensor, or two for signed inputs, which are
/// read in two passes, x+ and x-, and subtracted. Real value = scale * (first - second).
struct QuantisedMaps {
    std::vector<torch::Tensor> passes;
    double scale = 1.0;
};

/// How many of the conversions behind each output left the ADC's range, in layer.clip_steps() steps: for each pass and plane
/// of the layer, uint8 [N * positions][outputs], or undefined when none did.
using ClipCounts = std::vector<torch::Tensor>;

/// The product on the arrays: float [N][outputs][height][width]. Image n is read as image `first_image` + n, position p
/// (in the second pass positions + p): noise is keyed by these. `clipped`, if not null, is filled.
torch::Tensor multiply_maps(const ProgrammedLayer& layer, const QuantisedMaps& maps, std::int64_t first_image,
                            int threads, ClipCounts* clipped);

/// The sums that the layer's ADCs see, in level steps, for a sample of the maps' windows; without noise.
torch::Tensor sums_before_adc(const ProgrammedLayer& layer, const QuantisedMaps& maps);

/// d loss / d input as if the arrays were the matrices that they realise, each output counted by the share of its
/// conversions that were in range: float, for each pass, [N][height][width][channels]. One pass stands for both when
/// nothing was clipped. `gradient`: d loss / d output, float [N][outputs][height][width].
std::vector<torch::Tensor> input_gradients(const ProgrammedLayer& layer, const torch::Tensor& gradient,
                                           const QuantisedMaps& maps, const ClipCounts& clipped, int threads);

/// d loss / d weight, float [outputs][channels per group][kernel height][kernel width]. Without `path` straight-through:
/// as if the arrays multiplied with the weights; with it through wires and cells.
torch::Tensor weight_gradient(const ProgrammedLayer& layer, const torch::Tensor& gradient, const QuantisedMaps& maps,
                              const ClipCounts& clipped, std::optional<CellPath> path, int threads);

/// [outputs][rows] -> [outputs][channels per group][kernel height][kernel width].
torch::Tensor weights_of_matrix(const ConvShape& shape, const torch::Tensor& matrix);

}  // namespace xloop
