#include "systemc_model/crossbar/read_disturbance.hpp"

#include <cmath>

namespace xloop {
namespace {

/// Groups of rows draw their noise with keys of their own, for which the addresses of reads have no room.
std::uint64_t seed_of_group(std::uint64_t chip_seed, int row_group) {
    return row_group == 0 ? chip_seed
                          : KeyedRandom(chip_seed, RandomUse::row_groups).bits(static_cast<std::uint64_t>(row_group));
}

}  // namespace

ReadDisturbance::ReadDisturbance(Setting setting, const ReadPlan& plan, std::uint64_t chip_seed, std::uint64_t array,
                                 int row_group)
    : setting_(std::move(setting)), plan_(plan), random_(seed_of_group(chip_seed, row_group), RandomUse::adc_noise),
      array_(array) {
    if (setting_.cells.none() && setting_.adc_sigma > 0.0)
        table_ = NoiseTable::make(setting_.adc_sigma, plan.fraction_bits);
}

void ReadDisturbance::add(const std::uint8_t* inputs, int rows, const ReadAddress& address, int stride,
                          std::int32_t* lines) const {
    add_offsets(stride, lines);
    // Addressed by (array, image) and (step, position, digit, conversion): no order matters.
    const NoiseLines to{(array_ << 32) ^ static_cast<std::uint64_t>(address.image),
                        static_cast<std::uint64_t>(address.step) << 48 | static_cast<std::uint64_t>(address.position)
                                                                             << 20,
                        plan_.reads(),
                        plan_.conversions(),
                        stride,
                        lines};
    if (table_)
        table_->add(random_, to);
    else if (!setting_.cells.none())
        add_cell_noise(inputs, rows, to);
}

void ReadDisturbance::add_offsets(int stride, std::int32_t* lines) const {
    if (!setting_.offsets.empty())
        for (int t = 0; t < plan_.reads(); ++t)
            for (std::size_t c = 0; c < setting_.offsets.size(); ++c)
                lines[static_cast<std::ptrdiff_t>(t) * stride + static_cast<std::ptrdiff_t>(c)] += setting_.offsets[c];
}

void ReadDisturbance::add_cell_noise(const std::uint8_t* inputs, int rows, const NoiseLines& to) const {
    thread_local std::vector<float> digits, variance;
    const auto adc = static_cast<float>(std::ldexp(setting_.adc_sigma, plan_.fraction_bits));
    variance.assign(static_cast<std::size_t>(to.lines) * static_cast<std::size_t>(to.stride), adc * adc);
    digits.resize(static_cast<std::size_t>(rows));
    for (int t = 0; t < to.lines; ++t) {
        for (int r = 0; r < rows; ++r)
            digits[static_cast<std::size_t>(r)] = static_cast<float>(plan_.digit(inputs[r], t));
        setting_.cells.add_variance(digits, variance.data() + t * to.stride);
    }
    NoiseTable::add_scaled(random_, to, variance.data());
}

}  // namespace xloop
