#include "systemc_model/crossbar/adc.hpp"

#include <cmath>

namespace xloop {

Adc::Adc(const HardwareConfig& hardware) {
    // The largest cell, levels - 1 steps, must fit into 16 bits twice over: variation and sneak paths add to it.
    const double largest = static_cast<double>(hardware.device.levels()) / hardware.adc.lsb_levels;
    fraction_bits_ = std::clamp(14 - static_cast<int>(std::ceil(std::log2(largest))), 0, 20);
    half_ = fraction_bits_ > 0 ? 1 << (fraction_bits_ - 1) : 0;
    low_ = hardware.differential() ? -(1 << (hardware.adc.bits - 1)) : 0;
    high_ = hardware.differential() ? (1 << (hardware.adc.bits - 1)) - 1 : (1 << hardware.adc.bits) - 1;
}

std::int16_t Adc::fixed_point(double steps) const {
    return static_cast<std::int16_t>(std::clamp(std::round(std::ldexp(steps, fraction_bits_)), -32768.0, 32767.0));
}

}  // namespace xloop
