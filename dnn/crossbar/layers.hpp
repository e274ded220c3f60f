#pragma once

#include "core/hardware_config.hpp"
#include "dnn/crossbar/windows.hpp"

#include <torch/arg.h>
#include <torch/expanding_array.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>
#include <limits>
#include <memory>

namespace xloop {

class ProgrammedLayer;
struct CrossbarChip;

/// How the gradient of the weights is computed; that of the inputs always goes through what the arrays realise.
enum class WeightGradient {
    straight_through,  ///< as if the arrays multiplied with the weights (Bengio et al., arXiv 1308.3432)
    own_path,          ///< besides, each weight times what its own cells do to its own row and column
    exact              ///< through the wires: every cell acts on every row and column
};

/// The arrays behind a layer and how it is trained on them.
struct CrossbarLayerOptions {
    HardwareConfig hardware;
    /// Keys the arrays' devices and noise: a different number for each layer of a chip, 0 to 4095.
    int layer = 0;
    /// Training: arrays take new weights after this many forward passes ...
    int refresh_steps = 1;
    /// ... or when a weight has moved by more than this share of the largest since they were programmed.
    double refresh_bound = std::numeric_limits<double>::infinity();
    WeightGradient weight_gradient = WeightGradient::straight_through;
    /// Read negative inputs in a pass of their own; else they count as 0.
    bool signed_inputs = false;
    /// Real value of one of the 2^numerics.activation_bits - 1 input steps; 0: the largest input seen in training mode over
    /// their number.
    double input_scale = 0.0;
    /// With observed scale: the percentile of a batch's (absolute) inputs that counts as its largest.
    double input_percentile = 100.0;
    /// For adc.range calibrated: the sum, in level steps, that the ADC's last code stands for. 0: measured on the first
    /// batch in training mode.
    double adc_range_levels = 0.0;
    int threads = 1;
};

/// As torch::nn::Conv2dOptions, zero padding only. Pairs are (height, width).
struct CrossbarConv2dOptions {
    CrossbarConv2dOptions(std::int64_t in_channels, std::int64_t out_channels, torch::ExpandingArray<2> kernel_size)
        : in_channels_(in_channels), out_channels_(out_channels), kernel_size_(kernel_size) {}
    TORCH_ARG(std::int64_t, in_channels);
    TORCH_ARG(std::int64_t, out_channels);
    TORCH_ARG(torch::ExpandingArray<2>, kernel_size);
    TORCH_ARG(torch::ExpandingArray<2>, stride) = 1;
    TORCH_ARG(torch::ExpandingArray<2>, padding) = 0;
    TORCH_ARG(torch::ExpandingArray<2>, dilation) = 1;
    TORCH_ARG(std::int64_t, groups) = 1;
    TORCH_ARG(bool, bias) = true;
};

/// As torch::nn::LinearOptions.
struct CrossbarLinearOptions {
    CrossbarLinearOptions(std::int64_t in_features, std::int64_t out_features)
        : in_features_(in_features), out_features_(out_features) {}
    TORCH_ARG(std::int64_t, in_features);
    TORCH_ARG(std::int64_t, out_features);
    TORCH_ARG(bool, bias) = true;
};

/// What the two layers share. The forward pass is that of the arrays: integer weights with a scale for each output, integer
/// inputs (of the widths in hardware.numerics, up to 8 bits), wires, devices, noise, ADCs. The backward pass is smooth (docs/crossbar_layers.md), without a second
/// derivative.
///
/// Noise is keyed by (image, output position): image n of a batch is read as image_offset() + n, and every forward pass
/// moves the offset on by its batch, so that repeated passes draw new noise. With the same offsets the result of an image
/// has the same bits in any batch and on any number of threads.
class CrossbarLayerImpl : public torch::nn::Module {
public:
    torch::Tensor weight, bias;  ///< bias is undefined without one
    torch::Tensor input_range;   ///< largest input observed in training mode, float64; 0: none yet
    torch::Tensor adc_range;     ///< measured adc_range_levels, float64; 0: not measured

    const CrossbarLayerOptions& crossbar() const { return crossbar_; }
    std::int64_t image_offset() const { return image_offset_; }
    void set_image_offset(std::int64_t image);
    /// Programs the arrays with the weights as they are now. Forward passes do so by themselves: in training mode by the
    /// options' refresh rules, in evaluation mode whenever the weights are not those that are programmed. Throws InputError
    /// when adc.range is calibrated and no range is known yet.
    void program();
    /// How often the arrays were programmed.
    int programmings() const { return programmings_; }
    /// The weights that the arrays realise, before the ADC, in the shape of `weight`; programs them if need be.
    torch::Tensor effective_weight();

protected:
    /// Throws InputError when shape, options or hardware make no sense.
    CrossbarLayerImpl(const ConvShape& shape, CrossbarLayerOptions crossbar, int weight_dimensions, bool with_bias);
    /// float [N][channels][height][width] -> [N][outputs][height][width].
    torch::Tensor run(const torch::Tensor& maps);

private:
    torch::Tensor four_dimensional(const torch::Tensor& weights) const;
    double input_scale(const torch::Tensor& maps);
    void measure_adc_range(const torch::Tensor& maps, double scale);
    double adc_range_levels() const;
    std::shared_ptr<const ProgrammedLayer> programmed_on(std::shared_ptr<const CrossbarChip> chip, double range) const;
    bool must_program() const;

    ConvShape shape_;
    CrossbarLayerOptions crossbar_;
    std::shared_ptr<const CrossbarChip> chip_;
    std::shared_ptr<const ProgrammedLayer> programmed_;
    torch::Tensor programmed_weight_;
    int passes_ = 0;  ///< in training mode since programming
    int programmings_ = 0;
    std::int64_t image_offset_ = 0;
};

/// float [N][in channels][height][width] -> [N][out channels][...]. Parameters are initialised as those of
/// torch::nn::Conv2d.
class CrossbarConv2dImpl : public CrossbarLayerImpl {
public:
    CrossbarConv2dImpl(const CrossbarConv2dOptions& options, CrossbarLayerOptions crossbar);
    torch::Tensor forward(const torch::Tensor& x) { return run(x); }
};
TORCH_MODULE(CrossbarConv2d);

/// float [...][in features] -> [...][out features]; each vector counts as an image.
class CrossbarLinearImpl : public CrossbarLayerImpl {
public:
    CrossbarLinearImpl(const CrossbarLinearOptions& options, CrossbarLayerOptions crossbar);
    torch::Tensor forward(const torch::Tensor& x);
};
TORCH_MODULE(CrossbarLinear);

}  // namespace xloop
