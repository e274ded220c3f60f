#pragma once

#include "dnn/crossbar/layers.hpp"
#include "dnn/crossbar/programmed_layer.hpp"

#include <torch/types.h>

#include <cstdint>
#include <memory>

namespace xloop {

/// One forward pass of maps through programmed arrays, and how it is differentiated.
struct CrossbarPass {
    std::shared_ptr<const ProgrammedLayer> layer;
    double scale = 1.0, steps = 255.0;  ///< of the inputs: real value of one, number
    std::int64_t first_image = 0;       ///< keys the noise of the first image
    bool signed_inputs = false;
    WeightGradient weight_gradient = WeightGradient::straight_through;
    int threads = 1;
};

/// float [N][channels][height][width] -> float [N][outputs][height][width], without bias. Gradients pass to `maps` and `weight` ([outputs]
/// [channels per group][kernel height][kernel width]), which stands for what is programmed.
torch::Tensor crossbar_product(const torch::Tensor& maps, const torch::Tensor& weight, const CrossbarPass& pass);

/// The largest of the values, or of their magnitudes for signed inputs: what `percent` of them do not exceed.
double input_range_of(const torch::Tensor& maps, bool signed_inputs, double percent = 100.0);

/// The sum, in level steps, that the percentile adc.percentile of what the ADCs see of these maps does not exceed; at least 1.
/// Made on arrays with a full-scale range.
double measured_adc_range(const HardwareConfig& hardware, const ConvShape& shape, const IntegerMatrix& matrix,
                          int layer, const torch::Tensor& maps, double scale, bool signed_inputs, int threads);

}  // namespace xloop
