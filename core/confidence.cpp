#include "core/confidence.hpp"

#include <cmath>

namespace xloop {

std::pair<double, double> confidence(std::int64_t correct, std::int64_t total) {
    constexpr double z = 1.959963984540054;  // normal quantile of 0.975
    const auto n = static_cast<double>(total);
    const double share = static_cast<double>(correct) / n, scale = 1.0 / (1.0 + z * z / n);
    const double centre = scale * (share + z * z / (2.0 * n));
    const double half = scale * z * std::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n));
    // At the ends, rounding could leave [0, 1].
    return {correct == 0 ? 0.0 : centre - half, correct == total ? 1.0 : centre + half};
}

}  // namespace xloop
