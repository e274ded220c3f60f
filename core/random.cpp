#include "core/random.hpp"

#include "core/normal.hpp"
#include "core/philox.hpp"

#include <algorithm>

namespace xloop {
namespace {

constexpr double two_pow_minus_53 = 1.0 / 9007199254740992.0;

// Finaliser of SplitMix64 (Steele et al., OOPSLA 2014): spreads a small seed over all 64 bits.
std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

std::uint64_t join(std::uint32_t high, std::uint32_t low) { return (static_cast<std::uint64_t>(high) << 32) | low; }

}  // namespace

KeyedRandom::KeyedRandom(std::uint64_t seed, RandomUse use) {
    const std::uint64_t mixed = mix(seed ^ mix(static_cast<std::uint64_t>(use)));
    key_ = {static_cast<std::uint32_t>(mixed), static_cast<std::uint32_t>(mixed >> 32)};
}

std::array<std::uint32_t, 4> KeyedRandom::block(std::uint64_t i, std::uint64_t j) const {
    return philox::block({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i >> 32),
                          static_cast<std::uint32_t>(j), static_cast<std::uint32_t>(j >> 32)},
                         key_);
}

std::uint64_t KeyedRandom::bits(std::uint64_t i, std::uint64_t j) const {
    const auto b = block(i, j);
    return join(b[1], b[0]);
}

double KeyedRandom::uniform(std::uint64_t i, std::uint64_t j) const {
    return static_cast<double>(bits(i, j) >> 11) * two_pow_minus_53;
}

std::uint64_t KeyedRandom::below(std::uint64_t n, std::uint64_t i, std::uint64_t j) const {
    // Multiply-shift; the bias is below n / 2^64.
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(bits(i, j)) * n) >> 64);
}

double KeyedRandom::normal(std::uint64_t i, std::uint64_t j) const {
    double z;
    normals_from_words(block(i, j).data(), 1, &z);
    return z;
}

void KeyedRandom::normals(std::uint64_t i, std::uint64_t first_j, int count, double* z) const {
    constexpr int together = philox::blocks_together;
    std::array<std::uint64_t, together> j;
    std::array<std::uint32_t, 4 * together> words;
    for (int first = 0; first < count; first += together) {
        for (int k = 0; k < together; ++k)
            j[static_cast<std::size_t>(k)] = first_j + static_cast<std::uint64_t>(first + k);
        philox::blocks(i, j.data(), key_, words.data());
        normals_from_words(words.data(), std::min(together, count - first), z + first);
    }
}

}  // namespace xloop
