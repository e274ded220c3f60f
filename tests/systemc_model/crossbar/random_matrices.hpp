#pragma once

#include "core/random.hpp"

#include <Eigen/Core>
#include <cstdint>

namespace xloop::test {

/// Numbers uniform between `low` and `high`, by seed.
inline Eigen::MatrixXd uniform(Eigen::Index rows, Eigen::Index cols, double low, double high, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::programming_variation);
    Eigen::MatrixXd x(rows, cols);
    for (Eigen::Index i = 0; i < rows; ++i)
        for (Eigen::Index j = 0; j < cols; ++j)
            x(i, j) = low + (high - low) * random.uniform(i, j);
    return x;
}

}  // namespace xloop::test
