#include "systemc_model/crossbar/reads/noise_draws.hpp"

#include "core/error.hpp"
#include "core/target_clones.hpp"
#include "systemc_model/crossbar/reads/lanes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#if defined(__x86_64__) && defined(__GNUC__)
#define XLOOP_AES_INSTRUCTIONS
#include <immintrin.h>
#endif

namespace xloop {
namespace {

constexpr int panel = NoiseDraws::panel, blocks_in_panel = 4, digit_place = 16;
/// Of the two quantiles of a draw. They differ, so that equal sums are rare; with the largest quantile they fill 16 bits.
constexpr int first_weight = 128, second_weight = 127;

// Parts of the half-normal distribution of equal probability, by their means, 127 for 2.83 sigma. The mean of the last part is
// 2.75 sigma; raised to 2.83 it gives the sum of two quantiles the normal distribution's kurtosis. A test computes them again.
constexpr std::array<std::int8_t, 64> magnitudes = {0,  1,  2,  3,  4,  5,  6,  7,  8,  8,  9,  10, 11, 12, 13,  14,
                                                    15, 16, 17, 18, 19, 19, 20, 21, 22, 23, 24, 25, 27, 28, 29,  30,
                                                    31, 32, 33, 34, 35, 37, 38, 39, 40, 42, 43, 45, 46, 48, 49,  51,
                                                    52, 54, 56, 58, 60, 62, 65, 67, 70, 73, 77, 81, 86, 93, 102, 127};

/// Of seven bits: the sixth is the sign.
struct alignas(64) Quantiles {
    std::int8_t of[2 * magnitudes.size()] = {};
};
constexpr Quantiles make_quantiles() {
    Quantiles quantiles;
    for (std::size_t k = 0; k < magnitudes.size(); ++k) {
        quantiles.of[k] = magnitudes[k];
        quantiles.of[magnitudes.size() + k] = static_cast<std::int8_t>(-magnitudes[k]);
    }
    return quantiles;
}
constexpr Quantiles quantiles = make_quantiles();

/// Word w of a panel's random bits belongs to conversion w / 2, where w is odd to 16 + w / 2.
void draw_portable(const NoiseJob& job) {
    std::int32_t* values = job.values;
    for (int v = 0; v < job.vectors; ++v) {
        std::uint64_t read = job.first.vector + static_cast<unsigned>(v) * job.vector_step;
        for (int t = 0; t < job.digits; ++t, read += 1u << digit_place, values += panel) {
            std::int32_t* value = values;
            for (unsigned b = 0; b < blocks_in_panel; ++b)
                for (const std::uint64_t half : ars::block({job.first.image, read + b}, *job.keys))
                    for (int place = 0; place < 64; place += 32, ++value)
                        for (int odd : {0, 1}) {
                            const std::uint64_t word = half >> (place + 16 * odd);
                            const int draw = first_weight * quantiles.of[word & 127u] +
                                             second_weight * quantiles.of[word >> 8 & 127u];
                            const int scaled = (draw * job.scale.factor + (1 << 14)) >> 15;
                            value[odd * panel / 2] = job.scale.factor == 0 ? draw : scaled * (1 << job.scale.shift);
                        }
        }
    }
}

#ifdef XLOOP_AES_INSTRUCTIONS
/// Quantiles number first ... first + 15 in both halves.
__attribute__((target("avx2"))) inline void load_sixteen(std::size_t first, __m256i& table) {
    table = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&magnitudes[first])));
}

__attribute__((target("avx2"))) inline void find_quantiles(const __m256i& bits, __m256i& found) {
    __m256i tables[4];
    for (std::size_t k = 0; k < 4; ++k)
        load_sixteen(16 * k, tables[k]);
    const __m256i nibble = _mm256_and_si256(bits, _mm256_set1_epi8(15));
    // The selection goes by the uppermost bit of a byte: bits 4, 5 and 6 are moved there.
    const __m256i bit_4 = _mm256_slli_epi16(bits, 3), bit_5 = _mm256_slli_epi16(bits, 2),
                  bit_6 = _mm256_add_epi8(bits, bits);
    for (__m256i& table : tables)
        table = _mm256_shuffle_epi8(table, nibble);
    const __m256i lower = _mm256_blendv_epi8(tables[0], tables[1], bit_4);
    const __m256i upper = _mm256_blendv_epi8(tables[2], tables[3], bit_4);
    // Where a byte is 0, this instruction gives 0.
    found = _mm256_sign_epi8(_mm256_blendv_epi8(lower, upper, bit_5), _mm256_or_si256(bit_6, _mm256_set1_epi8(1)));
}

