#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>

namespace xloop {

/// How the range of an activation follows from what calibration images show: all of it; a share of the values at each end; the
/// range of least mean squared error; of least information lost (Kullback-Leibler divergence; Migacz, GTC 2017).
enum class RangeRule { max, percentile, mse, entropy };
constexpr auto names_of(RangeRule) { return std::array{"max", "percentile", "mse", "entropy"}; }

/// Of weights: the largest magnitude, or the range of least mean squared error.
enum class WeightRangeRule { max, mse };
constexpr auto names_of(WeightRangeRule) { return std::array{"max", "mse"}; }

/// How a real network becomes integers after training.
struct QuantiseConfig {
    RangeRule activations = RangeRule::percentile;
    double percentile = 99.99;  ///< of rule percentile
    WeightRangeRule weights = WeightRangeRule::max;
    bool equalise = false;         ///< Nagel et al., arXiv 1906.04721, section 4.1
    bool bias_correction = false;  ///< the same, section 4.2
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, QuantiseConfig& c);

}  // namespace xloop
