#include "core/philox.hpp"

#include "core/target_clones.hpp"

#ifdef XLOOP_HAS_CLONES
#include <immintrin.h>
#include <cstring>
#endif

namespace xloop::philox {
namespace {

[[gnu::always_inline]] inline void blocks_in_loops(std::uint64_t low, const std::uint64_t* high, Key key,
                                                   std::uint32_t* words) {
    std::uint32_t c0[blocks_together], c1[blocks_together], c2[blocks_together], c3[blocks_together];
    for (int k = 0; k < blocks_together; ++k) {
        c0[k] = static_cast<std::uint32_t>(low);
        c1[k] = static_cast<std::uint32_t>(low >> 32);
        c2[k] = static_cast<std::uint32_t>(high[k]);
        c3[k] = static_cast<std::uint32_t>(high[k] >> 32);
    }
    for (int round = 0; round < rounds; ++round) {
        for (int k = 0; k < blocks_together; ++k) {
            const std::uint64_t a = std::uint64_t{multiplier_0} * c0[k];
            const std::uint64_t b = std::uint64_t{multiplier_1} * c2[k];
            c0[k] = static_cast<std::uint32_t>(b >> 32) ^ c1[k] ^ key[0];
            c1[k] = static_cast<std::uint32_t>(b);
            c2[k] = static_cast<std::uint32_t>(a >> 32) ^ c3[k] ^ key[1];
            c3[k] = static_cast<std::uint32_t>(a);
        }
        key[0] += key_step_0;
        key[1] += key_step_1;
    }
    for (int k = 0; k < blocks_together; ++k) {
        words[4 * k] = c0[k];
        words[4 * k + 1] = c1[k];
        words[4 * k + 2] = c2[k];
        words[4 * k + 3] = c3[k];
    }
}

#ifdef XLOOP_HAS_CLONES
__attribute__((target("default")))
#endif
void blocks_by_processor(std::uint64_t low, const std::uint64_t* high, Key key, std::uint32_t* words) {
    blocks_in_loops(low, high, key, words);
}

#ifdef XLOOP_HAS_CLONES
__attribute__((target("avx2"))) void blocks_by_processor(std::uint64_t low, const std::uint64_t* high, Key key,
                                                         std::uint32_t* words) {
    blocks_in_loops(low, high, key, words);
}

using Words = std::uint64_t __attribute__((vector_size(64), may_alias));

/// Products of the lower halves of eight words and `multiplier`.
__attribute__((target("avx512f"), always_inline)) inline void multiply_halves(const Words& words,
                                                                              std::uint32_t multiplier,
                                                                              Words& products) {
    const Words factor = Words{} + multiplier;
    reinterpret_cast<__m512i&>(products) =
        _mm512_maskz_mul_epu32(0xff, reinterpret_cast<const __m512i&>(words), reinterpret_cast<const __m512i&>(factor));
}

// By hand, because the compiler does not use the multiplication of 32-bit halves here. Each lane of 64 bits holds a word
// of one counter; only its lower half counts.
__attribute__((target("avx512f"))) void blocks_by_processor(std::uint64_t low, const std::uint64_t* high, Key key,
                                                            std::uint32_t* words) {
    constexpr int groups = 2, lanes = blocks_together / groups;
    Words c0[groups], c1[groups], c2[groups], c3[groups];
    for (int g = 0; g < groups; ++g) {
        c0[g] = Words{} + low;
        c1[g] = Words{} + (low >> 32);
        std::memcpy(&c2[g], high + g * lanes, sizeof(Words));
        c3[g] = c2[g] >> 32;
    }
    for (int round = 0; round < rounds; ++round) {
#pragma GCC unroll 2
        for (int g = 0; g < groups; ++g) {
            Words a, b;
            multiply_halves(c0[g], multiplier_0, a);
            multiply_halves(c2[g], multiplier_1, b);
            c0[g] = (b >> 32) ^ c1[g] ^ key[0];
            c1[g] = b;
            c2[g] = (a >> 32) ^ c3[g] ^ key[1];
            c3[g] = a;
        }
        key[0] += key_step_0;
        key[1] += key_step_1;
    }
    const Words lower_half = Words{} + 0xffffffffu;
    const Words first_four = {0, 8, 1, 9, 2, 10, 3, 11}, last_four = {4, 12, 5, 13, 6, 14, 7, 15};
    for (int g = 0; g < groups; ++g) {
        // Words 0 and 1 of each counter side by side, words 2 and 3, and then all four.
        const Words start = (c0[g] & lower_half) | (c1[g] << 32), end = (c2[g] & lower_half) | (c3[g] << 32);
        const Words ordered[2] = {__builtin_shuffle(start, end, first_four), __builtin_shuffle(start, end, last_four)};
        std::memcpy(words + 4 * lanes * g, ordered, sizeof ordered);
    }
}
#endif

}  // namespace

void blocks(std::uint64_t low, const std::uint64_t* high, Key key, std::uint32_t* words) {
    blocks_by_processor(low, high, key, words);
}

}  // namespace xloop::philox
