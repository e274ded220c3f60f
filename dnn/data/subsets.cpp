#include "dnn/data/subsets.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <tuple>

namespace xloop {
namespace {

/// An image by its place in the random order of its class.
struct Drawn {
    int image, label;
    std::size_t rank, class_size;
};

std::vector<Drawn> draw(const std::vector<int>& labels, int count, std::uint64_t seed) {
    if (count < 0 || static_cast<std::size_t>(count) > labels.size())
        throw InputError(fmt::format("{} images are asked for, of {}", count, labels.size()));
    const KeyedRandom random(seed, RandomUse::image_choice);
    std::map<int, std::vector<std::pair<std::uint64_t, int>>> classes;
    for (std::size_t i = 0; i < labels.size(); ++i)
        classes[labels[i]].emplace_back(random.bits(i), static_cast<int>(i));
    std::vector<Drawn> drawn;
    for (auto& [label, images] : classes) {
        std::sort(images.begin(), images.end());
        for (std::size_t rank = 0; rank < images.size(); ++rank)
            drawn.push_back({images[rank].second, label, rank, images.size()});
    }
    return drawn;
}

/// The first `count` in the order that `key` gives, and the others; both in the order of the images.
template <class Key>
std::pair<std::vector<int>, std::vector<int>> parted(std::vector<Drawn> drawn, int count, const Key& key) {
    std::sort(drawn.begin(), drawn.end(), [&](const Drawn& a, const Drawn& b) { return key(a) < key(b); });
    std::pair<std::vector<int>, std::vector<int>> parts;
    for (std::size_t i = 0; i < drawn.size(); ++i)
        (i < static_cast<std::size_t>(count) ? parts.first : parts.second).push_back(drawn[i].image);
    std::sort(parts.first.begin(), parts.first.end());
    std::sort(parts.second.begin(), parts.second.end());
    return parts;
}

}  // namespace

std::vector<int> balanced_subset(const std::vector<int>& labels, int count, std::uint64_t seed) {
    return parted(draw(labels, count, seed), count, [](const Drawn& d) { return std::tuple(d.rank, d.label); }).first;
}

std::pair<std::vector<int>, std::vector<int>> split_by_class(const std::vector<int>& labels, int count,
                                                             std::uint64_t seed) {
    auto [chosen, others] = parted(draw(labels, count, seed), count, [](const Drawn& d) {
        return std::tuple((static_cast<double>(d.rank) + 0.5) / static_cast<double>(d.class_size), d.label);
    });
    return {std::move(others), std::move(chosen)};
}

}  // namespace xloop
