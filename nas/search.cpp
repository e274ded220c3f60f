#include "nas/search.hpp"

#include "core/random.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {

std::vector<SubnetPath> sample_paths(const NetworkSpec& space, int count, std::uint64_t seed) {
    std::vector<SubnetPath> paths;
    const auto add = [&](const SubnetPath& path) {
        if (static_cast<int>(paths.size()) < count && std::find(paths.begin(), paths.end(), path) == paths.end())
            paths.push_back(path);
    };
    const std::uint64_t total = space.path_count();
    if (total <= static_cast<std::uint64_t>(count)) {
        for (std::uint64_t i = 0; i < total; ++i)
            add(space.path(i));
        return paths;
    }
    add(space.smallest_path());
    add(space.largest_path());
    const KeyedRandom random(seed, RandomUse::subnet_search);
    for (std::uint64_t draw = 0; static_cast<int>(paths.size()) < count; ++draw)
        add(space.path(random.below(total, draw)));
    return paths;
}

bool dominates(const Objectives& a, const Objectives& b) {
    const bool no_worse = a.robust_accuracy >= b.robust_accuracy && a.edap <= b.edap;
    return no_worse && (a.robust_accuracy > b.robust_accuracy || a.edap < b.edap);
}

std::vector<int> pareto_front(const std::vector<Objectives>& candidates) {
    std::vector<int> order(candidates.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<int>(i);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        const Objectives &x = candidates[a], &y = candidates[b];
        return x.robust_accuracy != y.robust_accuracy ? x.robust_accuracy > y.robust_accuracy : x.edap < y.edap;
    });
    std::vector<int> front;
    for (int i : order)
        if (front.empty() || candidates[i].edap < candidates[front.back()].edap)
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
