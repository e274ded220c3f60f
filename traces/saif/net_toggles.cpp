#include "traces/saif/net_toggles.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define XLOOP_AVX2_TOGGLES 1
#endif

namespace xloop::trace {
namespace {

constexpr std::size_t block = 32;

/// Up to 32 items: values[1 ... count], values[0] is what was before. `longer`: as in RegularPattern.
struct Items {
    const std::int32_t* values;
    std::size_t count;
    std::uint32_t longer;
    std::uint64_t step;
    int width;
};

void add_plain(const Items& items, const BitActivity& bits) {
    for (std::size_t i = 1; i <= items.count; ++i) {
        const auto value = static_cast<std::uint32_t>(items.values[i]);
        const std::uint32_t changed = value ^ static_cast<std::uint32_t>(items.values[i - 1]);
        const std::uint64_t time = items.step + (items.longer >> (i - 1) & 1);
        for (int bit = 0; bit < items.width; ++bit) {
            bits.t1[bit] += value >> bit & 1 ? time : 0;
            bits.tc[bit] += changed >> bit & 1;
        }
    }
}

#ifdef XLOOP_AVX2_TOGGLES

/// The bytes number `plane` of 32 words.
__attribute__((target("avx2"))) inline __m256i bytes_of(const std::int32_t* words, int plane) {
    const __m256i low = _mm256_set1_epi32(0xff);
    const __m128i shift = _mm_cvtsi32_si128(8 * plane);
    const auto eight = [&](int k) __attribute__((target("avx2"))) {
        const __m256i loaded = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words + 8 * k));
        return _mm256_and_si256(_mm256_srl_epi32(loaded, shift), low);
    };
    const __m256i packed =
        _mm256_packus_epi16(_mm256_packus_epi32(eight(0), eight(1)), _mm256_packus_epi32(eight(2), eight(3)));
    return _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/// One bit of all items at a time: a mask of 32 items, counted by population count. `values` has room for 33 words.
__attribute__((target("avx2,popcnt"))) void add_sliced(const Items& items, const BitActivity& bits) {
    const std::uint32_t valid = items.count == block ? ~0u : (1u << items.count) - 1;
    const std::uint32_t longer = items.longer & valid;
    for (int plane = 0; 8 * plane < items.width; ++plane) {
        __m256i now = bytes_of(items.values + 1, plane);
        __m256i changed = _mm256_xor_si256(now, bytes_of(items.values, plane));
        for (int bit = std::min(items.width - 8 * plane, 8) - 1, top = bit; bit >= 0; --bit) {
            // The bit is moved to the top of each byte: by 7 - top first, then by one at a time.
            if (bit == top) {
                now = _mm256_sll_epi16(now, _mm_cvtsi32_si128(7 - top));
                changed = _mm256_sll_epi16(changed, _mm_cvtsi32_si128(7 - top));
            } else {
                now = _mm256_add_epi8(now, now);
                changed = _mm256_add_epi8(changed, changed);
            }
            const std::uint32_t ones = static_cast<std::uint32_t>(_mm256_movemask_epi8(now)) & valid;
            const std::uint32_t toggles = static_cast<std::uint32_t>(_mm256_movemask_epi8(changed)) & valid;
            bits.t1[8 * plane + bit] += items.step * static_cast<std::uint64_t>(__builtin_popcount(ones)) +
                                        static_cast<std::uint64_t>(__builtin_popcount(ones & longer));
            bits.tc[8 * plane + bit] += static_cast<std::uint64_t>(__builtin_popcount(toggles));
        }
    }
}

/// Eight bits at a time, in lanes of their own.
__attribute__((target("avx512f"))) void toggle_lanes(std::uint64_t rise, std::uint64_t fall, std::uint64_t time,
                                                     std::uint64_t count, const BitActivity& bits) {
    const __m512i times = _mm512_set1_epi64(static_cast<long long>(time)),
                  counts = _mm512_set1_epi64(static_cast<long long>(count));
    for (std::uint64_t left = rise | fall; left;) {
        const int first = __builtin_ctzll(left) & ~7;
        const auto up = static_cast<__mmask8>(rise >> first), down = static_cast<__mmask8>(fall >> first);
        const auto both = static_cast<__mmask8>(up | down);
        __m512i t1 = _mm512_maskz_loadu_epi64(both, bits.t1 + first);
        t1 = _mm512_mask_sub_epi64(t1, up, t1, times);
        t1 = _mm512_mask_add_epi64(t1, down, t1, times);
        _mm512_mask_storeu_epi64(bits.t1 + first, both, t1);
        const __m512i tc = _mm512_maskz_loadu_epi64(both, bits.tc + first);
        _mm512_mask_storeu_epi64(bits.tc + first, both, _mm512_add_epi64(tc, counts));
        left &= first == 56 ? 0 : ~std::uint64_t{0} << (first + 8);
    }
}

const bool has_avx512 = __builtin_cpu_supports("avx512f");
const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");

#endif

}  // namespace

void toggle(std::uint64_t rise, std::uint64_t fall, std::uint64_t time, std::uint64_t count, const BitActivity& bits) {
#ifdef XLOOP_AVX2_TOGGLES
    if (has_avx512)
        return toggle_lanes(rise, fall, time, count, bits);
#endif
    for (std::uint64_t left = rise; left; left &= left - 1) {
        const int bit = __builtin_ctzll(left);
        bits.t1[bit] -= time;
        bits.tc[bit] += count;
    }
    for (std::uint64_t left = fall; left; left &= left - 1) {
        const int bit = __builtin_ctzll(left);
        bits.t1[bit] += time;
        bits.tc[bit] += count;
    }
}

RegularPattern::RegularPattern(const Pattern& pattern) {
    const auto& offsets = pattern.offsets;
    if (offsets.size() < 2)
        return;
    step = ~std::uint64_t{0};
    for (std::size_t i = 1; i < offsets.size(); ++i)
        step = std::min<std::uint64_t>(step, offsets[i] - offsets[i - 1]);
    longer.assign((offsets.size() + block - 1) / block, 0);
    regular = true;
    for (std::size_t i = 1; i < offsets.size(); ++i) {
        const std::uint64_t more = offsets[i] - offsets[i - 1] - step;
        regular = regular && more <= 1;
        longer[(i - 1) / block] |= static_cast<std::uint32_t>(more & 1) << ((i - 1) % block);
    }
}

void add_burst(const std::int32_t* values, std::size_t count, std::uint32_t previous, const RegularPattern& pattern,
               int width, const BitActivity& bits) {
    std::int32_t some[1 + block];
    some[0] = static_cast<std::int32_t>(previous);
    for (std::size_t first = 0; first + 1 < count; first += block) {
        const std::size_t items = std::min(block, count - 1 - first);
        std::memcpy(some + 1, values + first, items * sizeof *values);
        if (items < block)
            std::memset(some + 1 + items, 0, (block - items) * sizeof *some);
        const Items part{some, items, pattern.longer[first / block], pattern.step, width};
#ifdef XLOOP_AVX2_TOGGLES
        if (has_avx2)
            add_sliced(part, bits);
        else
#endif
            add_plain(part, bits);
        some[0] = some[items];
    }
}

}  // namespace xloop::trace
