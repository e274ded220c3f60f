#include "systemc_model/crossbar/wires/effective_conductance.hpp"

#include "core/random.hpp"
#include "tests/systemc_model/crossbar/spice_cases.hpp"

#include <Eigen/Dense>
#include <gtest/gtest.h>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// Pass mark of tests/data/crossbar_spice/README.md: 1e-11 of the largest current of each input.
TEST(EffectiveConductance, GivenCircuitSimulatorCases_ThenCurrentsAgree) {
    const auto cases = test::spice_cases("lin_");
    ASSERT_EQ(cases.size(), 8u);
    for (const auto& c : cases)
        EXPECT_LT(test::worst_error(c.v * effective_conductance(c.g, c.parasitics), c.i), 1e-11) << c.name;
}

MatrixXd random_conductances(int rows, int cols, std::uint64_t seed, double open = 0.1) {
    const KeyedRandom random(seed, RandomUse::programming_variation);
    MatrixXd g(rows, cols);
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < cols; ++j)
            g(i, j) = random.uniform(1, i * cols + j) < open ? 0.0 : 5e-6 + 45e-6 * random.uniform(2, i * cols + j);
    return g;
}

/// Independent oracle: nodal analysis of the whole circuit with a dense solve; all resistances must be above 0.
MatrixXd nodal_analysis(const MatrixXd& g, const Parasitics& r) {
    const Index m = g.rows(), n = g.cols();
    MatrixXd y = MatrixXd::Zero(2 * m * n, 2 * m * n);
    const auto a = [&](Index i, Index j) { return i * n + j; };
    const auto b = [&](Index i, Index j) { return m * n + i * n + j; };
    const auto join = [&](Index p, Index q, double conductance) {
        y(p, p) += conductance;
        y(q, q) += conductance;
        y(p, q) -= conductance;
        y(q, p) -= conductance;
    };
    MatrixXd sources = MatrixXd::Zero(2 * m * n, m);
    for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < n; ++j) {
            join(a(i, j), b(i, j), g(i, j));
            if (j + 1 < n)
                join(a(i, j), a(i, j + 1), 1 / r.r_wire_row);
            if (i + 1 < m)
                join(b(i, j), b(i + 1, j), 1 / r.r_wire_col);
        }
    for (Index i = 0; i < m; ++i) {
        y(a(i, 0), a(i, 0)) += 1 / r.r_driver;
        sources(a(i, 0), i) = 1 / r.r_driver;
    }
    for (Index j = 0; j < n; ++j)
        y(b(m - 1, j), b(m - 1, j)) += 1 / r.r_sense;
    const MatrixXd volts = y.partialPivLu().solve(sources);
    return volts.middleRows(b(m - 1, 0), n).transpose() / r.r_sense;
}

TEST(EffectiveConductance, GivenRaggedShapes_ThenItEqualsNodalAnalysis) {
    const Parasitics r{700, 4, 9, 300};
    for (auto [m, n] : {std::pair{1, 1}, {1, 9}, {9, 1}, {3, 20}, {8, 8}, {13, 5}, {17, 24}}) {
        const MatrixXd g = random_conductances(m, n, 5), expected = nodal_analysis(g, r);
        EXPECT_LT((effective_conductance(g, r) - expected).cwiseAbs().maxCoeff(),
                  1e-10 * expected.cwiseAbs().maxCoeff() + 1e-20)
            << m << "x" << n;
    }
}

TEST(EffectiveConductance, GivenNoParasitics_ThenItIsGToTheLastBit) {
    const MatrixXd g = random_conductances(20, 11, 3);
    EXPECT_EQ(effective_conductance(g, {}), g);
}

TEST(EffectiveConductance, GivenOneCell_ThenItIsTheSeriesCircuit) {
    const MatrixXd g = MatrixXd::Constant(1, 1, 1e-4);
    EXPECT_NEAR(effective_conductance(g, {1000, 5, 10, 500})(0, 0), 1.0 / (1000 + 1e4 + 500), 1e-18);
}

// Reciprocity: swapping drive and sense ends transposes the map.
TEST(EffectiveConductance, GivenTheArrayTurnedOver_ThenTheMatrixIsTransposed) {
    const MatrixXd g = random_conductances(12, 19, 8);
    const MatrixXd turned = g.transpose().reverse();  // rows become columns, driven where they were sensed
    const MatrixXd a = effective_conductance(g, {700, 4, 9, 300});
    const MatrixXd b = effective_conductance(turned, {300, 9, 4, 700});
    EXPECT_LT((a - b.reverse().transpose()).cwiseAbs().maxCoeff(), 1e-12 * a.maxCoeff());
}

// Passivity, and Rayleigh's monotonicity: more resistance anywhere, less total current.
TEST(EffectiveConductance, GivenLargerResistances_ThenTheSumOfAllEntriesFalls) {
    const MatrixXd g = random_conductances(16, 16, 9);
    const Parasitics base{500, 5, 5, 500};
    const double sum = effective_conductance(g, base).sum();
    EXPECT_LT(sum, g.sum());
    EXPECT_GE(effective_conductance(g, base).minCoeff(), 0.0);
    for (auto field : {&Parasitics::r_driver, &Parasitics::r_wire_row, &Parasitics::r_wire_col, &Parasitics::r_sense}) {
        Parasitics more = base;
        more.*field *= 1.5;
        EXPECT_LT(effective_conductance(g, more).sum(), sum);
    }
}

}  // namespace
}  // namespace xloop
