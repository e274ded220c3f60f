#pragma once

#include <array>
#include <cstdint>

namespace xloop {

/// ARS-7: 128-bit counter, 128-bit key -> 128 random bits, by seven rounds of AES with keys that are a Weyl sequence. Where a
/// processor has instructions for AES it is some ten times as fast as Philox; it is no cipher.
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
namespace ars {

/// 128 bits, the lower half first. Byte k of the state of AES, which fills columns of four bytes, is byte k from the lowest.
using Block = std::array<std::uint64_t, 2>;

constexpr int rounds = 7;
constexpr Block key_step = {0x9E3779B97F4A7C15u, 0xBB67AE8584CAA73Bu};

/// What is added before the first round and by each round.
using Keys = std::array<Block, rounds + 1>;
Keys keys(Block key);

/// One round of AES (FIPS 197): SubBytes, ShiftRows, MixColumns and AddRoundKey. The last one leaves out MixColumns.
Block aes_round(Block state, Block key);
Block last_aes_round(Block state, Block key);

Block block(Block counter, const Keys& keys);

}  // namespace ars
}  // namespace xloop
