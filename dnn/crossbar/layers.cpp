#include "dnn/crossbar/layers.hpp"

#include "core/error.hpp"
#include "dnn/crossbar/crossbar_pass.hpp"
#include "dnn/crossbar/passes.hpp"
#include "dnn/quantise.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xloop {
namespace {

/// The devices' keys have room for so many layers.
constexpr int max_layers = 1 << 12;

/// Largest integer that the arrays read.
double input_steps(const HardwareConfig& hardware) { return highest_value(false, hardware.numerics.activation_bits); }

/// What a forward pass keeps for its backward one.
struct Pass : torch::CustomClassHolder {
    explicit Pass(CrossbarPass pass) : how(std::move(pass)) {}
    CrossbarPass how;
    bool differentiable = false;
};

std::optional<CellPath> path_of(WeightGradient gradient) {
    if (gradient == WeightGradient::straight_through)
        return std::nullopt;
    return gradient == WeightGradient::exact ? CellPath::exact : CellPath::own;
}

/// round(maps / scale) in [0, steps] as bytes, channels last.
torch::Tensor quantised(const torch::Tensor& maps, double scale, double steps) {
    return maps.div(scale).round_().clamp_(0, steps).to(torch::kUInt8).permute({0, 2, 3, 1}).contiguous();
}

QuantisedMaps quantised_maps(const torch::Tensor& maps, double scale, double steps, bool with_sign) {
    QuantisedMaps inputs{{quantised(maps, scale, steps)}, scale};
    if (with_sign)
        inputs.passes.push_back(quantised(maps, -scale, steps));
    return inputs;
}

/// The arrays forward, a smooth function backward.
class CrossbarProduct : public torch::autograd::Function<CrossbarProduct> {
public:
    static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& maps,
                                 const torch::Tensor& /*weight*/, const c10::intrusive_ptr<Pass>& pass) {
        const CrossbarPass& how = pass->how;
        const QuantisedMaps inputs = quantised_maps(maps, how.scale, how.steps, how.signed_inputs);
        ClipCounts clipped;
        const torch::Tensor product =
            multiply_maps(*how.layer, inputs, how.first_image, how.threads, pass->differentiable ? &clipped : nullptr);
        if (!pass->differentiable)
            return product;
        const double largest = how.steps * how.scale;
        const torch::Tensor in_range = maps.ge(how.signed_inputs ? -largest : 0.0).logical_and_(maps.le(largest));
        torch::autograd::variable_list saved{in_range};
        saved.insert(saved.end(), inputs.passes.begin(), inputs.passes.end());
        saved.insert(saved.end(), clipped.begin(), clipped.end());
        context->save_for_backward(saved);
        context->saved_data["pass"] = c10::IValue::make_capsule(pass);
        return product;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        const auto capsule = context->saved_data["pass"].toCapsule();
        const CrossbarPass& pass = static_cast<const Pass&>(*capsule).how;
        const auto saved = context->get_saved_variables();
        const auto maps_end = saved.begin() + (pass.signed_inputs ? 3 : 2);
        const QuantisedMaps inputs{{saved.begin() + 1, maps_end}, pass.scale};
        const ClipCounts clipped(maps_end, saved.end());
        const torch::Tensor gradient = gradients[0].to(torch::kFloat32);

        torch::Tensor of_maps, of_weight;
        if (context->needs_input_grad(0)) {
            const auto by_pass = input_gradients(*pass.layer, gradient, inputs, clipped, pass.threads);
            of_maps = by_pass.front();
            if (by_pass.size() > 1)
                of_maps = torch::where(inputs.passes[1].gt(0), by_pass[1], of_maps);
            of_maps = of_maps.permute({0, 3, 1, 2}).mul(saved.front());
        }
        if (context->needs_input_grad(1))
            of_weight =
                weight_gradient(*pass.layer, gradient, inputs, clipped, path_of(pass.weight_gradient), pass.threads);
        return {of_maps, of_weight, torch::Tensor()};
    }
};

void expect(bool condition, const std::string& what, const std::string& got) {
    if (!condition)
        throw InputError(fmt::format("crossbar layer: expected {}, got {}", what, got));
}

std::string sizes_text(const torch::Tensor& x) { return fmt::format("[{}]", fmt::join(x.sizes(), ", ")); }

