#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"

#include <Eigen/Core>

namespace xloop {

/// Effective conductance matrix of an array of linear cells: I = V * G_eff, V the row source voltages, I the currents
/// into the virtual grounds of the columns. `g`: M x N siemens, entries >= 0, any shape; returns M x N siemens. The
/// circuit is that of docs/modelling.md, "The analog array"; the result is exact up to rounding (hierarchical port
/// elimination in hybrid form). With all resistances 0 it is `g` to the last bit. Pure: the same bits on every thread
/// and with every instruction set.
Eigen::MatrixXd effective_conductance(const Eigen::MatrixXd& g, const Parasitics& parasitics);

/// The same in single precision: within 5e-6 of the largest current of an input for realistic arrays, and faster.
Eigen::MatrixXf effective_conductance_fp32(const Eigen::MatrixXd& g, const Parasitics& parasitics);

}  // namespace xloop
