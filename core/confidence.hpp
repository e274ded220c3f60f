#pragma once

#include <cstdint>
#include <utility>

namespace xloop {

/// Ends of the interval that holds a share of which `correct` of `total` samples are known, with a confidence of 95 %: Wilson,
/// Journal of the American Statistical Association 22 (1927). Needs a total above 0.
std::pair<double, double> confidence(std::int64_t correct, std::int64_t total);

}  // namespace xloop
