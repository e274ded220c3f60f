#include "nas/optimisers/standing.hpp"

#include "analysis/pareto.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>

namespace xloop {
namespace {

/// Standings of those at these places, which break no constraint. Returns how many ranks there are.
int stand_feasible(const std::vector<const Judged*>& all, const std::vector<int>& places,
                   std::vector<Standing>& standings) {
    std::vector<std::vector<double>> values;
    for (int place : places)
        values.push_back(all[static_cast<std::size_t>(place)]->objectives);
    const std::vector<Direction> directions(values.empty() ? 0 : values.front().size(), Direction::minimise);
    const std::vector<int> ranks = non_dominated_ranks(directions, values);
    const int count = ranks.empty() ? 0 : *std::max_element(ranks.begin(), ranks.end()) + 1;
    std::vector<std::vector<int>> by_rank(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < ranks.size(); ++i)
        by_rank[static_cast<std::size_t>(ranks[i])].push_back(static_cast<int>(i));
    for (const std::vector<int>& members : by_rank) {
        std::vector<std::vector<double>> own;
        for (int i : members)
            own.push_back(values[static_cast<std::size_t>(i)]);
        const std::vector<double> crowding = crowding_distances(own);
        for (std::size_t m = 0; m < members.size(); ++m) {
            const auto i = static_cast<std::size_t>(members[m]);
            standings[static_cast<std::size_t>(places[i])] = {ranks[i], crowding[m]};
        }
    }
    return count;
}

}  // namespace

bool dominates(const Judged& a, const Judged& b) {
    if (a.violation > 0.0 || b.violation > 0.0)
        return a.violation < b.violation;
    bool better = false;
    for (std::size_t k = 0; k < a.objectives.size(); ++k) {
        if (a.objectives[k] > b.objectives[k])
            return false;
        better |= a.objectives[k] < b.objectives[k];
    }
    return better;
}

std::vector<Standing> standings(const std::vector<const Judged*>& all) {
    std::vector<Standing> result(all.size());
    std::vector<int> feasible;
    std::map<double, std::vector<std::size_t>> by_violation;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i]->violation > 0.0)
            by_violation[all[i]->violation].push_back(i);
        else
            feasible.push_back(static_cast<int>(i));
    int rank = stand_feasible(all, feasible, result);
    for (const auto& [violation, places] : by_violation) {
        for (std::size_t i : places)
            result[i].rank = rank;
        ++rank;
    }
    return result;
}

int tournament(const std::vector<Standing>& all, int size, Draws& draws) {
    int best = draws.below(static_cast<int>(all.size()));
    for (int n = 1; n < size; ++n) {
        const int rival = draws.below(static_cast<int>(all.size()));
        if (all[static_cast<std::size_t>(rival)].better_than(all[static_cast<std::size_t>(best)]))
            best = rival;
    }
    return best;
}

std::vector<int> best_of(const std::vector<Standing>& all, int count) {
    std::vector<int> order(all.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return all[static_cast<std::size_t>(a)].better_than(all[static_cast<std::size_t>(b)]);
    });
    order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
    return order;
}

}  // namespace xloop
