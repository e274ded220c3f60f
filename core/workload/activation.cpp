#include "core/workload/activation.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {

double apply(ActivationFunction function, double x) {
    switch (function) {
    case ActivationFunction::none: break;
    case ActivationFunction::relu: return std::max(x, 0.0);
    case ActivationFunction::relu6: return std::clamp(x, 0.0, 6.0);
    case ActivationFunction::sigmoid: return 1.0 / (1.0 + std::exp(-x));
    case ActivationFunction::tanh: return std::tanh(x);
    case ActivationFunction::hard_swish: return x * std::clamp(x + 3.0, 0.0, 6.0) / 6.0;
    case ActivationFunction::leaky_relu: return std::max(x, 0.01 * x);
    }
    return x;
}

bool has_signed_output(ActivationFunction function) {
    return function == ActivationFunction::none || function == ActivationFunction::tanh ||
           function == ActivationFunction::hard_swish || function == ActivationFunction::leaky_relu;
}

bool needs_table(ActivationFunction function) {
    return function != ActivationFunction::none && function != ActivationFunction::relu;
}

ActivationTable::ActivationTable(ActivationFunction function, double input_step, double output_step, int zero_point,
                                 int bits)
    : input_signed_(function != ActivationFunction::relu6) {
    const int lowest = input_signed_ ? -128 : 0;
    const bool is_signed = has_signed_output(function) && zero_point == 0;
    const double low = lowest_value(is_signed, bits), high = highest_value(is_signed, bits);
    for (int i = 0; i < static_cast<int>(results_.size()); ++i) {
        const double steps = std::round(apply(function, (lowest + i) * input_step) / output_step) + zero_point;
        results_[static_cast<std::size_t>(i)] = static_cast<Activation>(std::clamp(steps, low, high));
    }
}

}  // namespace xloop
