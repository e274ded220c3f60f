#include "core/normal.hpp"

#include "core/target_clones.hpp"

#include <cmath>
#include <cstring>

namespace xloop {
namespace {

// Bit patterns and conversions in forms that vectorise with any instruction set.
inline double from_bits(std::uint64_t bits) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}
inline std::uint64_t to_bits(double value) {
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
constexpr std::uint64_t bits_of_two_pow_52 = 0x4330000000000000u;
constexpr double two_pow_52 = 4503599627370496.0, two_pow_32 = 4294967296.0,
                 two_pow_minus_53 = 1.0 / 9007199254740992.0;

/// An integer below 2^52, exactly.
inline double from_integer(std::uint64_t value) { return from_bits(bits_of_two_pow_52 | value) - two_pow_52; }
/// The upper 53 bits of 64, as an integer.
inline double upper_53(std::uint64_t low, std::uint64_t high) {
    const std::uint64_t value = ((high << 32) | low) >> 11;
    return from_integer(value >> 32) * two_pow_32 + from_integer(value & 0xffffffffu);
}

/// ln u, 0 < u <= 1: u = m 2^e with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh(s), s = (m - 1) / (m + 1), by its series.
inline double logarithm(double u) {
    constexpr double ln2_high = 0x1.62e42fefa38p-1,
                     ln2_low = 0x1.ef35793c7673p-45;  // together ln 2; e * ln2_high is exact
    constexpr std::uint64_t fraction_bits = 0x000fffffffffffffu, bits_of_one = 0x3ff0000000000000u;
    const std::uint64_t bits = to_bits(u);
    const double in_one_to_two = from_bits((bits & fraction_bits) | bits_of_one);
    const bool halve = in_one_to_two > 1.4142135623730951;
    const double m = halve ? 0.5 * in_one_to_two : in_one_to_two;
    const double e = from_integer(bits >> 52) - (halve ? 1022.0 : 1023.0);
    const double s = (m - 1.0) / (m + 1.0), s2 = s * s;
    double series = 1.0 / 23.0;
    for (int k = 21; k >= 3; k -= 2)
        series = series * s2 + 1.0 / k;
    return e * ln2_high + (e * ln2_low + 2.0 * (s + s * (s2 * series)));
}

/// cos(2 pi v), 0 <= v < 1: the quadrant's sine or cosine on [-pi/4, pi/4], by their series.
inline double cosine_of_turns(double v) {
    const double quadrant = (4.0 * v + two_pow_52) - two_pow_52;  // nearest integer, 0 to 4
    const double x = (4.0 * v - quadrant) * 1.57079632679489661923, x2 = x * x;
    double sine = 0.0, cosine = 0.0;
    for (int k = 17; k >= 3; k -= 2) {
        sine = (1.0 + sine) * (x2 * (-1.0 / (k * (k - 1.0))));
        cosine = (1.0 + cosine) * (x2 * (-1.0 / ((k - 1.0) * (k - 2.0))));
    }
    const bool odd = quadrant == 1.0 || quadrant == 3.0, negative = quadrant == 1.0 || quadrant == 2.0;
    const double value = odd ? x + x * sine : 1.0 + cosine;
    return negative ? -value : value;
}

}  // namespace

XLOOP_CLONES void normals_from_words(const std::uint32_t* words, int count, double* z) {
    for (int k = 0; k < count; ++k) {
        const double u = (upper_53(words[4 * k], words[4 * k + 1]) + 1.0) * two_pow_minus_53;
        const double v = upper_53(words[4 * k + 2], words[4 * k + 3]) * two_pow_minus_53;
        z[k] = std::sqrt(-2.0 * logarithm(u)) * cosine_of_turns(v);
    }
}

}  // namespace xloop