void check(const ConvShape& s, const CrossbarLayerOptions& o) {
    expect(s.in_channels > 0 && s.out_channels > 0, "at least one input and one output channel",
           fmt::format("{} and {}", s.in_channels, s.out_channels));
    expect(s.groups > 0 && s.in_channels % s.groups == 0 && s.out_channels % s.groups == 0,
           "groups that divide input and output channels",
           fmt::format("{} groups of {} and {} channels", s.groups, s.in_channels, s.out_channels));
    const WindowAxis &y = s.window.y, &x = s.window.x;
    const auto expect_pair = [](int height, int width, int least, const char* what) {
        expect(std::min(height, width) >= least, fmt::format("a {} of at least {}", what, least),
               fmt::format("{} x {}", height, width));
    };
    expect_pair(y.kernel, x.kernel, 1, "kernel");
    expect_pair(y.stride, x.stride, 1, "stride");
    expect_pair(y.before, x.before, 0, "padding");
    expect_pair(y.dilation, x.dilation, 1, "dilation");
    expect(o.layer >= 0 && o.layer < max_layers, "a layer number from 0 to 4095", std::to_string(o.layer));
    expect(o.refresh_steps >= 1, "refresh_steps of at least 1", std::to_string(o.refresh_steps));
    expect(o.refresh_bound >= 0.0, "a refresh_bound of at least 0", std::to_string(o.refresh_bound));
    expect(o.input_scale >= 0.0 && std::isfinite(o.input_scale), "an input_scale above 0, or 0 to observe it",
           std::to_string(o.input_scale));
    expect(o.input_percentile > 0.0 && o.input_percentile <= 100.0, "an input_percentile above 0, up to 100",
           std::to_string(o.input_percentile));
    expect(o.adc_range_levels >= 0.0, "adc_range_levels above 0, or 0 to measure them",
           std::to_string(o.adc_range_levels));
    expect(o.threads >= 1, "at least one thread", std::to_string(o.threads));
    validate(o.hardware, {});
    const NumericsConfig& numerics = o.hardware.numerics;
    expect(std::max(numerics.weight_bits, numerics.activation_bits) <= 8,
           "numerics.weight_bits and numerics.activation_bits of 1 to 8",
           fmt::format("{} and {}", numerics.weight_bits, numerics.activation_bits));
}

/// The value that `percent` of all values do not exceed.
double percentile(const torch::Tensor& values, double percent) {
    const torch::Tensor flat = values.flatten();
    if (percent >= 100.0)
        return flat.max().item<double>();
    const auto rank = static_cast<std::int64_t>(std::ceil(percent / 100.0 * static_cast<double>(flat.numel())));
    return std::get<0>(flat.kthvalue(std::max<std::int64_t>(1, rank))).item<double>();
}

WindowAxis axis_of(const CrossbarConv2dOptions& o, std::size_t axis) {
    const auto of = [axis](const torch::ExpandingArray<2>& pair) { return static_cast<int>((*pair)[axis]); };
    const int padding = of(o.padding());
    return {of(o.kernel_size()), of(o.stride()), of(o.dilation()), padding, padding};
}

ConvShape shape_of(const CrossbarConv2dOptions& o) {
    ConvShape shape;
    shape.in_channels = static_cast<int>(o.in_channels());
    shape.out_channels = static_cast<int>(o.out_channels());
    shape.groups = static_cast<int>(o.groups());
    shape.window = {axis_of(o, 0), axis_of(o, 1)};
    return shape;
}

ConvShape shape_of(const CrossbarLinearOptions& o) {
    ConvShape shape;
    shape.in_channels = static_cast<int>(o.in_features());
    shape.out_channels = static_cast<int>(o.out_features());
    return shape;
}

}  // namespace

torch::Tensor crossbar_product(const torch::Tensor& maps, const torch::Tensor& weight, const CrossbarPass& how) {
    const auto pass = c10::make_intrusive<Pass>(how);
    pass->differentiable = torch::GradMode::is_enabled() && (maps.requires_grad() || weight.requires_grad());
    return CrossbarProduct::apply(maps, weight, pass);
}

