#include "apps/operators/array_operator.hpp"
#include "apps/operators/network_operator.hpp"

#include <torch/library.h>

#include <limits>

// docs/python.md describes operators and classes.
namespace xloop {
namespace {

using Strings = std::vector<std::string>;
using torch::arg;

torch::Tensor conv2d(const torch::Tensor& x, const torch::Tensor& weight, const c10::optional<torch::Tensor>& bias,
                     const c10::intrusive_ptr<LayerOperator>& arrays, const torch::Tensor& input_range,
                     const torch::Tensor& adc_range, torch::IntArrayRef stride, torch::IntArrayRef padding,
                     torch::IntArrayRef dilation, std::int64_t groups, bool training) {
    return arrays->conv2d(x, {weight, bias.value_or(torch::Tensor()), input_range, adc_range, training}, stride,
                          padding, dilation, groups);
}

torch::Tensor linear(const torch::Tensor& x, const torch::Tensor& weight, const c10::optional<torch::Tensor>& bias,
                     const c10::intrusive_ptr<LayerOperator>& arrays, const torch::Tensor& input_range,
                     const torch::Tensor& adc_range, bool training) {
    return arrays->linear(x, {weight, bias.value_or(torch::Tensor()), input_range, adc_range, training});
}

c10::intrusive_ptr<LayerOperator> make_layer(const std::string& hardware, const Strings& settings, std::int64_t layer,
                                             double input_scale, double input_percentile, bool signed_inputs,
                                             const std::string& weight_gradient, std::int64_t refresh_steps,
                                             double refresh_bound, double adc_range_levels, std::int64_t threads) {
    return c10::make_intrusive<LayerOperator>(
        LayerOperator::Arguments{hardware, settings, layer, input_scale, input_percentile, signed_inputs,
                                 weight_gradient, refresh_steps, refresh_bound, adc_range_levels, threads});
}

c10::intrusive_ptr<NetworkOperator> make_network(const std::string& model, const std::string& hardware,
                                                 const Strings& settings,
                                                 const c10::optional<torch::Tensor>& calibration,
                                                 const std::string& engine, const std::string& ranges, bool recalibrate,
                                                 bool effective_weights, const std::vector<std::int64_t>& input_shape,
                                                 std::int64_t threads) {
    NetworkArguments arguments{model,  hardware,    settings,          {},          engine,
                               ranges, recalibrate, effective_weights, input_shape, threads};
    if (calibration)
        arguments.calibration = *calibration;
    return NetworkOperator::make(arguments);
}

}  // namespace

TORCH_LIBRARY(xloop, m) {
    const CrossbarLayerOptions layer;
    m.class_<LayerOperator>("Arrays")
        .def(torch::init(&make_layer), "the arrays of one layer",
             {arg("hardware") = "", arg("settings") = Strings(), arg("layer") = std::int64_t{layer.layer},
              arg("input_scale") = layer.input_scale, arg("input_percentile") = layer.input_percentile,
              arg("signed_inputs") = layer.signed_inputs, arg("weight_gradient") = "straight_through",
              arg("refresh_steps") = std::int64_t{layer.refresh_steps}, arg("refresh_bound") = layer.refresh_bound,
              arg("adc_range_levels") = layer.adc_range_levels, arg("threads") = std::int64_t{layer.threads}})
        .def("effective_weight", &LayerOperator::effective_weight)
        .def("image_offset", &LayerOperator::image_offset)
        .def("set_image_offset", &LayerOperator::set_image_offset)
        .def("programmings", &LayerOperator::programmings)
        .def("hardware", [](const c10::intrusive_ptr<LayerOperator>& self) { return self->hardware(); })
        .def_pickle([](const c10::intrusive_ptr<LayerOperator>& self) { return self->state(); },
                    [](const LayerOperator::State& state) { return LayerOperator::from_state(state); });

    const NetworkArguments network;
    m.class_<NetworkOperator>("Network")
        .def(torch::init(&make_network), "a trained network on an engine",
             {arg("model"), arg("hardware") = "", arg("settings") = Strings(), arg("calibration") = torch::nullopt,
              arg("engine") = network.engine, arg("ranges") = network.ranges, arg("recalibrate") = network.recalibrate,
              arg("effective_weights") = network.effective_weights, arg("input_shape") = std::vector<std::int64_t>(),
              arg("threads") = network.threads})
        .def("forward", &NetworkOperator::forward, "", {arg("images"), arg("first") = std::int64_t{0}})
        .def("estimate", &NetworkOperator::estimate, "", {arg("cost_table"), arg("images") = std::int64_t{1}})
        .def("save", &NetworkOperator::save, "", {arg("folder")})
        .def("hardware", &NetworkOperator::hardware)
        .def_pickle([](const c10::intrusive_ptr<NetworkOperator>& self) { return self->state(); },
                    [](const NetworkOperator::State& state) { return NetworkOperator::from_state(state); });

    m.def(
        "conv2d(Tensor x, Tensor weight, Tensor? bias, __torch__.torch.classes.xloop.Arrays arrays, "
        "Tensor(a!) input_range, Tensor(b!) adc_range, int[2] stride=1, int[2] padding=0, int[2] dilation=1, "
        "int groups=1, bool training=False) -> Tensor",
        &conv2d);
    m.def(
        "linear(Tensor x, Tensor weight, Tensor? bias, __torch__.torch.classes.xloop.Arrays arrays, "
        "Tensor(a!) input_range, Tensor(b!) adc_range, bool training=False) -> Tensor",
        &linear);
}

}  // namespace xloop
