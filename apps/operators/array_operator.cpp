#include "apps/operators/array_operator.hpp"

#include "apps/operators/arguments.hpp"
#include "apps/operators/torch_state.hpp"
#include "core/error.hpp"
#include "core/hardware_variants.hpp"
#include "training/training_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace xloop {
namespace {

void check_weight(const torch::Tensor& weight, int axes) {
    if (weight.dim() != axes || !weight.device().is_cpu() || weight.scalar_type() != torch::kFloat32)
        throw InputError(
            fmt::format("crossbar layer: expected a weight of {} axes, float32, on the CPU, got [{}], {}, {}", axes,
                        fmt::join(weight.sizes(), ", "), toString(weight.scalar_type()), weight.device().str()));
}

}  // namespace

LayerOperator::LayerOperator(const Arguments& arguments) : arguments_(arguments) {
    auto& [hardware, settings, layer, input_scale, input_percentile, signed_inputs, weight_gradient, refresh_steps,
           refresh_bound, adc_range_levels, threads] = arguments_;
    options_.hardware = hardware_of(hardware, settings);
    options_.layer = small_number("layer", layer);
    options_.input_scale = input_scale;
    options_.input_percentile = input_percentile;
    options_.signed_inputs = signed_inputs;
    options_.weight_gradient =
        static_cast<WeightGradient>(choice_of<ArrayGradient>("weight_gradient", weight_gradient));
    options_.refresh_steps = small_number("refresh_steps", refresh_steps);
    options_.refresh_bound = refresh_bound;
    options_.adc_range_levels = adc_range_levels;
    options_.threads = small_number("threads", threads);
    if (options_.hardware.is_digital())
        throw KeyError("tile.engine", "these layers have analog arrays in them; expected analog");
    hardware = hardware_yaml(options_.hardware);
    settings.clear();
}

template <class Layer, class Options>
torch::Tensor LayerOperator::forward(const torch::Tensor& x, const ArrayOperands& operands, const Options& options,
                                     const std::string& shape) {
    const std::lock_guard<std::mutex> lock(one_at_a_time_);
    if (!layer_) {
        const KeptTorchState kept;  // the layer draws first weights of its own
        Layer layer(options, options_);
        layer->set_image_offset(image_offset_);
        run_ = [layer](const torch::Tensor& maps) mutable { return layer->forward(maps); };
        layer_ = layer.ptr();
        shape_ = shape;
    }
    if (shape != shape_)
        throw InputError(
            fmt::format("crossbar layer: these arrays are those of {}, and this is {}; a layer has arrays "
                        "of its own",
                        shape_, shape));
    layer_->weight = operands.weight;
    layer_->bias = operands.bias;
    layer_->input_range = operands.input_range;
    layer_->adc_range = operands.adc_range;
    layer_->train(operands.training);
    return run_(x);
}

torch::Tensor LayerOperator::conv2d(const torch::Tensor& x, const ArrayOperands& operands,
                                    torch::ExpandingArray<2> stride, torch::ExpandingArray<2> padding,
                                    torch::ExpandingArray<2> dilation, std::int64_t groups) {
    check_weight(operands.weight, 4);
    const auto sizes = operands.weight.sizes();
    const auto options = CrossbarConv2dOptions(sizes[1] * groups, sizes[0], {sizes[2], sizes[3]})
                             .stride(stride)
                             .padding(padding)
                             .dilation(dilation)
                             .groups(groups);
    return forward<CrossbarConv2d>(
        x, operands, options,
        fmt::format("a convolution with weight [{}], stride [{}], padding [{}], dilation [{}], "
                    "{} groups",
                    fmt::join(sizes, ", "), fmt::join(*stride, ", "), fmt::join(*padding, ", "),
                    fmt::join(*dilation, ", "), groups));
}

torch::Tensor LayerOperator::linear(const torch::Tensor& x, const ArrayOperands& operands) {
    check_weight(operands.weight, 2);
    const auto sizes = operands.weight.sizes();
    return forward<CrossbarLinear>(x, operands, CrossbarLinearOptions(sizes[1], sizes[0]),
                                   fmt::format("a linear layer with weight [{}]", fmt::join(sizes, ", ")));
}

torch::Tensor LayerOperator::effective_weight() {
    const std::lock_guard<std::mutex> lock(one_at_a_time_);
    if (!layer_)
        throw InputError("effective_weight: expected a forward pass before, which brings the weight");
    return layer_->effective_weight();
}

std::int64_t LayerOperator::image_offset() {
    const std::lock_guard<std::mutex> lock(one_at_a_time_);
    return layer_ ? layer_->image_offset() : image_offset_;
}

void LayerOperator::set_image_offset(std::int64_t image) {
    if (image < 0)
        throw InputError(fmt::format("set_image_offset: expected 0 or more, got {}", image));
    const std::lock_guard<std::mutex> lock(one_at_a_time_);
    image_offset_ = image;
    if (layer_)
        layer_->set_image_offset(image);
}

std::int64_t LayerOperator::programmings() {
    const std::lock_guard<std::mutex> lock(one_at_a_time_);
    return layer_ ? layer_->programmings() : 0;
}

LayerOperator::State LayerOperator::state() { return {arguments_, image_offset()}; }

c10::intrusive_ptr<LayerOperator> LayerOperator::from_state(const State& state) {
    auto made = c10::make_intrusive<LayerOperator>(std::get<0>(state));
    made->set_image_offset(std::get<1>(state));
    return made;
}

}  // namespace xloop
