#pragma once

#include <algorithm>
#include <cstdint>

namespace xloop {

/// How one input vector becomes integers: reads of `dac_bits` bits each, least significant first, one conversion per
/// read and slice, then shift-and-add.
///   digit_t(x)   = bits [t * dac_bits, (t + 1) * dac_bits) of the input x, t = 0 ... reads() - 1; the last digit ends
///                  with the input's last bit, input_bits - 1
///   p[t][c]      = sum over rows of digit_t(x[row]) * steps[row][c] (+ disturbance[t][c])
///   code[t][c]   = clamp((p[t][c] + half) >> fraction_bits, low, high),  half = 2^(fraction_bits - 1), 0 for 0 bits
///   sum[o]       = sum over t, s of 2^(t * dac_bits) * 2^(s * slice_bits) * code[t][s * outputs + o]
struct ReadPlan {
    int input_bits = 8, dac_bits = 1;             ///< 1 ... 8
    int fraction_bits = 0;                        ///< 0 ... 30
    std::int32_t low = 0, high = 255;             ///< smallest and largest ADC code
    int outputs = 0, slices = 1, slice_bits = 0;  ///< conversion c = slice * outputs + output
    int row_groups = 1;                           ///< whose sums the caller adds up: they leave room for it

    int reads() const { return (input_bits + dac_bits - 1) / dac_bits; }
    int conversions() const { return outputs * slices; }
    std::int32_t half() const { return fraction_bits > 0 ? std::int32_t{1} << (fraction_bits - 1) : 0; }
    /// What the DAC of a row puts out at read t, in DAC steps.
    int digit(std::uint8_t input, int t) const {
        const int width = std::min(dac_bits, input_bits - t * dac_bits);
        return (input >> (t * dac_bits)) & ((1 << width) - 1);
    }
};

}  // namespace xloop
