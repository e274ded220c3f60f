#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace xloop {

/// How many reads the arrays of a network make for some images, where those of zeros alone are left out
/// (crossbar.skip_zero_reads).
struct MadeReads {
    /// Of one copy of a layer, for all vectors of all images.
    struct Copy {
        std::vector<std::vector<std::uint64_t>> blocks;  ///< of each array, by group of rows: of all digits
        std::map<int, std::uint64_t> steps;  ///< by tile: of each vector those of the array that makes most, at least 1
    };
    std::string source;  ///< where the numbers come from, for reports
    int images = 0;
    std::vector<std::vector<Copy>> layers;  ///< by layer and copy; of a layer that makes all reads, none

    /// Null: the layer makes all reads.
    const Copy* find(int layer, int copy) const {
        const auto l = static_cast<std::size_t>(layer);
        return l < layers.size() && !layers[l].empty() ? &layers[l][static_cast<std::size_t>(copy)] : nullptr;
    }
};

/// What of `count` things in `all` equal shares the first `shares` hold, in whole numbers: floor(count * shares / all). Also
/// for more shares than all, over which they then go on.
constexpr std::uint64_t held_by(std::uint64_t count, std::uint64_t shares, std::uint64_t all) {
    return count / all * shares + count % all * shares / all;
}

}  // namespace xloop
