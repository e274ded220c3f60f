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

/// `count` members of a front, evenly spread: its first, its last, and those between.
std::vector<int> spread_choice(const std::vector<int>& front, int count);

}  // namespace xloop