double input_range_of(const torch::Tensor& maps, bool signed_inputs, double percent) {
    const torch::Tensor values = maps.detach();
    return percentile(signed_inputs ? values.abs() : values, percent);
}

double measured_adc_range(const HardwareConfig& hardware, const ConvShape& shape, const IntegerMatrix& matrix,
                          int layer, const torch::Tensor& maps, double scale, bool signed_inputs, int threads) {
    const torch::NoGradGuard no_grad;
    HardwareConfig wide = hardware;
    wide.adc.range = AdcRange::full_scale;
    wide.adc.gain_correction = GainCorrectionKind::none;  // it comes after the sums that are looked at
    const ProgrammedLayer programmed(std::make_shared<const CrossbarChip>(wide), shape, matrix, layer, 0.0, threads);
    const torch::Tensor sums =
        sums_before_adc(programmed, quantised_maps(maps, scale, input_steps(wide), signed_inputs));
    constexpr double smallest = 1.0;  // one level step, for a batch that drives nothing
    return std::max(smallest, percentile(sums.abs(), hardware.adc.percentile));
}

CrossbarLayerImpl::CrossbarLayerImpl(const ConvShape& shape, CrossbarLayerOptions crossbar, int weight_dimensions,
                                     bool with_bias)
    : shape_(shape), crossbar_(std::move(crossbar)) {
    check(shape_, crossbar_);
    if (crossbar_.hardware.is_digital())
        throw KeyError("tile.engine", "these layers have analog arrays in them; expected analog");
    chip_ = std::make_shared<const CrossbarChip>(crossbar_.hardware);
    std::vector<std::int64_t> sizes{shape_.out_channels, shape_.channels_per_group(), shape_.window.y.kernel,
                                    shape_.window.x.kernel};
    sizes.resize(static_cast<std::size_t>(weight_dimensions));
    const double bound = 1.0 / std::sqrt(shape_.rows());
    weight = register_parameter("weight", torch::empty(sizes).uniform_(-bound, bound));
    if (with_bias)
        bias = register_parameter("bias", torch::empty({shape_.out_channels}).uniform_(-bound, bound));
    input_range = register_buffer("input_range", torch::zeros({}, torch::kFloat64));
    adc_range = register_buffer("adc_range", torch::zeros({}, torch::kFloat64));
}

void CrossbarLayerImpl::set_image_offset(std::int64_t image) {
    expect(image >= 0, "an image offset of at least 0", std::to_string(image));
    image_offset_ = image;
}

torch::Tensor CrossbarLayerImpl::four_dimensional(const torch::Tensor& weights) const {
    return weights.view(
        {shape_.out_channels, shape_.channels_per_group(), shape_.window.y.kernel, shape_.window.x.kernel});
}

double CrossbarLayerImpl::input_scale(const torch::Tensor& maps) {
    if (crossbar_.input_scale > 0.0)
        return crossbar_.input_scale;
    if (is_training() && maps.numel() > 0) {
        const double largest = input_range_of(maps, crossbar_.signed_inputs, crossbar_.input_percentile);
        expect(std::isfinite(largest), "finite inputs", std::to_string(largest));
        input_range.fill_(std::max(input_range.item<double>(), largest));
    }
    const double range = input_range.item<double>();
    expect(range > 0.0 || is_training(), "an input scale: set input_scale, or run in training mode first", "none");
    return (range > 0.0 ? range : 1.0) / input_steps(crossbar_.hardware);
}

std::shared_ptr<const ProgrammedLayer> CrossbarLayerImpl::programmed_on(std::shared_ptr<const CrossbarChip> chip,
                                                                        double range) const {
    const torch::NoGradGuard no_grad;
    const int bits = crossbar_.hardware.numerics.weight_bits;
    return std::make_shared<const ProgrammedLayer>(std::move(chip), shape_,
                                                   integer_matrix(four_dimensional(weight), /*per_tensor=*/false, bits),
                                                   crossbar_.layer, range, crossbar_.threads);
}

double CrossbarLayerImpl::adc_range_levels() const {
    return crossbar_.adc_range_levels > 0.0 ? crossbar_.adc_range_levels : adc_range.item<double>();
}

