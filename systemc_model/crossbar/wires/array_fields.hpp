#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"

#include <Eigen/Core>
#include <memory>

namespace xloop {

/// Voltages inside an array of linear cells (M x N), for many inputs at the cost of few operations each: the eliminated
/// circuit is kept, and boundary values are propagated back into it, rectangle by rectangle.
/// Cell (i, j) is column i * N + j of every result.
///
/// With w_i the cell voltages for 1 V on row i and u_j those of the adjoint circuit for a unit current read on column
/// j (sign reversed): dG_eff[i,j] / dG[k,l] = w_i(k,l) * u_j(k,l), and G_eff[i,j] = sum over k of w_i(k,j)-driven
/// currents.
class ArrayFields {
public:
    ArrayFields(const Eigen::MatrixXd& g, const Parasitics& parasitics);
    ~ArrayFields();
    ArrayFields(ArrayFields&&) noexcept;
    ArrayFields& operator=(ArrayFields&&) noexcept;

    /// `v`: k x M source voltages -> k x (M * N) voltages over the cells, row node minus column node.
    Eigen::MatrixXd voltages(const Eigen::MatrixXd& v) const;
    /// `weights`: k x N weights of the column currents -> k x (M * N): sum over j of weights(., j) * u_j.
    Eigen::MatrixXd adjoint(const Eigen::MatrixXd& weights) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Exact gradient of a loss with respect to the conductances: `g_eff_bar` (M x N) is d loss / d G_eff; returns
/// d loss / d G = sum over i, j of g_eff_bar(i,j) * w_i * u_j, M x N. O(n^3).
Eigen::MatrixXd conductance_gradient(const Eigen::MatrixXd& g, const Parasitics& parasitics,
                                     const Eigen::MatrixXd& g_eff_bar);

/// dG_eff[k,l] / dG[k,l] = w_k(k,l) * u_l(k,l) for every cell, M x N: what a cell does to its own row's and column's
/// entry ("own path"). 1 everywhere without parasitics.
Eigen::MatrixXd own_path_sensitivity(const Eigen::MatrixXd& g, const Parasitics& parasitics);

}  // namespace xloop
