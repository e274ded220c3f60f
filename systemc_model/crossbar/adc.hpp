#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/crossbar/weight_slicing.hpp"
#include "systemc_model/device/level_table.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// The uniform quantiser behind the columns of an array. Values are fixed-point integers p of 2^-fraction_bits ADC steps;
/// the code is clamp(floor(p / 2^fraction_bits + 1/2), low, high): signed codes for differential arrays, unsigned for
/// others. A step is `step_levels` column currents of one level step at one DAC step.
class AdcScale {
public:
    /// `range_levels`: for adc.range calibrated, the sum that the last code stands for; else ignored.
    AdcScale(const HardwareConfig& hardware, const LevelTable& levels, double range_levels);

    std::int32_t low() const { return low_; }
    std::int32_t high() const { return high_; }
    int fraction_bits() const { return fraction_bits_; }
    double step_levels() const { return step_levels_; }
    /// Level steps -> fixed point.
    double fixed_point(double levels) const { return levels * scale_; }

private:
    std::int32_t low_, high_;
    int fraction_bits_;
    double step_levels_, scale_;
};

/// What a real converter does besides rounding: drawn once for each ADC of the array (`device`: array id).
struct AdcErrors {
    double gain = 1.0;
    double offset_lsb = 0.0;
    double bow_lsb = 0.0;  ///< height of the parabola that the characteristic is bent by: 0 at both ends of the range
};

/// The errors of the ADC that serves each conversion of array `array`: adc.columns_per_adc neighbours share one.
std::vector<AdcErrors> adc_errors(const HardwareConfig& hardware, const WeightSlicing& slicing, std::uint64_t array);

}  // namespace xloop
