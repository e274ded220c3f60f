#include "nas/pareto.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
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

}  // namespace

bool dominates(const std::vector<Direction>& directions, const std::vector<double>& a, const std::vector<double>& b) {
    return no_worse(directions, a, b) && !no_worse(directions, b, a);
}

std::vector<int> pareto_front(const std::vector<Direction>& directions,
                              const std::vector<std::vector<double>>& candidates) {
    std::vector<int> order(candidates.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        for (std::size_t k = 0; k < directions.size(); ++k)
            if (candidates[a][k] != candidates[b][k])
                return better(directions[k], candidates[a][k], candidates[b][k]);
        return false;
    });
    // In this order none is dominated by a later one.
    std::vector<int> front;
    for (int i : order)
        if (std::none_of(front.begin(), front.end(),
                         [&](int member) { return no_worse(directions, candidates[member], candidates[i]); }))
            front.push_back(i);
    return front;
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
