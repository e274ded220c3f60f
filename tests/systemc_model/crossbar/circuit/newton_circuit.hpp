#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"
#include "systemc_model/device/cell_curve.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace xloop::test {

/// Current of a cell and its slope, from the definition by bisection.
struct CellPoint {
    double current, slope;
};
inline CellPoint cell_point(const CellCurve& curve, double g, double v) {
    const double alpha = curve.alpha_per_volt, access = curve.r_access_ohm;
    const auto device = [&](double u) { return alpha == 0.0 ? g * u : g * std::sinh(alpha * u) / alpha; };
    double u = v;
    if (access > 0.0) {
        double low = std::min(v, 0.0), high = std::max(v, 0.0);
        for (int step = 0; step < 60; ++step) {
            u = 0.5 * (low + high);
            (u + access * device(u) < v ? low : high) = u;
        }
    }
    const double steepness = g * std::cosh(alpha * u);
    return {device(u), steepness / (1.0 + access * steepness)};
}

/// Independent oracle for small arrays: Newton's method on Kirchhoff's laws of all nodes at once. Nodes without
/// resistance between them are one node, so any resistance may be 0.
inline Eigen::RowVectorXd newton_currents(const Eigen::MatrixXd& g, const Parasitics& r, const CellCurve& curve,
                                          const Eigen::RowVectorXd& source) {
    using Eigen::Index;
    const Index m = g.rows(), n = g.cols(), sources = 2 * m * n, ground = sources + m;
    // Nodes: a(i, j), b(i, j), then the sources and ground, whose voltages are given. Of joined nodes the last gives the
    // name, so that sources and ground keep theirs.
    std::vector<Index> name(static_cast<std::size_t>(ground) + 1);
    std::iota(name.begin(), name.end(), Index{0});
    const auto find = [&](Index k) {
        while (name[k] != k)
            k = name[k];
        return k;
    };
    const auto a = [&](Index i, Index j) { return find(i * n + j); };
    const auto b = [&](Index i, Index j) { return find(m * n + i * n + j); };
    const auto for_each_wire = [&](const auto& work) {
        for (Index i = 0; i < m; ++i)
            for (Index j = 0; j < n; ++j) {
                work(a(i, j), j > 0 ? a(i, j - 1) : sources + i, j > 0 ? r.r_wire_row : r.r_driver);
                work(b(i, j), i + 1 < m ? b(i + 1, j) : ground, i + 1 < m ? r.r_wire_col : r.r_sense);
            }
    };
    for_each_wire([&](Index p, Index q, double resistance) {
        if (resistance == 0.0)
            name[std::min(p, q)] = std::max(p, q);
    });
    std::vector<Index> unknown;
    for (Index k = 0; k < sources; ++k)
        if (find(k) == k)
            unknown.push_back(k);

    Eigen::VectorXd volt = Eigen::VectorXd::Zero(ground + 1);
    volt.segment(sources, m) = source.transpose();
    for (int step = 0; step < 200 && !unknown.empty(); ++step) {
        Eigen::MatrixXd jacobian = Eigen::MatrixXd::Zero(ground + 1, ground + 1);
        Eigen::VectorXd leaving = Eigen::VectorXd::Zero(ground + 1);
        const auto connect = [&](Index p, Index q, double current, double slope) {
            leaving(p) += current, leaving(q) -= current;
            jacobian(p, p) += slope, jacobian(q, q) += slope;
            jacobian(p, q) -= slope, jacobian(q, p) -= slope;
        };
        for_each_wire([&](Index p, Index q, double resistance) {
            if (resistance > 0.0)
                connect(p, q, (volt(p) - volt(q)) / resistance, 1.0 / resistance);
        });
        for (Index i = 0; i < m; ++i)
            for (Index j = 0; j < n; ++j) {
                const CellPoint cell = cell_point(curve, g(i, j), volt(a(i, j)) - volt(b(i, j)));
                connect(a(i, j), b(i, j), cell.current, cell.slope);
            }
        const Eigen::MatrixXd matrix = jacobian(unknown, unknown);
        const Eigen::VectorXd change = matrix.partialPivLu().solve(Eigen::VectorXd(leaving(unknown)));
        volt(unknown) -= change;
        if (change.cwiseAbs().maxCoeff() < 1e-14)
            break;
    }
    Eigen::RowVectorXd currents = Eigen::RowVectorXd::Zero(n);
    for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < n; ++j)
            currents(j) += cell_point(curve, g(i, j), volt(a(i, j)) - volt(b(i, j))).current;
    return currents;
}

}  // namespace xloop::test
