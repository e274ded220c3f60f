#pragma once

#include "analysis/pareto.hpp"

#include <vector>

namespace xloop {

/// The volume that `points` dominate within the box that ends at `reference`, all objectives minimised: exact up to
/// rounding. Points that are not better than the reference in every objective add nothing. One objective: the length up to
/// the reference; two: a sweep; three: a sweep of slices (Fonseca et al., CEC 2006), n log n steps both; more: WFG (While
/// et al., IEEE Transactions on Evolutionary Computation 16 (2012)), whose steps may grow exponentially with the objectives.
double hypervolume(std::vector<std::vector<double>> points, const std::vector<double>& reference);

/// The same with a direction for each objective.
double hypervolume(const std::vector<Direction>& directions, std::vector<std::vector<double>> points,
                   std::vector<double> reference);

}  // namespace xloop
