#pragma once

#include "core/names.hpp"

#include <array>
#include <cstdint>

namespace xloop {

/// An integer on an edge of the graph, of up to 8 bits. (Edges of more bits are counted, not computed.)
using Activation = std::int16_t;

/// The integers of some bits: signed [-2^(bits - 1), 2^(bits - 1) - 1], unsigned [0, 2^bits - 1].
constexpr int lowest_value(bool is_signed, int bits) { return is_signed ? -(1 << (bits - 1)) : 0; }
constexpr int highest_value(bool is_signed, int bits) { return (1 << (is_signed ? bits - 1 : bits)) - 1; }

/// What a vector unit applies to the sums of a layer. hard_swish: x * relu6(x + 3) / 6 (Howard et al., arXiv 1905.02244);
/// leaky_relu: x, below 0 x / 100 (Maas et al., ICML 2013).
enum class ActivationFunction { none, relu, relu6, sigmoid, tanh, hard_swish, leaky_relu };
constexpr auto names_of(ActivationFunction) {
    return std::array{"none", "relu", "relu6", "sigmoid", "tanh", "hard_swish", "leaky_relu"};
}

double apply(ActivationFunction function, double x);
/// Whether results may be negative, which row drivers cannot take.
bool has_signed_output(ActivationFunction function);
/// Whether the requantised sum is looked up in a table; else it is the result.
bool needs_table(ActivationFunction function);

/// The result for each of the 256 requantised sums, which have 8 bits whatever the results have. Sums are signed, but unsigned
/// for relu6, whose negative ones saturate.
class ActivationTable {
public:
    /// Steps in real values: a sum of k steps gives round(f(k * input_step) / output_step) + zero_point, halves away from 0,
    /// saturated to `bits` bits: to signed results when the function may be negative and there is no zero point.
    ActivationTable(ActivationFunction function, double input_step, double output_step, int zero_point = 0,
                    int bits = 8);

    /// Whether the sums are requantised to [-128, 127], not [0, 255].
    bool input_signed() const { return input_signed_; }
    Activation operator[](Activation sum) const {
        return results_[static_cast<std::size_t>(input_signed_ ? sum + 128 : sum)];
    }

private:
    bool input_signed_;
    std::array<Activation, 256> results_;
};

}  // namespace xloop
