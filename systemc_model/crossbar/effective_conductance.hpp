#pragma once

#include <Eigen/Core>

namespace xloop {

/// Resistances around the cells of an array, in ohm; any of them may be 0.
struct Parasitics {
    double r_driver = 0.0, r_wire_row = 0.0, r_wire_col = 0.0, r_sense = 0.0;
};

/// Effective conductance matrix of an array of linear cells: I = V * G_eff, V the row source voltages, I the currents
/// into the virtual grounds of the columns. `g`: M x N siemens, entries >= 0; returns M x N siemens. The circuit is that
/// of docs/modelling.md, "The analog array"; the result is exact up to rounding (hierarchical port elimination in hybrid
/// form). With all resistances 0 it is `g` to the last bit.
Eigen::MatrixXd effective_conductance(const Eigen::MatrixXd& g, const Parasitics& parasitics);

}  // namespace xloop
