#pragma once

#include <cstdint>
#include <cstring>

namespace xloop {

/// The unsigned integers of the width of `Real`, which is a number or a vector of numbers.
template <class Real>
struct BitsOf;
template <>
struct BitsOf<double> {
    using type = std::uint64_t;
};

/// sinh(x) and cosh(x) to 1e-15 of their value, for a double or a vector of doubles. Nothing but additions and
/// multiplications in a fixed order: the same bits for one number as for a vector of them, on every instruction set
/// (without contraction into fused operations). |x| is cut off at 700.
///
/// With x = k ln 2 + r, |r| <= ln 2 / 2:   sinh x = sinh(k ln 2) cosh r + cosh(k ln 2) sinh r,   cosh x likewise,
/// where sinh(k ln 2) = 2^(k-1) - 2^(-k-1). Small x keeps its digits, since k = 0 leaves the odd series alone.
template <class Real>
[[gnu::always_inline]] inline void sinh_cosh(const Real& argument, Real& sinh, Real& cosh) {
    const Real zero{};
    Real x = argument < zero - 700.0 ? zero - 700.0 : argument;
    x = x > zero + 700.0 ? zero + 700.0 : x;

    // Adding 1.5 * 2^52 rounds to an integer and leaves it in the low bits.
    constexpr double rounder = 0x1.8p52;
    const Real shifted = x * 1.4426950408889634 + rounder;
    const Real k = shifted - rounder;
    typename BitsOf<Real>::type integer;
    std::memcpy(&integer, &shifted, sizeof integer);
    const auto up_bits = (integer + std::uint64_t{1022}) << 52;  // the rounder's own bits leave at the top
    const auto down_bits = (std::uint64_t{1022} - integer) << 52;
    Real up, down;  // 2^(k-1), 2^(-k-1)
    std::memcpy(&up, &up_bits, sizeof up);
    std::memcpy(&down, &down_bits, sizeof down);

    // ln 2 in two parts; the first has few enough digits for an exact product.
    const Real r = (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;
    const Real r2 = r * r;
    const Real odd =
        r + r * r2 *
                (1.0 / 6 + r2 * (1.0 / 120 + r2 * (1.0 / 5040 + r2 * (1.0 / 362880 + r2 * (1.0 / 39916800 +
                                                                                           r2 * (1.0 / 6227020800))))));
    const Real even =
        1.0 + r2 * (0.5 + r2 * (1.0 / 24 +
                                r2 * (1.0 / 720 + r2 * (1.0 / 40320 + r2 * (1.0 / 3628800 + r2 * (1.0 / 479001600))))));
    const Real sinh_k = up - down, cosh_k = up + down;
    sinh = sinh_k * even + cosh_k * odd;
    cosh = cosh_k * even + sinh_k * odd;
}

}  // namespace xloop
