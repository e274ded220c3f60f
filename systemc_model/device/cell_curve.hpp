#pragma once

namespace xloop {

/// Current-voltage curve of a cell of conductance g (slope at 0 of the device alone): a device i = g sinh(alpha u) / alpha
/// behind a series access resistance, u the voltage over the device. alpha = 0 is a linear device. Odd and increasing.
struct CellCurve {
    double alpha_per_volt = 0.0;
    double r_access_ohm = 0.0;

    bool linear() const { return alpha_per_volt == 0.0; }
    /// Slope at 0 V of device and access resistance in series, in siemens.
    double slope(double g) const { return g / (1.0 + g * r_access_ohm); }
    /// Current, in ampere, at `v` volt over the whole cell.
    double current(double g, double v) const;
    /// current / v; at v = 0 the slope.
    double secant(double g, double v) const;
};

}  // namespace xloop
