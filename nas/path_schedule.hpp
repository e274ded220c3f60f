#pragma once

#include "core/workload/network_spec.hpp"
#include "nas/search_config.hpp"

#include <cstdint>
#include <functional>

namespace xloop {

/// The subnet that each period of supernet training trains, as a pure function of its number, keyed by seed. Of `space`, which must
/// outlive it:
/// - uniform: any path is as likely (Guo et al., arXiv 1904.00420);
/// - sandwich: of every four periods the first has the largest subnet, the third the smallest and the others random ones (the
///   "sandwich rule" of Yu and Huang, arXiv 1903.05134, spread over time instead of summed in each step);
/// - fair: each value of a choice is trained as often as the others, in a new order for every round through them (strict fairness
///   of Chu et al., arXiv 1907.01845, for each choice by itself, spread over time).
std::function<SubnetPath(std::uint64_t period)> path_schedule(const NetworkSpec& space, Phase1 kind,
                                                              std::uint64_t seed);

}  // namespace xloop
