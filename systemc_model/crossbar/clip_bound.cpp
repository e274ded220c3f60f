#include "systemc_model/crossbar/clip_bound.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// Above the largest of NoiseDraws.
constexpr double largest_deviate = 5.0;
/// Of deviate, offset and bend to fixed point.
constexpr std::int64_t roundings = 3;

}  // namespace

bool may_clip(const ReadPlan& plan, const std::int16_t* steps, int rows, const ReadDisturbance::Setting& disturbance,
              const std::vector<AdcErrors>& adcs) {
    if (!disturbance.cells.none())
        return true;
    const std::int64_t largest_digit = (1 << plan.dac_bits) - 1;
    const auto conversions = static_cast<std::size_t>(plan.conversions());
    std::vector<std::int64_t> high(conversions), low(conversions);  // of the sums of the steps
    for (int r = 0; r < rows; ++r, steps += conversions)
        for (std::size_t c = 0; c < conversions; ++c) {
            high[c] += std::max<std::int64_t>(steps[c], 0);
            low[c] += std::min<std::int64_t>(steps[c], 0);
        }
    for (std::size_t c = 0; c < conversions; ++c) {
        const double besides =
            largest_deviate * disturbance.adc_sigma + std::abs(adcs[c].offset_lsb) + std::abs(adcs[c].bow_lsb);
        const std::int64_t most = static_cast<std::int64_t>(std::ldexp(besides, plan.fraction_bits)) + roundings;
        if ((largest_digit * high[c] + most + plan.half()) >> plan.fraction_bits > plan.high ||
            (largest_digit * low[c] - most + plan.half()) >> plan.fraction_bits < plan.low)
            return true;
    }
    return false;
}

}  // namespace xloop
