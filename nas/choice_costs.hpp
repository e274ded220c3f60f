#pragma once

#include "nas/hardware_estimator.hpp"
#include "nas/search_metrics.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// What each value of each choice of a network adds to the logarithm of a figure of the hardware, next to the choice's first value.
struct ChoiceCosts {
    std::vector<std::vector<double>> effects;  ///< [choice of NetworkSpec::open_choices()][value, in rising order]
    double explained = 0.0;                    ///< share of the variance, R squared
};

/// Least squares over the closed-form estimates of random candidates of a space without knobs, keyed by seed. Ours: it makes a table
/// by choice of figures, such as EDAP, that are no sums over layers.
ChoiceCosts choice_costs(const SearchSpace& space, HardwareEstimator& estimator, const SearchMetric& metric,
                         std::uint64_t seed, int samples = 512);

}  // namespace xloop
