#pragma once

#include "nas/optimisers/genomes.hpp"

#include <vector>

namespace xloop {

/// Where a genome stands among others: the crowded comparison of Deb et al. 2002, section III.B.
struct Standing {
    int rank = 0;           ///< 0: no other dominates it
    double crowding = 0.0;  ///< room among those of its rank

    bool better_than(const Standing& other) const {
        return rank != other.rank ? rank < other.rank : crowding > other.crowding;
    }
};

/// a constraint-dominates b (Deb et al. 2002, definition 1): it breaks constraints less, or both break none and it dominates.
bool dominates(const Judged& a, const Judged& b);

/// Standings by that order: those that break constraints come behind all others, by violation, without crowding.
std::vector<Standing> standings(const std::vector<const Judged*>& all);

/// The best of `size` members by chance, which may be the same ones; as its place.
int tournament(const std::vector<Standing>& all, int size, Draws& draws);

/// Places of the `count` best, from the best; of equals the first.
std::vector<int> best_of(const std::vector<Standing>& all, int count);

}  // namespace xloop
