#include "systemc_model/crossbar/wires/effective_conductance.hpp"

#include "core/parallel.hpp"
#include "tests/systemc_model/crossbar/spice_cases.hpp"
#include "tests/systemc_model/crossbar/wires/wires_oracle.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace xloop {
namespace {

using Eigen::MatrixXd;
using Eigen::MatrixXf;
using test::random_conductances;

const Parasitics typical{700, 4, 9, 300};

double worst_over_largest(const MatrixXd& value, const MatrixXd& expected) {
    return (value - expected).cwiseAbs().maxCoeff() / expected.cwiseAbs().maxCoeff();
}

// Pass marks of tests/data/crossbar_spice/README.md, of the largest current of each input.
void expect_currents_of(const std::vector<test::SpiceCase>& cases) {
    for (const auto& c : cases) {
        const MatrixXd g = c.g.unaryExpr([&](double conductance) { return c.curve.slope(conductance); });
        test::expect_currents(c, c.v * effective_conductance(g, c.parasitics), 1e-11, "fp64");
        test::expect_currents(c, c.v * effective_conductance_fp32(g, c.parasitics).cast<double>(), 5e-6, "fp32");
    }
}

TEST(EffectiveConductance, GivenCircuitSimulatorCases_ThenCurrentsAgree) {
    const auto cases = test::spice_cases("lin_");
    ASSERT_EQ(cases.size(), 8u);
    expect_currents_of(cases);
}

TEST(EffectiveConductance, GivenCircuitSimulatorCasesWithAccessResistance_ThenCurrentsAgree) {
    const auto cases = test::spice_cases("acc_");
    ASSERT_FALSE(cases.empty());
    expect_currents_of(cases);
}

TEST(EffectiveConductance, GivenSmallRaggedShapes_ThenItEqualsNodalAnalysis) {
    for (auto [m, n] : {std::pair{1, 1}, {1, 9}, {9, 1}, {1, 40}, {40, 1}, {3, 20}, {8, 8}, {13, 5}, {17, 16}}) {
        const MatrixXd g = random_conductances(m, n, 5, 0.05);
        const MatrixXd expected = test::NodalAnalysis(g, typical).effective_conductance();
        EXPECT_LT(worst_over_largest(effective_conductance(g, typical), expected), 1e-10) << m << "x" << n;
    }
}

TEST(EffectiveConductance, GivenRaggedShapes_ThenItEqualsEliminationRowByRow) {
    for (auto [m, n] : {std::pair{3, 65}, {37, 70}, {100, 37}, {130, 20}, {300, 45}}) {
        const MatrixXd g = random_conductances(m, n, 6), expected = test::row_by_row(g, typical);
        EXPECT_LT(worst_over_largest(effective_conductance(g, typical), expected), 5e-12) << m << "x" << n;
        const MatrixXd single = effective_conductance_fp32(g, typical).cast<double>();
        EXPECT_LT(worst_over_largest(single, expected), 5e-6) << m << "x" << n;
    }
}

// Far from typical: the elimination exchanges no rows, and must not need to.
TEST(EffectiveConductance, GivenWiresAndCellsOfEveryRatio_ThenItEqualsNodalAnalysis) {
    const MatrixXd g = random_conductances(18, 9, 7, 0.2) * 100;
    for (const Parasitics& r : {Parasitics{1, 1e5, 1e-1, 1},
                                {1, 1e-1, 1e5, 1},
                                {1e5, 1, 1, 1e5},
                                {1e-1, 1e3, 1e3, 1e-1},
                                {1e4, 1e4, 1e4, 1e4},
                                {1e-1, 1e-1, 1e3, 1e5}}) {
        const MatrixXd expected = test::NodalAnalysis(g, r).effective_conductance();
        EXPECT_LT(worst_over_largest(effective_conductance(g, r), expected), 1e-9);
    }
}

TEST(EffectiveConductance, GivenNoParasitics_ThenItIsGToTheLastBit) {
    const MatrixXd g = random_conductances(20, 11, 3);
    EXPECT_EQ(effective_conductance(g, {}), g);
    EXPECT_EQ(effective_conductance_fp32(g, {}), MatrixXf(g.cast<float>()));
}

TEST(EffectiveConductance, GivenWiresWithoutResistance_ThenRowsAndColumnsAreSingleNodes) {
    const MatrixXd g = random_conductances(35, 21, 4);
    EXPECT_LT(worst_over_largest(effective_conductance(g, {900, 0, 0, 400}), test::ideal_wires(g, 900, 400)), 1e-13);
}

TEST(EffectiveConductance, GivenOneResistanceOfZero_ThenItIsTheLimitOfSmallOnes) {
    const MatrixXd g = random_conductances(20, 24, 4);
    for (auto field : {&Parasitics::r_driver, &Parasitics::r_wire_row, &Parasitics::r_wire_col, &Parasitics::r_sense}) {
        Parasitics zero = typical, small = typical;
        zero.*field = 0;
        small.*field = 1e-4;
        EXPECT_LT(worst_over_largest(effective_conductance(g, zero), test::row_by_row(g, small)), 1e-6);
    }
}

TEST(EffectiveConductance, GivenOneCell_ThenItIsTheSeriesCircuit) {
    const MatrixXd g = MatrixXd::Constant(1, 1, 1e-4);
    EXPECT_NEAR(effective_conductance(g, {1000, 5, 10, 500})(0, 0), 1.0 / (1000 + 1e4 + 500), 1e-18);
}

TEST(EffectiveConductance, GivenOpenCells_ThenNoCurrentFlows) {
    MatrixXd g = random_conductances(19, 33, 2, 0.0);
    g.row(4).setZero();
    g.col(20).setZero();
    const MatrixXd g_eff = effective_conductance(g, typical);
    EXPECT_EQ(g_eff.row(4).cwiseAbs().maxCoeff(), 0.0);
    EXPECT_EQ(g_eff.col(20).cwiseAbs().maxCoeff(), 0.0);
    EXPECT_EQ(effective_conductance(MatrixXd::Zero(33, 19), typical), MatrixXd(MatrixXd::Zero(33, 19)));
}

// Reciprocity: swapping drive and sense ends transposes the map.
TEST(EffectiveConductance, GivenTheArrayTurnedOver_ThenTheMatrixIsTransposed) {
    const MatrixXd g = random_conductances(42, 19, 8);
    const MatrixXd turned = g.transpose().reverse();  // rows become columns, driven where they were sensed
    const MatrixXd a = effective_conductance(g, {700, 4, 9, 300});
    const MatrixXd b = effective_conductance(turned, {300, 9, 4, 700});
    EXPECT_LT((a - b.reverse().transpose()).cwiseAbs().maxCoeff(), 1e-14 * a.maxCoeff());
}

// Passivity: no current against the voltage, and none beyond that of the bare cells of the column.
TEST(EffectiveConductance, GivenAnyArray_ThenItIsPassive) {
    const MatrixXd g = random_conductances(50, 27, 9, 0.3), g_eff = effective_conductance(g, {300, 30, 60, 200});
    EXPECT_GE(g_eff.minCoeff(), 0.0);
    EXPECT_TRUE((g_eff.colwise().sum().array() <= g.colwise().sum().array()).all());
}

// Rayleigh's monotonicity: more resistance anywhere, less total current.
TEST(EffectiveConductance, GivenLargerResistances_ThenTheSumOfAllEntriesFalls) {
    const MatrixXd g = random_conductances(16, 30, 9);
    const Parasitics base{500, 5, 5, 500};
    const double sum = effective_conductance(g, base).sum();
    EXPECT_LT(sum, g.sum());
    for (auto field : {&Parasitics::r_driver, &Parasitics::r_wire_row, &Parasitics::r_wire_col, &Parasitics::r_sense}) {
        Parasitics more = base;
        more.*field *= 1.5;
        EXPECT_LT(effective_conductance(g, more).sum(), sum);
    }
}

TEST(EffectiveConductance, GivenSeveralThreads_ThenBitsAreThoseOfOne) {
    constexpr int arrays = 12;
    const auto g = [](int i) { return random_conductances(20 + 7 * i, 70 - 5 * i, static_cast<std::uint64_t>(i)); };
    std::vector<MatrixXd> found(arrays);
    std::vector<MatrixXf> found_fp32(arrays);
    parallel_for(arrays, 4, [&](int i) {
        found[i] = effective_conductance(g(i), typical);
        found_fp32[i] = effective_conductance_fp32(g(i), typical);
    });
    for (int i = 0; i < arrays; ++i) {
        EXPECT_EQ(found[i], effective_conductance(g(i), typical));
        EXPECT_EQ(found_fp32[i], effective_conductance_fp32(g(i), typical));
    }
}

}  // namespace
}  // namespace xloop
