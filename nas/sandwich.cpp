#include "nas/sandwich.hpp"

#include "core/random.hpp"

namespace xloop {

SubnetPath sandwich_path(const NetworkSpec& space, std::uint64_t seed, std::uint64_t period) {
    if (period % 4 == 0)
        return space.largest_path();
    if (period % 4 == 2)
        return space.smallest_path();
    return space.path(KeyedRandom(seed, RandomUse::path_sampling).below(space.path_count(), period));
}

}  // namespace xloop