__attribute__((target("aes,avx2"))) void draw_aes(const NoiseJob& job) {
    __m128i keys[ars::rounds + 1];
    for (std::size_t round = 0; round <= ars::rounds; ++round)
        keys[round] = _mm_loadu_si128(reinterpret_cast<const __m128i*>((*job.keys)[round].data()));
    const __m256i weights = _mm256_set1_epi16(second_weight << 8 | first_weight);
    const __m256i factor = _mm256_set1_epi16(job.scale.factor);
    const __m128i shift = _mm_cvtsi32_si128(job.scale.shift);
    std::int32_t* values = job.values;
    for (int v = 0; v < job.vectors; ++v) {
        std::uint64_t read = job.first.vector + static_cast<unsigned>(v) * job.vector_step;
        for (int t = 0; t < job.digits; ++t, read += 1u << digit_place, values += panel) {
            __m128i blocks[blocks_in_panel];
            for (unsigned b = 0; b < blocks_in_panel; ++b)
                blocks[b] = _mm_xor_si128(
                    _mm_set_epi64x(static_cast<long long>(read + b), static_cast<long long>(job.first.image)), keys[0]);
            for (int round = 1; round < ars::rounds; ++round)
                for (__m128i& block : blocks)
                    block = _mm_aesenc_si128(block, keys[round]);
            for (__m128i& block : blocks)
                block = _mm_aesenclast_si128(block, keys[ars::rounds]);
            for (int half : {0, 1}) {
                __m256i draw;
                find_quantiles(_mm256_set_m128i(blocks[2 * half + 1], blocks[2 * half]), draw);
                draw = _mm256_maddubs_epi16(weights, draw);
                if (job.scale.factor != 0)
                    draw = _mm256_mulhrs_epi16(draw, factor);
                auto* const even = reinterpret_cast<__m256i*>(values + 8 * half);
                auto* const odd = reinterpret_cast<__m256i*>(values + panel / 2 + 8 * half);
                _mm256_storeu_si256(even, _mm256_sll_epi32(_mm256_srai_epi32(_mm256_slli_epi32(draw, 16), 16), shift));
                _mm256_storeu_si256(odd, _mm256_sll_epi32(_mm256_srai_epi32(draw, 16), shift));
            }
        }
    }
}

/// A panel in one register.
__attribute__((target("avx512f,avx512bw,avx512vbmi,vaes"))) void draw_vaes(const NoiseJob& job) {
    __m512i keys[ars::rounds + 1];
    for (std::size_t round = 0; round <= ars::rounds; ++round)
        keys[round] = _mm512_maskz_broadcast_i32x4(
            0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>((*job.keys)[round].data())));
    const auto image = static_cast<long long>(job.first.image), read = static_cast<long long>(job.first.vector);
    const __m512i next_digit = _mm512_maskz_set1_epi64(0xaa, 1 << digit_place);
    const __m512i next_vector = _mm512_maskz_set1_epi64(0xaa, static_cast<long long>(job.vector_step));
    const __m512i positive = _mm512_load_si512(quantiles.of), negative = _mm512_load_si512(quantiles.of + 64);
    const __m512i weights = _mm512_set1_epi16(second_weight << 8 | first_weight);
    const __m512i factor = _mm512_set1_epi16(job.scale.factor);
    __m512i of_vector = _mm512_set_epi64(read + 3, image, read + 2, image, read + 1, image, read, image);
    std::int32_t* values = job.values;
    for (int v = 0; v < job.vectors; ++v) {
        __m512i counter = of_vector;
        of_vector = _mm512_add_epi64(of_vector, next_vector);
        for (int t = 0; t < job.digits; ++t, values += panel) {
            __m512i z = _mm512_xor_si512(counter, keys[0]);
            counter = _mm512_add_epi64(counter, next_digit);
            for (int round = 1; round < ars::rounds; ++round)
                z = _mm512_aesenc_epi128(z, keys[round]);
            z = _mm512_aesenclast_epi128(z, keys[ars::rounds]);
            __m512i draw = _mm512_maddubs_epi16(weights, _mm512_permutex2var_epi8(positive, z, negative));
            if (job.scale.factor != 0)
                draw = _mm512_mulhrs_epi16(draw, factor);
            const Lanes& both = reinterpret_cast<const Lanes&>(draw);
            Lanes even = both << 16 >> 16, odd = both >> 16;
            if (job.scale.shift != 0) {
                even <<= job.scale.shift;
                odd <<= job.scale.shift;
            }
            lanes_at(values) = even;
            lanes_at(values + panel / 2) = odd;
        }
    }
}
#endif

NoiseIsa fastest() {
    static const NoiseIsa isa = available_noise_isas().back();
    return isa;
}

