#pragma once

#include <vector>

namespace xloop {

enum class Direction { maximise, minimise };

/// a is at least as good as b in every objective and better in one. Both have one value for each of `directions`.
bool dominates(const std::vector<Direction>& directions, const std::vector<double>& a, const std::vector<double>& b);

/// Indices of the candidates that no other dominates, from the best to the worst in the first objective (of equals there:
/// in the second, and so on); of equal candidates the first.
std::vector<int> pareto_front(const std::vector<Direction>& directions,
                              const std::vector<std::vector<double>>& candidates);

/// The rank of each candidate: 0 where no other dominates it, 1 where none of those that are left without rank 0 does, and
/// so on. Equal candidates have equal ranks. Efficient non-dominated sort with binary search: Zhang et al., IEEE
/// Transactions on Evolutionary Computation 19 (2015); n log n steps for one or two objectives.
std::vector<int> non_dominated_ranks(const std::vector<Direction>& directions,
                                     const std::vector<std::vector<double>>& candidates);

/// How much room each of these, which should have one rank, has to itself: over all objectives, the sum of the distances
/// between its neighbours on either side, as shares of the objective's range; infinite at both ends of an objective (Deb et
/// al., IEEE Transactions on Evolutionary Computation 6 (2002), section III.B).
std::vector<double> crowding_distances(const std::vector<std::vector<double>>& candidates);

/// `count` members of a front, evenly spread: its first, its last, and those between.
std::vector<int> spread_choice(const std::vector<int>& front, int count);

}  // namespace xloop
