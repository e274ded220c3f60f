#include "core/ars.hpp"

#include <cstddef>

namespace xloop::ars {
namespace {

constexpr std::uint8_t times_two(std::uint8_t x) {
    return static_cast<std::uint8_t>((x << 1) ^ ((x & 0x80) != 0 ? 0x1b : 0));
}

/// SubBytes: the inverse in GF(2^8), then an affine map.
constexpr std::array<std::uint8_t, 256> make_substitutes() {
    // 3 generates the field: the inverse of 3^k is 3^(255 - k).
    std::array<std::uint8_t, 256> power{}, substitutes{};
    std::uint8_t x = 1;
    for (std::uint8_t& of : power) {
        of = x;
        x = static_cast<std::uint8_t>(x ^ times_two(x));
    }
    for (std::size_t k = 0; k < 256; ++k) {
        const unsigned inverse = k == 255 ? 0u : power[(255 - k) % 255];
        const unsigned twice = inverse << 8 | inverse;
        substitutes[k == 255 ? 0 : power[k]] =
            static_cast<std::uint8_t>(0x63 ^ inverse ^ (twice >> 7) ^ (twice >> 6) ^ (twice >> 5) ^ (twice >> 4));
    }
    return substitutes;
}
constexpr std::array<std::uint8_t, 256> substitutes = make_substitutes();

/// What a byte of row 0 gives to the four bytes of its column, after SubBytes and MixColumns.
constexpr std::array<std::uint32_t, 256> make_columns() {
    std::array<std::uint32_t, 256> columns{};
    for (std::size_t k = 0; k < 256; ++k) {
        const std::uint32_t one = substitutes[k], two = times_two(substitutes[k]);
        columns[k] = two | one << 8 | one << 16 | (one ^ two) << 24;
    }
    return columns;
}
constexpr std::array<std::uint32_t, 256> columns = make_columns();

/// The byte that ShiftRows brings to row `row` of column `column`.
std::uint8_t shifted_byte(const Block& state, unsigned column, unsigned row) {
    const unsigned place = 4 * ((column + row) % 4) + row;
    return static_cast<std::uint8_t>(state[place / 8] >> (place % 8 * 8));
}

std::uint32_t rotate(std::uint32_t x, unsigned bits) { return bits == 0 ? x : x << bits | x >> (32 - bits); }

/// key + the columns that find(byte, row) puts together.
template <class Find>
Block round_of(const Block& state, Block key, const Find& find) {
    for (unsigned column = 0; column < 4; ++column) {
        std::uint32_t sum = 0;
        for (unsigned row = 0; row < 4; ++row)
            sum ^= rotate(find(shifted_byte(state, column, row)), 8 * row);
        key[column / 2] ^= std::uint64_t{sum} << (column % 2 * 32);
    }
    return key;
}

}  // namespace

Keys keys(Block key) {
    Keys all;
    for (Block& of_round : all) {
        of_round = key;
        for (std::size_t half = 0; half < key.size(); ++half)
            key[half] += key_step[half];
    }
    return all;
}

Block aes_round(Block state, Block key) {
    return round_of(state, key, [](std::uint8_t byte) { return columns[byte]; });
}

Block last_aes_round(Block state, Block key) {
    return round_of(state, key, [](std::uint8_t byte) { return std::uint32_t{substitutes[byte]}; });
}

Block block(Block counter, const Keys& keys) {
    for (std::size_t half = 0; half < counter.size(); ++half)
        counter[half] ^= keys[0][half];
    for (std::size_t round = 1; round < rounds; ++round)
        counter = aes_round(counter, keys[round]);
    return last_aes_round(counter, keys[rounds]);
}

}  // namespace xloop::ars
