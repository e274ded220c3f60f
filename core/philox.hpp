#pragma once

#include <array>
#include <cstdint>

namespace xloop {

/// Philox4x32-10: 128-bit counter, 64-bit key -> 128 random bits.
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
namespace philox {

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

constexpr int rounds = 10;
constexpr std::uint32_t multiplier_0 = 0xD2511F53u, multiplier_1 = 0xCD9E8D57u;
constexpr std::uint32_t key_step_0 = 0x9E3779B9u, key_step_1 = 0xBB67AE85u;

inline Counter block(Counter counter, Key key) {
    for (int round = 0; round < rounds; ++round) {
        const std::uint64_t a = std::uint64_t{multiplier_0} * counter[0];
        const std::uint64_t b = std::uint64_t{multiplier_1} * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
        key[0] += key_step_0;
        key[1] += key_step_1;
    }
    return counter;
}

constexpr int blocks_together = 16;

/// The blocks of sixteen counters with equal lower halves: words[4 * k ... 4 * k + 3] = block of (low, high[k]), least
/// significant words first. The same bits as one by one.
void blocks(std::uint64_t low, const std::uint64_t* high, Key key, std::uint32_t* words);

}  // namespace philox
}  // namespace xloop
