#pragma once

#include <torch/types.h>

namespace xloop {

/// The integers that a value may become.
struct IntegerRange {
    double low, high;
};

/// How a step learns.
enum class StepGradient {
    lsq,  ///< Esser et al., "Learned step size quantization", arXiv 1902.08153, equation 3
    pact  ///< Choi et al., "PACT", arXiv 1805.06085, equation 3: only values beyond the range move its ends
};

/// Integers nearest to x / step, halves up as after the ADC, as real values again: clamp(floor(x / step + 1/2), low, high) * step.
/// x: any shape and precision; step: above 0, of a shape that spreads over x's.
///
/// The gradient passes to x strictly between the ends, and to the step, times `scale`, as `rule` says: by lsq it is low or high at
/// and beyond the ends, round(x / step) - x / step between them; by pact 0 between them.
torch::Tensor fake_quantise(const torch::Tensor& x, const torch::Tensor& step, IntegerRange range, StepGradient rule,
                            double scale);

/// Those of a weight, halves to even, as integer_weights (dnn/quantise.hpp) rounds: quotients are of double precision.
torch::Tensor fake_quantise_weight(const torch::Tensor& weight, const torch::Tensor& step, int largest, double scale);

/// -1 where x is below 0, else 1. The gradient passes where |x| <= 1 (Courbariaux et al., arXiv 1602.02830, equation 4).
torch::Tensor binary_sign(const torch::Tensor& x);

/// `value`, with the gradient of x: the straight-through estimator of Bengio et al., arXiv 1308.3432.
torch::Tensor straight_through(const torch::Tensor& x, const torch::Tensor& value);

/// start * factor. A factor, which begins at 1, learns as the product would: its gradient is the product's over `start`, so
/// that steps of plain gradient descent move the product as if it were the parameter, and optimisers whose steps do not depend
/// on the gradient's size move it by the same share, whatever its size.
torch::Tensor relative(const torch::Tensor& start, const torch::Tensor& factor);

}  // namespace xloop
