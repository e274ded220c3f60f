#pragma once

#include "systemc_model/device/cell_curve.hpp"
#include "systemc_model/device/sinh_cosh.hpp"

namespace xloop {

/// Voltage u over the device, v >= 0 over the cell: u + resistance * sinh(alpha u) / alpha = v, with resistance =
/// r_access * g. The left side is convex and increasing, so Newton's method falls to the solution from any start above
/// it, and stays.
template <class Real>
[[gnu::always_inline]] inline void device_voltage(double alpha, const Real& resistance, const Real& v, Real& u) {
    using Bits = typename BitsOf<Real>::type;
    // Two bounds: sinh x >= x, hence u <= v / (1 + resistance); and u <= asinh(y) / alpha, where
    // asinh(y) < ln(2 y + 1) < ln 2 * (exponent + 1). Without resistance y is not finite, its exponent the largest.
    const Real y = alpha * v / resistance, above = 2.0 * y + 1.0;
    Bits bits;
    std::memcpy(&bits, &above, sizeof bits);
    bits = (bits >> 52) | std::uint64_t{0x4330000000000000};  // 2^52 + biased exponent
    Real exponent;
    std::memcpy(&exponent, &bits, sizeof exponent);
    const Real bound = (exponent - (0x1p52 + 1022.0)) * (0.6931471805599454 / alpha);
    const Real linear = v / (1.0 + resistance);
    u = linear < bound ? linear : bound;
    for (int step = 0; step < 100; ++step) {
        Real sinh, cosh;
        sinh_cosh(Real(alpha * u), sinh, cosh);
        const Real next = u - (u + resistance * sinh / alpha - v) / (1.0 + resistance * cosh);
        const Real lower = next < u ? next : u;
        if (std::memcmp(&lower, &u, sizeof u) == 0)
            break;
        u = lower;
    }
}

/// `current`, in ampere, of cells of conductance `g` at `v` volt: for a double or a vector of doubles, with the same bits.
template <class Real>
[[gnu::always_inline]] inline void cell_current(const CellCurve& curve, const Real& g, const Real& v, Real& current) {
    const Real resistance = curve.r_access_ohm * g;
    if (curve.linear()) {
        current = g / (1.0 + resistance) * v;
        return;
    }
    const double alpha = curve.alpha_per_volt;
    Real u = v;
    if (curve.r_access_ohm > 0.0) {
        const Real magnitude = v < 0.0 ? -v : v;
        device_voltage(alpha, resistance, magnitude, u);
        u = v < 0.0 ? -u : u;
    }
    Real sinh, cosh;
    sinh_cosh(Real(alpha * u), sinh, cosh);
    current = g * sinh / alpha;
}

}  // namespace xloop
