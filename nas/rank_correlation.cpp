#include "nas/rank_correlation.hpp"

#include "core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <utility>

namespace xloop {

double kendall_tau(const std::vector<double>& a, const std::vector<double>& b) {
    const auto order = [](double x, double y) { return x < y ? -1 : (x > y ? 1 : 0); };
    std::int64_t agreement = 0, untied_a = 0, untied_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const int in_a = order(a[i], a[j]), in_b = order(b[i], b[j]);
            agreement += in_a * in_b;
            untied_a += in_a != 0;
            untied_b += in_b != 0;
        }
    if (untied_a == 0 || untied_b == 0)
        return 0.0;
    return static_cast<double>(agreement) / std::sqrt(static_cast<double>(untied_a) * static_cast<double>(untied_b));
}

std::vector<int> random_folds(int count, int folds, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::predictor);
    std::vector<int> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        const auto key = [&](int i) { return std::pair(random.bits(static_cast<std::uint64_t>(i)), i); };
        return key(a) < key(b);
    });
    std::vector<int> fold(order.size());
    for (std::size_t at = 0; at < order.size(); ++at)
        fold[static_cast<std::size_t>(order[at])] = static_cast<int>(at) % folds;
    return fold;
}

double left_out_tau(const std::vector<double>& predicted, const std::vector<double>& actual,
                    const std::vector<int>& fold) {
    std::map<int, std::pair<std::vector<double>, std::vector<double>>> by_fold;
    for (std::size_t i = 0; i < fold.size(); ++i) {
        by_fold[fold[i]].first.push_back(predicted[i]);
        by_fold[fold[i]].second.push_back(actual[i]);
    }
    double sum = 0.0, pairs = 0.0;
    for (const auto& [number, values] : by_fold) {
        const double size = static_cast<double>(values.first.size());
        const double own = size * (size - 1.0) / 2.0;
        sum += own * kendall_tau(values.first, values.second);
        pairs += own;
    }
    return pairs > 0.0 ? sum / pairs : 0.0;
}

}  // namespace xloop
