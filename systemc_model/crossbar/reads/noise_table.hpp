#pragma once

#include "core/random.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace xloop {

/// Normal noise as fixed-point integers. A 16-bit random number picks one of 65,536 equally likely quantiles of the normal
/// distribution, scaled so that the variance is exact; the largest deviate is 4.3 sigma. Integers, so that noise is the
/// same bits wherever it is added, and eight draws come from one block of the generator.
class NoiseTable {
public:
    /// `sigma` in ADC steps; a step is 2^fraction_bits. Tables of equal parameters are shared, and
    /// the one asked for last is kept.
    static std::shared_ptr<const NoiseTable> make(double sigma, int fraction_bits);

    /// Adds draws 0 ... count - 1 of the address (i, j) to `values`; j must be a multiple of 2^16, count at most 2^16.
    void add(const KeyedRandom& random, std::uint64_t i, std::uint64_t j, int count, std::int32_t* values) const;

    /// The same draws with a variance for each value: adds round(z * sqrt(variance[k])), z the draw of unit variance.
    void add_scaled(const KeyedRandom& random, std::uint64_t i, std::uint64_t j, int count, const float* variance,
                    std::int32_t* values) const;

private:
    NoiseTable(double sigma, int fraction_bits);
    std::vector<std::int32_t> quantiles_;
    std::vector<float> unit_;  ///< quantiles of unit variance
};

}  // namespace xloop
