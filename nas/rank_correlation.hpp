#pragma once

#include <cstdint>
#include <vector>

namespace xloop {

/// Kendall's tau-b of two lists of equal length: pairs in the same order less pairs in the opposite one, over the geometric
/// mean of the pairs that are not tied in either list (Kendall, Biometrika 33 (1945)). 1: the same order; -1: the opposite
/// one; 0 also where all values of a list are equal and nothing is known. By pairs: n^2 / 2 steps.
double kendall_tau(const std::vector<double>& a, const std::vector<double>& b);

/// A fold, 0 to `folds` - 1, for each of `count` samples: by chance, keyed by seed, sizes that differ by at most one.
std::vector<int> random_folds(int count, int folds, std::uint64_t seed);

/// Kendall's tau of what was predicted for each fold without it: the mean over folds, weighted by their pairs. Values of
/// different folds come from different predictors and are not held against one another: one that knows nothing says the mean
/// of the others, which is lower where the left-out values are higher.
double left_out_tau(const std::vector<double>& predicted, const std::vector<double>& actual,
                    const std::vector<int>& fold);

}  // namespace xloop
