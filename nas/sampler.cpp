#include "nas/sampler.hpp"

#include "core/random.hpp"

#include <algorithm>

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

Sampler random_sampler(const NetworkSpec& space, int count, std::uint64_t seed) {
    return [&space, count, seed](const std::vector<SubnetRecord>& evaluated) {
        return evaluated.empty() ? sample_paths(space, count, seed) : std::vector<SubnetPath>{};
    };
}

}  // namespace xloop
