#pragma once

#include "core/random.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace xloop {

/// Values to which noise is added: lines of `count` values, line t at values + t * stride. Draw c of line t has the
/// address (i, j + t * 2^16, c). j is a multiple of 2^16, count at most 2^16.
struct NoiseLines {
    std::uint64_t i, j;
    int lines, count;
    std::ptrdiff_t stride;
    std::int32_t* values;
};

/// Normal noise as fixed-point integers. A 16-bit random number picks one of 65,536 equally likely quantiles of the
/// normal distribution, scaled so that the variance is exact; the largest deviate is 4.3 sigma. Integers, so that noise
/// is the same bits wherever it is added, and eight draws come from one block of the generator. All reads of a vector at
/// once are faster than line by line.
class NoiseTable {
public:
    /// `sigma` in ADC steps; a step is 2^fraction_bits. Tables of equal parameters are shared, and
    /// the one asked for last is kept.
    static std::shared_ptr<const NoiseTable> make(double sigma, int fraction_bits);

    void add(const KeyedRandom& random, const NoiseLines& to) const;
    /// The same for one line: draws 0 ... count - 1 of the address (i, j).
    void add(const KeyedRandom& random, std::uint64_t i, std::uint64_t j, int count, std::int32_t* values) const {
        add(random, {i, j, 1, count, count, values});
    }

    /// Noise that differs in variance from value to value: adds round(z * sqrt(variance)), z the quantile of unit
    /// variance, in single precision, halves to even. `variance`: squared units of the values, lines as those of `to`.
    static void add_scaled(const KeyedRandom& random, const NoiseLines& to, const float* variance);
    static void add_scaled(const KeyedRandom& random, std::uint64_t i, std::uint64_t j, int count,
                           const float* variance, std::int32_t* values) {
        add_scaled(random, {i, j, 1, count, count, values}, variance);
    }

private:
    NoiseTable(double sigma, int fraction_bits);
    std::vector<std::int32_t> quantiles_;
};

}  // namespace xloop
