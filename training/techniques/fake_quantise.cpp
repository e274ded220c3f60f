#include "training/techniques/fake_quantise.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using Gradients = torch::autograd::variable_list;

enum class Halves { up, to_even };

torch::Tensor nearest(const torch::Tensor& quotient, Halves halves) {
    return halves == Halves::up ? (quotient + 0.5).floor_() : quotient.round();
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
        return (nearest(x / step, static_cast<Halves>(halves)).clamp_(low, high) * step).to(x.scalar_type());
    }

    static Gradients backward(AutogradContext* context, const Gradients& gradients) {
        const Gradients saved = context->get_saved_variables();
        const double low = context->saved_data["low"].toDouble(), high = context->saved_data["high"].toDouble();
        const torch::Tensor &gradient = gradients[0], &x = saved[0], &step = saved[1];
        const torch::Tensor quotient = x / step, below = quotient.le(low), above = quotient.ge(high);
        const torch::Tensor between = below.logical_or(above).logical_not_();
        torch::Tensor slope;
        if (static_cast<StepGradient>(context->saved_data["rule"].toInt()) == StepGradient::lsq) {
            slope = nearest(quotient, static_cast<Halves>(context->saved_data["halves"].toInt())).sub_(quotient);
            slope.mul_(between);
        } else {
            slope = torch::zeros_like(quotient);
        }
        slope.add_(below.to(slope.scalar_type()), low).add_(above.to(slope.scalar_type()), high);
        const torch::Tensor of_step =
            (gradient * slope).sum_to_size(step.sizes()) * context->saved_data["scale"].toDouble();
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
