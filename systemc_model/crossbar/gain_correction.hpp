#pragma once

#include "core/hardware_config.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// The input vectors that an array's correction is measured on: adc.correction_vectors x rows unsigned values, uniform where
/// they are not 0. Vector v drives each row with probability (v + 1) / vectors, so that sums and currents of every size occur.
std::vector<std::uint8_t> correction_inputs(const HardwareConfig& hardware, std::uint64_t array, int rows);

/// What a digital multiplier behind shift-and-add makes of an array's sums, in weight units: for each output a factor, and
/// with adc.gain_correction `gain_offset` an offset,
///   sum -> floor(factor * sum + 1/2) + offset,  factor = integer / 2^correction_bits in [0, 2), offset an integer.
/// They undo the line that fits the sums that the array gave, as those of its target levels rise, in least squares: what is
/// measured carries the errors, so that the factor does not shrink with them.
class GainCorrection {
public:
    /// Sums of one output on the same vectors.
    struct Samples {
        std::vector<double> measured, ideal;
    };
    GainCorrection(const AdcConfig& adc, const std::vector<Samples>& outputs);

    /// Exact for a sum of 31 bits.
    std::int64_t operator()(int output, std::int64_t sum) const {
        const auto o = static_cast<std::size_t>(output);
        return ((factors_[o] * sum + half_) >> bits_) + offsets_[o];
    }
    double factor(int output) const {
        return static_cast<double>(factors_[static_cast<std::size_t>(output)]) / static_cast<double>(one());
    }
    std::int64_t offset(int output) const { return offsets_[static_cast<std::size_t>(output)]; }

private:
    std::int64_t one() const { return std::int64_t{1} << bits_; }

    int bits_;
    std::int64_t half_;
    std::vector<std::int64_t> factors_, offsets_;
};

}  // namespace xloop
