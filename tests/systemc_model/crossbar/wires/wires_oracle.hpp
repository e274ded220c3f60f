#pragma once

#include "core/random.hpp"
#include "systemc_model/crossbar/wires/parasitics.hpp"

#include <Eigen/Dense>

namespace xloop::test {

inline Eigen::MatrixXd random_conductances(int rows, int cols, std::uint64_t seed, double open = 0.1) {
    const KeyedRandom random(seed, RandomUse::programming_variation);
    Eigen::MatrixXd g(rows, cols);
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < cols; ++j)
            g(i, j) = random.uniform(1, i * cols + j) < open ? 0.0 : 5e-6 + 45e-6 * random.uniform(2, i * cols + j);
    return g;
}

/// Nodal analysis of the whole circuit with a dense solve, an oracle independent of port elimination; all resistances
/// must be above 0. Nodes: a(i, j) on the row wires, then b(i, j) on the column wires.
class NodalAnalysis {
public:
    NodalAnalysis(const Eigen::MatrixXd& g, const Parasitics& r) : g_(g), r_(r), y_(2 * g.size(), 2 * g.size()) {
        y_.setZero();
        for (Eigen::Index i = 0; i < g.rows(); ++i)
            for (Eigen::Index j = 0; j < g.cols(); ++j) {
                connect(a(i, j), b(i, j), g(i, j));
                if (j + 1 < g.cols())
                    connect(a(i, j), a(i, j + 1), 1 / r.r_wire_row);
                if (i + 1 < g.rows())
                    connect(b(i, j), b(i + 1, j), 1 / r.r_wire_col);
            }
        for (Eigen::Index i = 0; i < g.rows(); ++i)
            y_(a(i, 0), a(i, 0)) += 1 / r.r_driver;
        for (Eigen::Index j = 0; j < g.cols(); ++j)
            y_(b(g.rows() - 1, j), b(g.rows() - 1, j)) += 1 / r.r_sense;
    }

    /// k x M source voltages -> k x (M * N) cell voltages, row node minus column node.
    Eigen::MatrixXd cell_voltages(const Eigen::MatrixXd& v) const {
        const Eigen::MatrixXd nodes = node_voltages(v);
        return (nodes.topRows(g_.size()) - nodes.bottomRows(g_.size())).transpose();
    }

    Eigen::MatrixXd effective_conductance() const {
        const Eigen::MatrixXd nodes = node_voltages(Eigen::MatrixXd::Identity(g_.rows(), g_.rows()));
        return nodes.middleRows(b(g_.rows() - 1, 0), g_.cols()).transpose() / r_.r_sense;
    }

private:
    Eigen::Index a(Eigen::Index i, Eigen::Index j) const { return i * g_.cols() + j; }
    Eigen::Index b(Eigen::Index i, Eigen::Index j) const { return g_.size() + a(i, j); }

    void connect(Eigen::Index p, Eigen::Index q, double conductance) {
        y_(p, p) += conductance;
        y_(q, q) += conductance;
        y_(p, q) -= conductance;
        y_(q, p) -= conductance;
    }

    Eigen::MatrixXd node_voltages(const Eigen::MatrixXd& v) const {
        Eigen::MatrixXd sources = Eigen::MatrixXd::Zero(y_.rows(), v.rows());
        for (Eigen::Index i = 0; i < g_.rows(); ++i)
            sources.row(a(i, 0)) = v.col(i).transpose() / r_.r_driver;
        return y_.partialPivLu().solve(sources);
    }

    Eigen::MatrixXd g_;
    Parasitics r_;
    Eigen::MatrixXd y_;
};

/// The same matrix by elimination row after row, for larger arrays. With T_i the conductance matrix of row wire i and
/// its cells, K_i = diag(g_i) - diag(g_i) T_i^-1 diag(g_i) is the row seen from the columns, S_i the columns down to
/// row i and F_i their currents by sources: S_i = K_i + D_i - g_c^2 S_(i-1)^-1, F_i = g_c S_(i-1)^-1 F_(i-1) + g_d
/// diag(g_i) T_i^-1 e_0.
inline Eigen::MatrixXd row_by_row(const Eigen::MatrixXd& g, const Parasitics& r) {
    const Eigen::Index m = g.rows(), n = g.cols();
    const double g_d = 1 / r.r_driver, g_r = 1 / r.r_wire_row, g_c = 1 / r.r_wire_col, g_s = 1 / r.r_sense;
    Eigen::MatrixXd above = Eigen::MatrixXd::Zero(n, n), currents = Eigen::MatrixXd::Zero(n, m);  // S^-1, F
    for (Eigen::Index i = 0; i < m; ++i) {
        Eigen::MatrixXd wire = g.row(i).asDiagonal();
        wire(0, 0) += g_d;
        for (Eigen::Index j = 0; j + 1 < n; ++j) {
            wire.block(j, j, 2, 2).diagonal().array() += g_r;
            wire(j, j + 1) -= g_r;
            wire(j + 1, j) -= g_r;
        }
        const Eigen::MatrixXd through = wire.llt().solve(Eigen::MatrixXd(g.row(i).asDiagonal()));  // T^-1 diag(g)
        Eigen::MatrixXd columns = g.row(i).asDiagonal();
        columns -= g.row(i).asDiagonal() * through;
        columns.diagonal().array() += (i > 0 ? g_c : 0.0) + (i + 1 < m ? g_c : g_s);
        columns -= g_c * g_c * above;
        currents = (g_c * above * currents).eval();
        currents.col(i) = g_d * through.row(0).transpose();
        above = columns.llt().solve(Eigen::MatrixXd::Identity(n, n));
    }
    return (g_s * above * currents).transpose();
}

/// G_eff with wires of no resistance: every row and every column is one node.
inline Eigen::MatrixXd ideal_wires(const Eigen::MatrixXd& g, double r_driver, double r_sense) {
    const Eigen::Index m = g.rows(), n = g.cols();
    Eigen::MatrixXd y = Eigen::MatrixXd::Zero(m + n, m + n), sources = Eigen::MatrixXd::Zero(m + n, m);
    y.topRightCorner(m, n) = -g;
    y.bottomLeftCorner(n, m) = -g.transpose();
    y.diagonal().head(m) = g.rowwise().sum().array() + 1 / r_driver;
    y.diagonal().tail(n) = g.colwise().sum().transpose().array() + 1 / r_sense;
    sources.topRows(m).diagonal().setConstant(1 / r_driver);
    return y.llt().solve(sources).bottomRows(n).transpose() / r_sense;
}

}  // namespace xloop::test
