#include "systemc_model/crossbar/adc.hpp"

#include "core/random.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

constexpr int largest_fraction = 20;
/// One driven row must fit into 16 bits twice over (variation and sneak paths add to it), and a sum over the rows of a read into 31.
constexpr int cell_bits = 14, sum_bits = 30;

}  // namespace

AdcScale::AdcScale(const HardwareConfig& hardware, const LevelTable& levels, double range_levels) {
    const auto last_code = [&](int bits) { return (1 << (hardware.differential() ? bits - 1 : bits)) - 1; };
    high_ = last_code(hardware.adc.code_bits());
    low_ = hardware.differential() ? -high_ - 1 : 0;

    const double largest_cell = levels.highest() / levels.step();
    const double largest_sum = largest_cell * hardware.crossbar.rows_at_once() * ((1 << hardware.dac.bits) - 1);
    const double codes = std::max<double>(1, last_code(hardware.adc.range_bits()));
    step_levels_ = hardware.adc.range == AdcRange::fixed        ? hardware.adc.lsb_levels
                   : hardware.adc.range == AdcRange::full_scale ? largest_sum / codes
                                                                : range_levels / codes;
    step_levels_ = std::max(step_levels_, std::ldexp(largest_cell, -cell_bits));
    const auto room = [&](double largest, int width) {
        return width - static_cast<int>(std::ceil(std::log2(largest / step_levels_)));
    };
    fraction_bits_ =
        std::clamp(std::min(room(largest_cell, cell_bits), room(largest_sum, sum_bits)), 0, largest_fraction);
    scale_ = std::ldexp(1.0 / step_levels_, fraction_bits_);
}

std::vector<AdcErrors> adc_errors(const HardwareConfig& hardware, const WeightSlicing& slicing, std::uint64_t array) {
    const KeyedRandom random(hardware.chip_seed, RandomUse::adc_instance);
    enum Draw : std::uint64_t { gain, offset, bow, draws };
    std::vector<AdcErrors> errors(static_cast<std::size_t>(slicing.conversions()));
    for (int c = 0; c < slicing.conversions(); ++c) {
        const auto adc = static_cast<std::uint64_t>(slicing.place(c) / hardware.adc.columns_per_adc);
        const auto draw = [&](double sigma, Draw which) {
            return sigma > 0.0 ? sigma * random.normal(array, adc * draws + which) : 0.0;
        };
        errors[static_cast<std::size_t>(c)] = {std::max(0.0, 1.0 + draw(hardware.adc.gain_sigma, gain)),
                                               draw(hardware.adc.offset_sigma_lsb, offset),
                                               draw(hardware.adc.inl_sigma_lsb, bow)};
    }
    return errors;
}

}  // namespace xloop
