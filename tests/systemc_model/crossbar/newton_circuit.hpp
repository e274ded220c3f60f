#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"
#include "systemc_model/device/cell_curve.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <vector>

namespace xloop::test {

/// Current of a cell and its slope, from the definition by bisection.
struct CellPoint {
    double current, slope;
};
inline CellPoint cell_point(const CellCurve& curve, double g, double v) {
    const double alpha = curve.alpha_per_volt, access = curve.r_access_ohm;
    const auto device = [&](double u) { return alpha == 0.0 ? g * u : g * std::sinh(alpha * u) / alpha; };
    double low = std::min(v, 0.0), high = std::max(v, 0.0);
    for (int step = 0; step < 200 && access > 0.0; ++step) {
        const double u = 0.5 * (low + high);
        (u + access * device(u) < v ? low : high) = u;
    }
    const double u = access > 0.0 ? 0.5 * (low + high) : v;
    const double steepness = g * std::cosh(alpha * u);
    return {device(u), steepness / (1.0 + access * steepness)};
}

/// Independent oracle for small arrays: Newton's method on Kirchhoff's laws of all nodes at once. Nodes without
/// resistance between them are one node, so any resistance may be 0.
inline Eigen::RowVectorXd newton_currents(const Eigen::MatrixXd& g, const Parasitics& r, const CellCurve& curve,
                                          const Eigen::RowVectorXd& source) {
    using Eigen::Index;
    const Index m = g.rows(), n = g.cols();
    // Nodes: a(i, j), b(i, j), then the sources and ground, whose voltages are given.
    const auto a = [&](Index i, Index j) { return i * n + j; };
    const auto b = [&](Index i, Index j) { return m * n + i * n + j; };
    const Index nodes = 2 * m * n + m + 1, ground = nodes - 1;
    std::vector<Index> same(nodes);
    for (Index k = 0; k < nodes; ++k)
        same[k] = k;
    const auto find = [&](Index k) {
        while (same[k] != k)
            k = same[k];
        return k;
    };
    Eigen::MatrixXd wires = Eigen::MatrixXd::Zero(nodes, nodes);
    const auto connect = [&](Index p, Index q, double resistance) {
        if (resistance > 0.0)
            for (const auto& [x, y] : {std::pair{p, q}, {q, p}})
                wires(x, x) += 1 / resistance, wires(x, y) -= 1 / resistance;
        else  // the larger index, which a source or ground has, names both
            same[std::min(find(p), find(q))] = std::max(find(p), find(q));
    };
    for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < n; ++j) {
            connect(a(i, j), j > 0 ? a(i, j - 1) : 2 * m * n + i, j > 0 ? r.r_wire_row : r.r_driver);
            connect(b(i, j), i + 1 < m ? b(i + 1, j) : ground, i + 1 < m ? r.r_wire_col : r.r_sense);
        }
    Eigen::MatrixXd merge = Eigen::MatrixXd::Zero(nodes, nodes);
    for (Index k = 0; k < nodes; ++k)
        merge(k, find(k)) = 1.0;
    std::vector<Index> unknown;
    for (Index k = 0; k < 2 * m * n; ++k)
        if (find(k) == k)
            unknown.push_back(k);

    Eigen::VectorXd volt = Eigen::VectorXd::Zero(nodes);
    volt.segment(2 * m * n, m) = source.transpose();
    for (int step = 0; step < 200; ++step) {
        const Eigen::VectorXd all = merge * volt;
        Eigen::MatrixXd jacobian = wires;
        Eigen::VectorXd leaving = wires * all;
        for (Index i = 0; i < m; ++i)
            for (Index j = 0; j < n; ++j) {
                const Index p = a(i, j), q = b(i, j);
                const CellPoint cell = cell_point(curve, g(i, j), all(p) - all(q));
                leaving(p) += cell.current, leaving(q) -= cell.current;
                jacobian(p, p) += cell.slope, jacobian(q, q) += cell.slope;
                jacobian(p, q) -= cell.slope, jacobian(q, p) -= cell.slope;
            }
        const Eigen::VectorXd imbalance = merge.transpose() * leaving;
        const Eigen::MatrixXd reduced = merge.transpose() * jacobian * merge;
        const Eigen::VectorXd change = reduced(unknown, unknown).eval().partialPivLu().solve(imbalance(unknown).eval());
        volt(unknown) -= change;
        if (unknown.empty() || change.cwiseAbs().maxCoeff() < 1e-15)
            break;
    }
    const Eigen::VectorXd all = merge * volt;
    Eigen::RowVectorXd currents = Eigen::RowVectorXd::Zero(n);
    for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < n; ++j)
            currents(j) += cell_point(curve, g(i, j), all(a(i, j)) - all(b(i, j))).current;
    return currents;
}

}  // namespace xloop::test
