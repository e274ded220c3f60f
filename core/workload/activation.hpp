#pragma once

#include "core/names.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// An integer on an edge of the graph, of up to 8 bits. (Edges of more bits are counted, not computed.)
using Activation = std::int16_t;

/// The integers of some bits: signed [-2^(bits - 1), 2^(bits - 1) - 1], unsigned [0, 2^bits - 1].
constexpr int lowest_value(bool is_signed, int bits) { return is_signed ? -(1 << (bits - 1)) : 0; }
constexpr int highest_value(bool is_signed, int bits) { return (1 << (is_signed ? bits - 1 : bits)) - 1; }

/// What a vector unit applies to the sums of a layer: see the table in activation.cpp.
enum class ActivationFunction {
    none,
    relu,
    relu6,
    sigmoid,
    tanh,
    hard_swish,
    leaky_relu,
    prelu,
    clip,
    hard_sigmoid,
    elu,
    selu,
    gelu,
    silu,
    softplus,
    mish
};
inline constexpr std::size_t activation_count = 16;

/// Numbers that a function takes; empty: those of its row in the table. Of prelu one for all channels, or one a channel.
using ActivationParameters = std::vector<double>;

/// All that is known of an activation function, but for its LibTorch counterpart (dnn/supernet.cpp).
struct ActivationTraits {
    const char* name;
    const char* formula;
    int parameters;                  ///< how many it takes
    std::array<double, 2> defaults;  ///< of them
    bool may_be_negative;            ///< with some parameters
    double (*apply)(double x, const double* parameters);

    bool per_channel() const;
};

/// Throws Error, with the number, for a function that has no row.
const ActivationTraits& traits_of(ActivationFunction function);
std::array<const char*, activation_count> names_of(ActivationFunction);

double apply(ActivationFunction function, double x, const ActivationParameters& parameters = {}, int channel = 0);
/// Whether results may be negative, which row drivers cannot take.
bool has_signed_output(ActivationFunction function, const ActivationParameters& parameters = {});
/// Whether the requantised sum is looked up in a table; else it is the result.
bool needs_table(ActivationFunction function);
/// What is wrong with these parameters of a layer with `channels` output channels; empty: nothing.
std::string parameter_error(ActivationFunction function, const ActivationParameters& parameters, int channels);

/// The result for each of the 256 requantised sums, which have 8 bits whatever the results have. Sums are signed, but unsigned
/// for relu6, whose negative ones saturate. With parameters by channel there is a table for each.
class ActivationTable {
public:
    /// Steps in real values: a sum of k steps gives round(f(k * input_step) / output_step) + zero_point, halves away from 0,
    /// saturated to `bits` bits: to signed results when the function may be negative and there is no zero point.
    ActivationTable(ActivationFunction function, double input_step, double output_step, int zero_point = 0,
                    int bits = 8, const ActivationParameters& parameters = {});

    /// Whether the sums are requantised to [-128, 127], not [0, 255].
    bool input_signed() const { return input_signed_; }
    Activation operator()(Activation sum, int channel) const {
        return results_[static_cast<std::size_t>(channel) * stride_ +
                        static_cast<std::size_t>(input_signed_ ? sum + 128 : sum)];
    }
    Activation operator[](Activation sum) const { return (*this)(sum, 0); }

private:
    bool input_signed_;
    std::size_t stride_ = 0;  ///< from channel to channel; 0: one table for all
    std::vector<Activation> results_;
};

}  // namespace xloop
