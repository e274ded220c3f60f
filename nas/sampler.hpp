#pragma once

#include "nas/candidate.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace xloop {

/// Names the subnets to evaluate next, given all evaluated so far in the order in which it named them; none: the search
/// is over.
using Sampler = std::function<std::vector<SubnetPath>(const std::vector<SubnetRecord>& evaluated)>;

/// `count` different subnets: the smallest, the largest, then random ones keyed by seed. All of them when the space has
/// no more. Order is that of sampling.
std::vector<SubnetPath> sample_paths(const NetworkSpec& space, int count, std::uint64_t seed);

/// sample_paths at once. `space` must outlive the sampler.
Sampler random_sampler(const NetworkSpec& space, int count, std::uint64_t seed);

}  // namespace xloop