NoiseAddress first_block(const NoiseAddress& address, int of_panel) {
    return {address.image, address.vector + static_cast<unsigned>(of_panel * blocks_in_panel)};
}

}  // namespace

bool available(NoiseIsa isa) {
#ifdef XLOOP_AES_INSTRUCTIONS
    if (isa == NoiseIsa::vaes)
        return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi") &&
               __builtin_cpu_supports("vaes");
    if (isa == NoiseIsa::aes)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("aes");
#endif
    return isa == NoiseIsa::portable;
}

std::vector<NoiseIsa> available_noise_isas() {
    std::vector<NoiseIsa> isas;
    for (NoiseIsa isa : {NoiseIsa::portable, NoiseIsa::aes, NoiseIsa::vaes})
        if (available(isa))
            isas.push_back(isa);
    return isas;
}

void draw_noise(const NoiseJob& job, NoiseIsa isa) {
#ifdef XLOOP_AES_INSTRUCTIONS
    if (isa == NoiseIsa::vaes)
        return draw_vaes(job);
    if (isa == NoiseIsa::aes)
        return draw_aes(job);
#endif
    draw_portable(job);
}

NoiseDraws::NoiseDraws(ars::Block key, double sigma) : keys_(ars::keys(key)) {
    constexpr int largest_factor = 32767, largest_shift = 16;
    const double factor = std::ldexp(sigma, 15) / unit;
    while (std::ldexp(factor, -scale_.shift) >= largest_factor)
        ++scale_.shift;
    if (scale_.shift > largest_shift)
        throw Error("noise of " + std::to_string(sigma) + " fixed-point steps does not fit into 32 bits");
    scale_.factor = static_cast<std::int16_t>(std::lround(std::ldexp(factor, -scale_.shift)));
}

void NoiseDraws::scaled(const NoiseAddress& first, std::uint64_t vector_step, int vectors, int of_panel, int digits,
                        std::int32_t* values) const {
    if (scale_.factor == 0)
        std::fill_n(values, vectors * digits * panel, 0);
    else
        draw_noise({&keys_, first_block(first, of_panel), vector_step, vectors, digits, scale_, values}, fastest());
}

void NoiseDraws::unscaled(const NoiseAddress& address, int of_panel, int digits, std::int32_t* values) const {
    draw_noise({&keys_, first_block(address, of_panel), 0, 1, digits, {}, values}, fastest());
}

namespace {

/// Calls draw(panel, draws) for each panel and use(draws, place, count) for each digit of it: `count` draws for values from
/// `place` on.
template <class Draw, class Use>
void for_each_line(int digits, int conversions, std::ptrdiff_t stride, const Draw& draw, const Use& use) {
    constexpr int most_digits = 8;
    alignas(64) std::array<std::int32_t, most_digits * panel> draws;
    for (int first = 0; first < conversions; first += panel) {
        draw(first / panel, draws.data());
        for (int t = 0; t < digits; ++t)
            use(draws.data() + t * panel, t * stride + first, std::min(panel, conversions - first));
    }
}

XLOOP_CLONES void add_draws(const std::int32_t* __restrict draws, int count, std::int32_t* __restrict values) {
    for (int k = 0; k < count; ++k)
        values[k] += draws[k];
}

XLOOP_CLONES void add_roots(const std::int32_t* __restrict draws, const float* __restrict variance, int count,
                            std::int32_t* __restrict values) {
    constexpr auto unit = static_cast<float>(1.0 / NoiseDraws::unit);
    for (int k = 0; k < count; ++k)
        values[k] += static_cast<std::int32_t>(std::rint(static_cast<float>(draws[k]) * unit * std::sqrt(variance[k])));
}

}  // namespace

void NoiseDraws::add(const NoiseAddress& address, int digits, int conversions, std::ptrdiff_t stride,
                     std::int32_t* values) const {
    for_each_line(
        digits, conversions, stride,
        [&](int of_panel, std::int32_t* draws) { scaled(address, 0, 1, of_panel, digits, draws); },
        [&](const std::int32_t* draws, std::ptrdiff_t place, int count) { add_draws(draws, count, values + place); });
}

void NoiseDraws::add_of_variance(const NoiseAddress& address, int digits, int conversions, std::ptrdiff_t stride,
                                 const float* variance, std::int32_t* values) const {
    for_each_line(
        digits, conversions, stride,
        [&](int of_panel, std::int32_t* draws) { unscaled(address, of_panel, digits, draws); },
        [&](const std::int32_t* draws, std::ptrdiff_t place, int count) {
            add_roots(draws, variance + place, count, values + place);
        });
}

}  // namespace xloop
