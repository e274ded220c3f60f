#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace xloop {

/// `count` of the images with these labels, in their order: as many of each class, drawn by seed; where a class has fewer,
/// all of it, and more of the others. A smaller count gives a part of what a larger one gives.
std::vector<int> balanced_subset(const std::vector<int>& labels, int count, std::uint64_t seed);

/// Two parts of the images with these labels, each in their order: without `count` of them, and these `count`, drawn by
/// seed, every class by its share.
std::pair<std::vector<int>, std::vector<int>> split_by_class(const std::vector<int>& labels, int count,
                                                             std::uint64_t seed);

}  // namespace xloop
