#pragma once

#include "core/workload/network_spec.hpp"

#include <cstdint>

namespace xloop {

/// The subnet that a period of supernet training trains: of every four periods the first has the largest subnet, the
/// third the smallest and the others random ones keyed by seed (the "sandwich rule" of Yu and Huang, arXiv 1903.05134,
/// spread over time instead of summed in each step).
SubnetPath sandwich_path(const NetworkSpec& space, std::uint64_t seed, std::uint64_t period);

}  // namespace xloop
