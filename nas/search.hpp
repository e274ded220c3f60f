#pragma once

#include "core/workload/network_spec.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// `count` different subnets: the smallest, the largest, then random ones keyed by seed. All of them when the space has
/// no more. Order is that of sampling.
std::vector<SubnetPath> sample_paths(const NetworkSpec& space, int count, std::uint64_t seed);

/// What the search weighs against each other.
struct Objectives {
    double robust_accuracy = 0;  ///< to be large
    double edap = 0;             ///< to be small
};

/// a is at least as good as b in both objectives and better in one.
bool dominates(const Objectives& a, const Objectives& b);

/// Indices of the candidates that no other dominates, by falling robust accuracy (and so by falling EDAP); of equal
/// candidates the first.
std::vector<int> pareto_front(const std::vector<Objectives>& candidates);

/// `count` members of a front, evenly spread: its first, its last, and those between.
std::vector<int> spread_choice(const std::vector<int>& front, int count);

}  // namespace xloop
