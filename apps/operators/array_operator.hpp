#pragma once

#include "dnn/crossbar/layers.hpp"

#include <torch/custom_class.h>
#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace xloop {

/// The tensors of a layer that its owner keeps, and how it is run. `input_range` and `adc_range` are numbers (no axes) that
/// training mode writes, as batch normalisation writes its statistics: CrossbarLayerImpl says what they hold.
struct ArrayOperands {
    torch::Tensor weight, bias;  ///< bias may be undefined
    torch::Tensor input_range, adc_range;
    bool training = false;
};

/// The arrays of one layer of a LibTorch network: CrossbarConv2d or CrossbarLinear (dnn/crossbar/layers.hpp) without parameters of
/// their own. What is programmed stays until weights change, by that class's rules. One call at a time; others wait.
class LayerOperator : public torch::CustomClassHolder {
public:
    /// Hardware and settings (hardware_of), then CrossbarLayerOptions: layer, input_scale, input_percentile, signed_inputs,
    /// weight_gradient by name, refresh_steps, refresh_bound, adc_range_levels, threads.
    using Arguments = std::tuple<std::string, std::vector<std::string>, std::int64_t, double, double, bool, std::string,
                                 std::int64_t, double, double, std::int64_t>;
    /// Throws InputError where they make no sense; for what the layer's shape decides, in the first call.
    explicit LayerOperator(const Arguments& arguments);

    /// x: float [N][channels][height][width], weight [out][channels / groups][kernel height][kernel width]. Pairs are (height, width).
    torch::Tensor conv2d(const torch::Tensor& x, const ArrayOperands& operands, torch::ExpandingArray<2> stride,
                         torch::ExpandingArray<2> padding, torch::ExpandingArray<2> dilation, std::int64_t groups);
    /// x: float [...][in features], weight [out features][in features].
    torch::Tensor linear(const torch::Tensor& x, const ArrayOperands& operands);

    /// What the arrays realise of the last call's weight, in its shape, before the ADC.
    torch::Tensor effective_weight();
    /// Noise is keyed by it (CrossbarLayerImpl).
    std::int64_t image_offset();
    void set_image_offset(std::int64_t image);
    /// How often the arrays were programmed.
    std::int64_t programmings();
    /// All of it, as text.
    const std::string& hardware() const { return std::get<0>(arguments_); }

    /// All that it takes to make it again, arrays excepted, which follow from the weights: arguments with the whole hardware as
    /// text, and the image offset.
    using State = std::tuple<Arguments, std::int64_t>;
    State state();
    static c10::intrusive_ptr<LayerOperator> from_state(const State& state);

private:
    template <class Layer, class Options>
    torch::Tensor forward(const torch::Tensor& x, const ArrayOperands& operands, const Options& options,
                          const std::string& shape);

    std::mutex one_at_a_time_;
    Arguments arguments_;
    CrossbarLayerOptions options_;
    std::int64_t image_offset_ = 0;  ///< of the first call
    std::shared_ptr<CrossbarLayerImpl> layer_;
    std::function<torch::Tensor(const torch::Tensor&)> run_;
    std::string shape_;  ///< of the layer, in words
};

}  // namespace xloop
