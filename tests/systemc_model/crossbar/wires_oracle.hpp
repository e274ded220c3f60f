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
/// must be above 0. Node voltages for the given source voltages (k x M): row nodes a(i, j), then column nodes b(i, j).
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

}  // namespace xloop::test
