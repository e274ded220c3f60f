#include "analysis/pareto.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace xloop {
namespace {

bool better(Direction direction, double a, double b) { return direction == Direction::maximise ? a > b : a < b; }

bool no_worse(const std::vector<Direction>& directions, const std::vector<double>& a, const std::vector<double>& b) {
    for (std::size_t k = 0; k < directions.size(); ++k)
        if (better(directions[k], b[k], a[k]))
            return false;
    return true;
}

/// From the best to the worst in the first objective, of equals there in the second, and so on: none is dominated by a later
/// one.
std::vector<int> lexicographic_order(const std::vector<Direction>& directions,
                                     const std::vector<std::vector<double>>& candidates) {
    std::vector<int> order(candidates.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        for (std::size_t k = 0; k < directions.size(); ++k)
            if (candidates[a][k] != candidates[b][k])
                return better(directions[k], candidates[a][k], candidates[b][k]);
        return false;
    });
    return order;
}

}  // namespace

bool dominates(const std::vector<Direction>& directions, const std::vector<double>& a, const std::vector<double>& b) {
    return no_worse(directions, a, b) && !no_worse(directions, b, a);
}

std::vector<int> pareto_front(const std::vector<Direction>& directions,
                              const std::vector<std::vector<double>>& candidates) {
    std::vector<int> front;
    for (int i : lexicographic_order(directions, candidates))
        if (std::none_of(front.begin(), front.end(),
                         [&](int member) { return no_worse(directions, candidates[member], candidates[i]); }))
            front.push_back(i);
    return front;
}

std::vector<int> non_dominated_ranks(const std::vector<Direction>& directions,
                                     const std::vector<std::vector<double>>& candidates) {
    std::vector<int> ranks(candidates.size());
    std::vector<std::vector<int>> fronts;
    for (int i : lexicographic_order(directions, candidates)) {
        const auto dominates_it = [&](int member) {
            return candidates[member] != candidates[i] && no_worse(directions, candidates[member], candidates[i]);
        };
        // The last member of a front is its best in the second objective; where there are no more, it speaks for all.
        const auto holds_a_better_one = [&](const std::vector<int>& front) {
            return directions.size() <= 2 ? dominates_it(front.back())
                                          : std::any_of(front.rbegin(), front.rend(), dominates_it);
        };
        // A front that holds a better one comes behind others that do.
        const auto own = std::partition_point(fronts.begin(), fronts.end(), holds_a_better_one);
        ranks[i] = static_cast<int>(own - fronts.begin());
        if (own == fronts.end())
            fronts.push_back({i});
        else
            own->push_back(i);
    }
    return ranks;
}

std::vector<double> crowding_distances(const std::vector<std::vector<double>>& candidates) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    std::vector<double> distances(candidates.size(), 0.0);
    std::vector<int> order(candidates.size());
    const std::size_t objectives = candidates.empty() ? 0 : candidates.front().size();
    for (std::size_t k = 0; k < objectives; ++k) {
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return candidates[a][k] < candidates[b][k]; });
        distances[order.front()] = distances[order.back()] = infinite;
        const double range = candidates[order.back()][k] - candidates[order.front()][k];
        for (std::size_t at = 1; range > 0.0 && at + 1 < order.size(); ++at)
            distances[order[at]] += (candidates[order[at + 1]][k] - candidates[order[at - 1]][k]) / range;
    }
    return distances;
}

std::vector<int> spread_choice(const std::vector<int>& front, int count) {
    const int size = static_cast<int>(front.size());
    if (count >= size)
        return front;
    std::vector<int> chosen;
    for (int i = 0; i < count; ++i) {
        const double at = count == 1 ? 0.0 : static_cast<double>(i) * (size - 1) / (count - 1);
        chosen.push_back(front[static_cast<std::size_t>(std::lround(at))]);
    }
    return chosen;
}

}  // namespace xloop
