#include "training/techniques/fake_quantise.hpp"

#include "core/target_clones.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace xloop {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using Gradients = torch::autograd::variable_list;

enum class Halves { up, to_even };

torch::Tensor nearest(const torch::Tensor& quotient, Halves halves) {
    return halves == Halves::up ? (quotient + 0.5).floor_() : quotient.round();
}

/// What a map's values become with one step, halves up, in one pass over the memory; the arithmetic is that of the tensors below.
struct Rounding {
    float step, low, high;
    bool learns_between;  ///< StepGradient::lsq
};

XLOOP_CLONES void round_values(const float* x, std::int64_t count, const Rounding& to, float* made) {
    const float step = to.step, low = to.low, high = to.high;
    for (std::int64_t i = 0; i < count; ++i) {
        const float nearest_integer = std::floor(x[i] / step + 0.5f);
        const float at_least = nearest_integer < low ? low : nearest_integer;
        made[i] = (at_least > high ? high : at_least) * step;
    }
}

/// d loss / d x to `of_x`; returns the sum of the step's slopes times the gradient. The sum has lanes of its own, so that its bits
/// depend on no vector's width.
XLOOP_CLONES double round_gradients(const float* x, const float* gradient, std::int64_t count, const Rounding& to,
                                    float* of_x) {
    constexpr std::int64_t lanes = 8;
    const float step = to.step, low = to.low, high = to.high, learns = to.learns_between ? 1.0f : 0.0f;
    std::array<double, lanes> sums{};
    const auto one = [&](std::int64_t i, double& sum) {
        const float quotient = x[i] / step;
        const bool below = quotient <= low, above = quotient >= high;
        const float between = learns * (std::floor(quotient + 0.5f) - quotient);
        const float slope = below ? low : above ? high : between;
        of_x[i] = below || above ? 0.0f : gradient[i];
        sum += static_cast<double>(gradient[i] * slope);
    };
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (std::int64_t lane = 0; lane < lanes; ++lane)
            one(i + lane, sums[static_cast<std::size_t>(lane)]);
    for (; i < count; ++i)
        one(i, sums[0]);
    double all = 0.0;
    for (const double sum : sums)
        all += sum;
    return all;
}

Rounding rounding(const torch::Tensor& step, double low, double high, bool learns_between) {
    return {step.item<float>(), static_cast<float>(low), static_cast<float>(high), learns_between};
}

/// Whether the loops above do for these tensors.
bool is_plain_map(const torch::Tensor& x, const torch::Tensor& step, Halves halves) {
    return step.numel() == 1 && step.scalar_type() == torch::kFloat32 && halves == Halves::up && x.device().is_cpu() &&
           x.scalar_type() == torch::kFloat32 && x.is_non_overlapping_and_dense();
}

/// The arguments after the step are constants, without gradients.
class FakeQuantise : public Function<FakeQuantise> {
public:
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x, const torch::Tensor& step,
                                 double low, double high, std::int64_t rule, double scale, std::int64_t halves) {
        context->save_for_backward({x, step});
        context->saved_data["low"] = low;
        context->saved_data["high"] = high;
        context->saved_data["rule"] = rule;
        context->saved_data["scale"] = scale;
        context->saved_data["halves"] = halves;
        if (is_plain_map(x, step, static_cast<Halves>(halves))) {
            torch::Tensor made = torch::empty_like(x);
            round_values(x.data_ptr<float>(), x.numel(), rounding(step, low, high, false), made.data_ptr<float>());
            return made;
        }
        return (nearest(x / step, static_cast<Halves>(halves)).clamp_(low, high) * step).to(x.scalar_type());
    }

    static Gradients backward(AutogradContext* context, const Gradients& gradients) {
        const Gradients saved = context->get_saved_variables();
        const double low = context->saved_data["low"].toDouble(), high = context->saved_data["high"].toDouble();
        const torch::Tensor &gradient = gradients[0], &x = saved[0], &step = saved[1];
        const double scale = context->saved_data["scale"].toDouble();
        const auto halves = static_cast<Halves>(context->saved_data["halves"].toInt());
        const bool is_lsq = static_cast<StepGradient>(context->saved_data["rule"].toInt()) == StepGradient::lsq;
        if (is_plain_map(x, step, halves)) {
            torch::Tensor of_x = torch::empty_like(x), of_result = torch::empty_like(x);
            of_result.copy_(gradient);  // in the order of x's memory
            const double slopes = round_gradients(x.data_ptr<float>(), of_result.data_ptr<float>(), x.numel(),
                                                  rounding(step, low, high, is_lsq), of_x.data_ptr<float>());
            return {of_x, torch::full_like(step, slopes * scale), {}, {}, {}, {}, {}};
        }
        const torch::Tensor quotient = x / step, below = quotient.le(low), above = quotient.ge(high);
        const torch::Tensor between = below.logical_or(above).logical_not_();
        torch::Tensor slope;
        if (is_lsq) {
            slope = nearest(quotient, halves).sub_(quotient);
            slope.mul_(between);
        } else {
            slope = torch::zeros_like(quotient);
        }
        slope.add_(below.to(slope.scalar_type()), low).add_(above.to(slope.scalar_type()), high);
        const torch::Tensor of_step = (gradient * slope).sum_to_size(step.sizes()) * scale;
        return {gradient * between, of_step.to(step.scalar_type()), {}, {}, {}, {}, {}};
    }
};

class BinarySign : public Function<BinarySign> {
public:
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x) {
        context->save_for_backward({x});
        return torch::where(x < 0.0, torch::full_like(x, -1.0), torch::ones_like(x));
    }
    static Gradients backward(AutogradContext* context, const Gradients& gradients) {
        return {gradients[0] * context->get_saved_variables()[0].abs().le(1.0)};
    }
};

class Relative : public Function<Relative> {
public:
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& start, const torch::Tensor& factor) {
        context->save_for_backward({start});
        return start * factor;
    }
    static Gradients backward(AutogradContext* context, const Gradients& gradients) {
        return {{}, gradients[0] / context->get_saved_variables()[0]};
    }
};

}  // namespace

torch::Tensor fake_quantise(const torch::Tensor& x, const torch::Tensor& step, IntegerRange range, StepGradient rule,
                            double scale) {
    return FakeQuantise::apply(x, step, range.low, range.high, static_cast<std::int64_t>(rule), scale,
                               static_cast<std::int64_t>(Halves::up));
}

torch::Tensor fake_quantise_weight(const torch::Tensor& weight, const torch::Tensor& step, int largest, double scale) {
    return FakeQuantise::apply(weight.to(torch::kFloat64), step, -static_cast<double>(largest),
                               static_cast<double>(largest), static_cast<std::int64_t>(StepGradient::lsq), scale,
                               static_cast<std::int64_t>(Halves::to_even))
        .to(weight.scalar_type());
}

torch::Tensor binary_sign(const torch::Tensor& x) { return BinarySign::apply(x); }

torch::Tensor straight_through(const torch::Tensor& x, const torch::Tensor& value) { return x + (value - x).detach(); }

torch::Tensor relative(const torch::Tensor& start, const torch::Tensor& factor) {
    return Relative::apply(start, factor);
}

}  // namespace xloop
