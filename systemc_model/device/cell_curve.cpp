#include "systemc_model/device/cell_curve.hpp"

#include "systemc_model/device/cell_current.hpp"

namespace xloop {

double CellCurve::current(double g, double v) const {
    double current;
    cell_current(*this, g, v, current);
    return current;
}

double CellCurve::secant(double g, double v) const { return v == 0.0 ? slope(g) : current(g, v) / v; }

}  // namespace xloop
