#pragma once

#include "systemc_model/crossbar/circuit/ordered_matrix.hpp"
#include "systemc_model/crossbar/wires/parasitics.hpp"
#include "systemc_model/device/cell_curve.hpp"

namespace xloop {

/// What nonlinear cells add, to first order, to the currents of an array of linear ones. A cell that conducts
/// delta = i(v) - g_linear v more, v its voltage in the linear circuit, is a current source across itself, which column j
/// reads with weight u_j (see ArrayFields): dI_j = sum over cells of u_j * delta.
/// Keeps w and u of all cells: 8 M N (M + N) bytes, and about 4 M N (M + N) operations an input.
class FirstOrder {
public:
    /// `g`, `linear`: M x N siemens, slopes at 0 V of the devices and conductances of the linear cells.
    FirstOrder(const Eigen::MatrixXd& g, const Eigen::MatrixXd& linear, const Parasitics& parasitics,
               const CellCurve& curve);

    /// `v`: k x M source voltages -> k x N ampere. No row depends on the others, to the last bit.
    Eigen::MatrixXd currents(const Eigen::MatrixXd& v) const;

private:
    Eigen::MatrixXd currents_of_few(const Eigen::MatrixXd& v) const;

    CellCurve curve_;
    OrderedMatrix voltages_;      ///< M x (M * N): w, cell (i, j) is column i * N + j
    OrderedMatrix adjoint_;       ///< (M * N) x N: u
    Eigen::VectorXd g_, linear_;  ///< M * N
};

}  // namespace xloop
