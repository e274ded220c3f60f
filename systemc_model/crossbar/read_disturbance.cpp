#include "systemc_model/crossbar/read_disturbance.hpp"

#include "core/random.hpp"

#include <cmath>

namespace xloop {
namespace {

/// Each group of rows of each array has a key of its own.
ars::Block noise_key(std::uint64_t chip_seed, std::uint64_t array, int row_group) {
    const auto words = KeyedRandom(chip_seed, RandomUse::adc_noise).block(array, static_cast<std::uint64_t>(row_group));
    return {words[0] | std::uint64_t{words[1]} << 32, words[2] | std::uint64_t{words[3]} << 32};
}

}  // namespace

ReadDisturbance::ReadDisturbance(Setting setting, const ReadPlan& plan, std::uint64_t chip_seed, std::uint64_t array,
                                 int row_group)
    : setting_(std::move(setting)), plan_(plan),
      draws_(noise_key(chip_seed, array, row_group), std::ldexp(setting_.adc_sigma, plan.fraction_bits)) {
    constexpr std::size_t panel = NoiseDraws::panel;
    setting_.offsets.resize((setting_.offsets.size() + panel - 1) / panel * panel);
}

NoiseAddress ReadDisturbance::address(const ReadAddress& read) {
    return {static_cast<std::uint64_t>(read.image),
            static_cast<std::uint64_t>(read.step) << 48 | static_cast<std::uint64_t>(read.position) << 20};
}

void ReadDisturbance::add(const std::uint8_t* inputs, int rows, const ReadAddress& read, int stride,
                          std::int32_t* lines) const {
    add_offsets(stride, lines);
    if (!blind())
        add_cell_noise(inputs, rows, address(read), stride, lines);
    else if (noise())
        draws_.add(address(read), plan_.reads(), plan_.conversions(), stride, lines);
}

void ReadDisturbance::add_offsets(int stride, std::int32_t* lines) const {
    for (int t = 0; offsets() && t < plan_.reads(); ++t)
        for (int c = 0; c < plan_.conversions(); ++c)
            lines[static_cast<std::ptrdiff_t>(t) * stride + c] += setting_.offsets[static_cast<std::size_t>(c)];
}

void ReadDisturbance::add_cell_noise(const std::uint8_t* inputs, int rows, const NoiseAddress& address, int stride,
                                     std::int32_t* lines) const {
    thread_local std::vector<float> digits, variance;
    const int reads = plan_.reads();
    const auto adc = static_cast<float>(std::ldexp(setting_.adc_sigma, plan_.fraction_bits));
    variance.assign(static_cast<std::size_t>(reads) * static_cast<std::size_t>(stride), adc * adc);
    digits.resize(static_cast<std::size_t>(rows));
    for (int t = 0; t < reads; ++t) {
        for (int r = 0; r < rows; ++r)
            digits[static_cast<std::size_t>(r)] = static_cast<float>(plan_.digit(inputs[r], t));
        setting_.cells.add_variance(digits, variance.data() + static_cast<std::ptrdiff_t>(t) * stride);
    }
    draws_.add_of_variance(address, reads, plan_.conversions(), stride, variance.data(), lines);
}

}  // namespace xloop
