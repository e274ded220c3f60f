#include "core/ars.hpp"

#include <gtest/gtest.h>
#include <bitset>
#include <cmath>
#include <vector>

namespace xloop {
namespace {

using ars::Block;

/// 16 bytes as FIPS 197 prints them, the first one first.
Block block_of(std::uint64_t first, std::uint64_t last) { return {__builtin_bswap64(first), __builtin_bswap64(last)}; }

// The example of appendix B of FIPS 197.
TEST(Ars, GivenThePublishedExampleOfAes_ThenItsRoundsAgree) {
    EXPECT_EQ(ars::aes_round(block_of(0x193de3bea0f4e22b, 0x9ac68d2ae9f84808), {}),
              block_of(0x046681e5e0cb199a, 0x48f8d37a2806264c));
    EXPECT_EQ(ars::aes_round(block_of(0x193de3bea0f4e22b, 0x9ac68d2ae9f84808),
                             block_of(0xa0fafe1788542cb1, 0x23a339392a6c7605)),
              block_of(0xa49c7ff2689f352b, 0x6b5bea43026a5049));
    EXPECT_EQ(ars::last_aes_round(block_of(0xeb40f21e592e3884, 0x8ba113e71bc342d2),
                                  block_of(0xd014f9a8c9ee2589, 0xe13f0cc8b6630ca6)),
              block_of(0x3925841d02dc09fb, 0xdc118597196a0b32));
}

// AES from its definition: polynomials over GF(2), no tables.
std::uint8_t product(std::uint8_t a, std::uint8_t b) {
    unsigned sum = 0;
    for (int k = 7; k >= 0; --k) {
        sum <<= 1;
        if ((sum & 0x100u) != 0)
            sum ^= 0x11bu;
        if ((b >> k & 1) != 0)
            sum ^= a;
    }
    return static_cast<std::uint8_t>(sum);
}

std::uint8_t substitute(std::uint8_t a) {
    std::uint8_t inverse = 0;
    for (int b = 1; b < 256; ++b)
        if (product(a, static_cast<std::uint8_t>(b)) == 1)
            inverse = static_cast<std::uint8_t>(b);
    unsigned result = 0;
    for (int k = 0; k < 8; ++k) {
        unsigned parity = 0x63u >> k;
        for (int term : {0, 4, 5, 6, 7})
            parity ^= inverse >> ((k + term) % 8);
        result |= (parity & 1u) << k;
    }
    return static_cast<std::uint8_t>(result);
}

Block plain_round(const Block& state, const Block& key, bool mix) {
    std::uint8_t rows[4][4], out[4][4];
    for (int place = 0; place < 16; ++place)
        rows[place % 4][place / 4] = static_cast<std::uint8_t>(state[place / 8] >> (place % 8 * 8));
    for (int row = 0; row < 4; ++row)
        for (int column = 0; column < 4; ++column)
            out[row][column] = substitute(rows[row][(column + row) % 4]);
    Block result = key;
    for (int place = 0; place < 16; ++place) {
        const int row = place % 4, column = place / 4;
        const std::uint8_t byte =
            !mix ? out[row][column]
                 : static_cast<std::uint8_t>(product(2, out[row][column]) ^ product(3, out[(row + 1) % 4][column]) ^
                                             out[(row + 2) % 4][column] ^ out[(row + 3) % 4][column]);
        result[place / 8] ^= std::uint64_t{byte} << (place % 8 * 8);
    }
    return result;
}

TEST(Ars, GivenAnyCounterAndKey_ThenItIsSevenRoundsWithKeysOfAWeylSequence) {
    const std::vector<Block> some = {{0, 0}, {1, 0}, {~0ull, ~0ull}, {0x243f6a8885a308d3, 0x13198a2e03707344}};
    for (const Block& counter : some)
        for (const Block& key : some) {
            Block state = {counter[0] ^ key[0], counter[1] ^ key[1]};
            for (std::uint64_t round = 1; round <= 7; ++round)
                state = plain_round(state, {key[0] + round * 0x9E3779B97F4A7C15u, key[1] + round * 0xBB67AE8584CAA73Bu},
                                    round < 7);
            EXPECT_EQ(ars::block(counter, ars::keys(key)), state);
        }
}

TEST(Ars, GivenCountersOrKeysThatDifferInOneBit_ThenHalfOfTheBitsDiffer) {
    const auto different = [](const Block& a, const Block& b) {
        return static_cast<double>(std::bitset<64>(a[0] ^ b[0]).count() + std::bitset<64>(a[1] ^ b[1]).count());
    };
    const ars::Keys keys = ars::keys({5, 7});
    double by_counter = 0.0, by_key = 0.0;
    const int tries = 128 * 32;
    for (unsigned k = 0; k < tries; ++k) {
        const Block counter = {k / 128, 9}, base = ars::block(counter, keys);
        Block flip = {};
        flip[k / 64 % 2] = std::uint64_t{1} << k % 64;
        by_counter += different(ars::block({counter[0] ^ flip[0], counter[1] ^ flip[1]}, keys), base) / tries;
        by_key += different(ars::block(counter, ars::keys({5 ^ flip[0], 7 ^ flip[1]})), base) / tries;
    }
    const double four_sigma = 4.0 * std::sqrt(128 * 0.25 / tries);
    EXPECT_NEAR(by_counter, 64.0, four_sigma);
    EXPECT_NEAR(by_key, 64.0, four_sigma);
}

}  // namespace
}  // namespace xloop
