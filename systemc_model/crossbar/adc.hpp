#pragma once

#include "core/hardware_config.hpp"

#include <algorithm>
#include <cstdint>

namespace xloop {

/// Uniform ADC on fixed-point inputs. An input is an integer p of 2^-fraction_bits ADC steps; the code is
/// clamp(floor(p / 2^fraction_bits + 1/2), low, high): signed codes for differential arrays, unsigned for offset ones.
class Adc {
public:
    explicit Adc(const HardwareConfig& hardware);

    std::int32_t convert(std::int32_t fixed_point) const {
        return std::clamp((fixed_point + half_) >> fraction_bits_, low_, high_);
    }
    int fraction_bits() const { return fraction_bits_; }
    std::int32_t low() const { return low_; }
    std::int32_t high() const { return high_; }
    /// ADC steps -> fixed point, saturated to 16 bits.
    std::int16_t fixed_point(double steps) const;

private:
    int fraction_bits_;
    std::int32_t half_, low_, high_;
};

}  // namespace xloop
