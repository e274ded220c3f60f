#include "core/workload/activation.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <iterator>

namespace xloop {
namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

// In the order of ActivationFunction: name, formula, parameters and their defaults, sign, function of x and the parameters p.
// Howard et al., arXiv 1905.02244 (hard_swish); Maas et al., ICML 2013 (leaky_relu); He et al., arXiv 1502.01852 (prelu);
// Courbariaux et al., arXiv 1511.00363 (hard_sigmoid; defaults of PyTorch); Clevert et al., arXiv 1511.07289 (elu);
// Klambauer et al., arXiv 1706.02515 (selu); Hendrycks and Gimpel, arXiv 1606.08415 (gelu, silu); Misra, arXiv 1908.08681 (mish).
// clang-format off
constexpr ActivationTraits table[] = {
    {"none", "x", 0, {}, true, [](double x, const double*) { return x; }},
    {"relu", "max(x, 0)", 0, {}, false, [](double x, const double*) { return std::max(x, 0.0); }},
    {"relu6", "min(max(x, 0), 6)", 0, {}, false, [](double x, const double*) { return std::clamp(x, 0.0, 6.0); }},
    {"sigmoid", "1 / (1 + exp(-x))", 0, {}, false, [](double x, const double*) { return sigmoid(x); }},
    {"tanh", "tanh(x)", 0, {}, true, [](double x, const double*) { return std::tanh(x); }},
    {"hard_swish", "x min(max(x + 3, 0), 6) / 6", 0, {}, true,
     [](double x, const double*) { return x * std::clamp(x + 3.0, 0.0, 6.0) / 6.0; }},
    {"leaky_relu", "x, below 0 p x", 1, {0.01}, true,
     [](double x, const double* p) { return x < 0.0 ? p[0] * x : x; }},
    {"prelu", "x, below 0 p x, p by channel", 1, {0.25}, true,
     [](double x, const double* p) { return x < 0.0 ? p[0] * x : x; }},
    {"clip", "min(max(x, p0), p1)", 2, {-1.0, 1.0}, true,
     [](double x, const double* p) { return std::min(std::max(x, p[0]), p[1]); }},
    {"hard_sigmoid", "min(max(p0 x + p1, 0), 1)", 2, {1.0 / 6.0, 0.5}, false,
     [](double x, const double* p) { return std::clamp(p[0] * x + p[1], 0.0, 1.0); }},
    {"elu", "x, below 0 p (exp(x) - 1)", 1, {1.0}, true,
     [](double x, const double* p) { return x < 0.0 ? p[0] * std::expm1(x) : x; }},
    {"selu", "p1 x, below 0 p1 p0 (exp(x) - 1)", 2, {1.6732632423543772, 1.0507009873554805}, true,
     [](double x, const double* p) { return p[1] * (x < 0.0 ? p[0] * std::expm1(x) : x); }},
    {"gelu", "x (1 + erf(x / sqrt 2)) / 2", 0, {}, true,
     [](double x, const double*) { return 0.5 * x * std::erfc(-x * 0.70710678118654752); }},
    {"silu", "x sigmoid(x)", 0, {}, true, [](double x, const double*) { return x * sigmoid(x); }},
    {"softplus", "log(1 + exp(x))", 0, {}, false, [](double x, const double*) { return softplus(x); }},
    {"mish", "x tanh(log(1 + exp(x)))", 0, {}, true, [](double x, const double*) { return x * std::tanh(softplus(x)); }},
};
// clang-format on
static_assert(std::size(table) == activation_count, "a row for each ActivationFunction");

/// Where the parameters of a channel begin.
const double* parameters_of(const ActivationTraits& traits, const ActivationParameters& given, int channel) {
    if (given.empty())
        return traits.defaults.data();
    return &given[traits.per_channel() && given.size() > 1 ? static_cast<std::size_t>(channel) : 0];
}

}  // namespace

bool ActivationTraits::per_channel() const {
    return this == &table[static_cast<std::size_t>(ActivationFunction::prelu)];
}

const ActivationTraits& traits_of(ActivationFunction function) {
    const auto number = static_cast<std::size_t>(function);
    if (number >= activation_count)
        throw Error(fmt::format("activation {} has no row in core/workload/activation.cpp", number));
    return table[number];
}

std::array<const char*, activation_count> names_of(ActivationFunction) {
    std::array<const char*, activation_count> names{};
    std::transform(std::begin(table), std::end(table), names.begin(),
                   [](const ActivationTraits& row) { return row.name; });
    return names;
}

double apply(ActivationFunction function, double x, const ActivationParameters& parameters, int channel) {
    const ActivationTraits& traits = traits_of(function);
    return traits.apply(x, parameters_of(traits, parameters, channel));
}

bool has_signed_output(ActivationFunction function, const ActivationParameters& parameters) {
    const ActivationTraits& traits = traits_of(function);
    if (function == ActivationFunction::clip)
        return parameters_of(traits, parameters, 0)[0] < 0.0;
    return traits.may_be_negative;
}

bool needs_table(ActivationFunction function) {
    return function != ActivationFunction::none && function != ActivationFunction::relu;
}

std::string parameter_error(ActivationFunction function, const ActivationParameters& parameters, int channels) {
    const ActivationTraits& traits = traits_of(function);
    if (parameters.empty())
        return {};
    const bool by_channel = traits.per_channel() && parameters.size() == static_cast<std::size_t>(channels);
    if (!by_channel && parameters.size() != static_cast<std::size_t>(traits.parameters))
        return fmt::format("activation_parameters: {} takes {}{}, not {}", traits.name, traits.parameters,
                           traits.per_channel() ? fmt::format(" or {} (one a channel)", channels) : "",
                           parameters.size());
    for (double p : parameters)
        if (!std::isfinite(p) || std::abs(p) > 1e6)
            return fmt::format("activation_parameters: {} is not a number within 1e6", p);
    if (function == ActivationFunction::clip && !(parameters[0] < parameters[1]))
        return fmt::format("activation_parameters: clip needs [lower, higher], got [{}, {}]", parameters[0],
                           parameters[1]);
    return {};
}

ActivationTable::ActivationTable(ActivationFunction function, double input_step, double output_step, int zero_point,
                                 int bits, const ActivationParameters& parameters)
    : input_signed_(function != ActivationFunction::relu6) {
    constexpr int sums = 256;
    const int lowest = input_signed_ ? -128 : 0;
    const bool is_signed = has_signed_output(function, parameters) && zero_point == 0;
    const double low = lowest_value(is_signed, bits), high = highest_value(is_signed, bits);
    const bool by_channel = traits_of(function).per_channel() && parameters.size() > 1;
    const int tables = by_channel ? static_cast<int>(parameters.size()) : 1;
    stride_ = by_channel ? sums : 0;
    results_.reserve(static_cast<std::size_t>(tables) * sums);
    for (int channel = 0; channel < tables; ++channel)
        for (int i = 0; i < sums; ++i) {
            const double real = apply(function, (lowest + i) * input_step, parameters, channel);
            results_.push_back(
                static_cast<Activation>(std::clamp(std::round(real / output_step) + zero_point, low, high)));
        }
}

}  // namespace xloop