void CrossbarLayerImpl::measure_adc_range(const torch::Tensor& maps, double scale) {
    const torch::NoGradGuard no_grad;
    const IntegerMatrix matrix =
        integer_matrix(four_dimensional(weight), /*per_tensor=*/false, crossbar_.hardware.numerics.weight_bits);
    adc_range.fill_(measured_adc_range(crossbar_.hardware, shape_, matrix, crossbar_.layer, maps, scale,
                                       crossbar_.signed_inputs, crossbar_.threads));
}

bool CrossbarLayerImpl::must_program() const {
    if (!programmed_)
        return true;
    const torch::NoGradGuard no_grad;
    const double moved = (weight - programmed_weight_).abs().max().item<double>();
    if (moved == 0.0)
        return false;
    return !is_training() || passes_ >= crossbar_.refresh_steps ||
           moved > crossbar_.refresh_bound * programmed_weight_.abs().max().item<double>();
}

void CrossbarLayerImpl::program() {
    expect(crossbar_.hardware.adc.range != AdcRange::calibrated || adc_range_levels() > 0.0,
           "a calibrated ADC range: set adc_range_levels, or run in training mode first", "none");
    programmed_ = programmed_on(chip_, adc_range_levels());
    programmed_weight_ = weight.detach().clone();
    passes_ = 0;
    ++programmings_;
}

torch::Tensor CrossbarLayerImpl::effective_weight() {
    if (must_program())
        program();
    std::vector<float> integers = programmed_->arrays().effective_weights();
    torch::Tensor matrix = torch::from_blob(integers.data(), {shape_.out_channels, shape_.rows()}).clone();
    for (int o = 0; o < shape_.out_channels; ++o)
        matrix[o] *= programmed_->scale(o);
    return weights_of_matrix(shape_, matrix).view_as(weight);
}

torch::Tensor CrossbarLayerImpl::run(const torch::Tensor& x) {
    expect(x.dim() == 4 && x.size(1) == shape_.in_channels && x.device().is_cpu(),
           fmt::format("maps [N, {}, height, width] on the CPU", shape_.in_channels), sizes_text(x));
    const int height = static_cast<int>(x.size(2)), width = static_cast<int>(x.size(3));
    expect(shape_.window.y.output(height) > 0 && shape_.window.x.output(width) > 0,
           "maps that the kernel fits into, padding included", fmt::format("{} x {}", height, width));
    const torch::Tensor maps = x.to(torch::kFloat32);
    CrossbarPass pass;
    pass.scale = input_scale(maps);
    if (crossbar_.hardware.adc.range == AdcRange::calibrated && adc_range_levels() <= 0.0 && is_training())
        measure_adc_range(maps, pass.scale);
    if (must_program())
        program();
    if (is_training())
        ++passes_;
    pass.layer = programmed_;
    pass.steps = input_steps(crossbar_.hardware);
    pass.first_image = image_offset_;
    pass.signed_inputs = crossbar_.signed_inputs;
    pass.weight_gradient = crossbar_.weight_gradient;
    pass.threads = crossbar_.threads;
    image_offset_ += x.size(0);
    const torch::Tensor product = crossbar_product(maps, four_dimensional(weight), pass);
    return bias.defined() ? product + bias.view({1, -1, 1, 1}) : product;
}

CrossbarConv2dImpl::CrossbarConv2dImpl(const CrossbarConv2dOptions& options, CrossbarLayerOptions crossbar)
    : CrossbarLayerImpl(shape_of(options), std::move(crossbar), /*weight_dimensions=*/4, options.bias()) {}

CrossbarLinearImpl::CrossbarLinearImpl(const CrossbarLinearOptions& options, CrossbarLayerOptions crossbar)
    : CrossbarLayerImpl(shape_of(options), std::move(crossbar), /*weight_dimensions=*/2, options.bias()) {}

torch::Tensor CrossbarLinearImpl::forward(const torch::Tensor& x) {
    expect(x.dim() >= 1 && x.size(-1) == weight.size(1), fmt::format("vectors of {} inputs", weight.size(1)),
           sizes_text(x));
    std::vector<std::int64_t> sizes = x.sizes().vec();
    sizes.back() = weight.size(0);
    return run(x.reshape({-1, weight.size(1), 1, 1})).reshape(sizes);
}

}  // namespace xloop
