#include "systemc_model/crossbar/read_disturbance.hpp"

#include <cmath>

namespace xloop {

ReadDisturbance::ReadDisturbance(Setting setting, const ReadPlan& plan, std::uint64_t chip_seed, std::uint64_t array)
    : setting_(std::move(setting)), plan_(plan), random_(chip_seed, RandomUse::adc_noise), array_(array) {
    if (!setting_.cells.none())
        table_ = NoiseTable::make(1.0, 0);
    else if (setting_.adc_sigma > 0.0)
        table_ = NoiseTable::make(setting_.adc_sigma, plan.fraction_bits);
}

void ReadDisturbance::add(const std::uint8_t* inputs, int rows, std::int64_t image, int position, int stride,
                          std::int32_t* lines) const {
    for (int t = 0; t < plan_.reads(); ++t) {
        std::int32_t* line = lines + static_cast<std::ptrdiff_t>(t) * stride;
        for (std::size_t c = 0; c < setting_.offsets.size(); ++c)
            line[c] += setting_.offsets[c];
        if (!table_)
            continue;
        // Addressed by (array, image) and (position, read, conversion): no order matters.
        const std::uint64_t first = (array_ << 32) ^ static_cast<std::uint64_t>(image);
        const std::uint64_t second = (static_cast<std::uint64_t>(position) << 20) | (static_cast<std::uint64_t>(t) << 16);
        if (setting_.cells.none())
            table_->add(random_, first, second, plan_.conversions(), line);
        else
            add_cell_noise(inputs, rows, t, first, second, line);
    }
}

void ReadDisturbance::add_cell_noise(const std::uint8_t* inputs, int rows, int read, std::uint64_t first,
                                     std::uint64_t second, std::int32_t* line) const {
    thread_local std::vector<float> digits, variance;
    digits.clear();
    for (int r = 0; r < rows; ++r)
        digits.push_back(static_cast<float>(plan_.digit(inputs[r], read)));
    const auto adc = static_cast<float>(std::ldexp(setting_.adc_sigma, plan_.fraction_bits));
    variance.assign(static_cast<std::size_t>(plan_.conversions()), adc * adc);
    setting_.cells.add_variance(digits, variance);
    table_->add_scaled(random_, first, second, plan_.conversions(), variance.data(), line);
}

}  // namespace xloop
