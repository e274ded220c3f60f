#include "nas/path_schedule.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <numeric>

namespace xloop {
namespace {

SubnetPath random_path(const NetworkSpec& space, std::uint64_t seed, std::uint64_t period) {
    const KeyedRandom random(seed, RandomUse::path_sampling);
    SubnetPath path;
    for (const OpenChoice& open : space.open_choices())
        path.push_back(open.values[random.below(open.values.size(), period, path.size())]);
    return path;
}

SubnetPath fair_path(const NetworkSpec& space, std::uint64_t seed, std::uint64_t period) {
    const KeyedRandom random(seed, RandomUse::path_sampling);
    SubnetPath path;
    std::uint64_t choice = 0;
    for (const OpenChoice& open : space.open_choices()) {
        const std::uint64_t levels = open.values.size(), round = period / levels;
        std::vector<int> order = open.values;
        for (std::uint64_t left = levels; left > 1; --left)
            std::swap(order[left - 1], order[random.below(left, round, choice * levels + left)]);
        path.push_back(order[period % levels]);
        ++choice;
    }
    return path;
}

}  // namespace

std::function<SubnetPath(std::uint64_t)> path_schedule(const NetworkSpec& space, Phase1 kind, std::uint64_t seed) {
    switch (kind) {
    case Phase1::sandwich:
        return [&space, seed](std::uint64_t period) {
            return period % 4 == 0   ? space.largest_path()
                   : period % 4 == 2 ? space.smallest_path()
                                     : random_path(space, seed, period);
        };
    case Phase1::fair: return [&space, seed](std::uint64_t period) { return fair_path(space, seed, period); };
    case Phase1::uniform:
    case Phase1::gates: return [&space, seed](std::uint64_t period) { return random_path(space, seed, period); };
    }
    throw Error("there is no such schedule of subnets");
}

}  // namespace xloop
