#include "systemc_model/crossbar/circuit/line_relaxation.hpp"

#include "core/error.hpp"
#include "core/random.hpp"
#include "systemc_model/crossbar/wires/effective_conductance.hpp"
#include "tests/systemc_model/crossbar/circuit/newton_circuit.hpp"
#include "tests/systemc_model/crossbar/spice_cases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

const Parasitics typical{1000, 5, 10, 1000};

/// Uniform between `low` and `high`, one number in ten 0.
MatrixXd random_matrix(Index rows, Index cols, double low, double high, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::programming_variation);
    MatrixXd x(rows, cols);
    for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < cols; ++j)
            x(i, j) =
                random.uniform(1, i * cols + j) < 0.1 ? 0.0 : low + (high - low) * random.uniform(2, i * cols + j);
    return x;
}
MatrixXd conductances(Index rows, Index cols) { return random_matrix(rows, cols, 5e-6, 5e-5, 7); }

// Pass mark of tests/data/crossbar_spice/README.md for nonlinear cells.
TEST(LineRelaxation, GivenCircuitSimulatorCases_ThenCurrentsAgree) {
    int count = 0;
    for (const auto* kind : {"nl_", "nlacc_", "acc_", "lin_"})
        for (const auto& c : test::spice_cases(kind)) {
            test::expect_currents(c, exact_currents(c.g, c.parasitics, c.curve, c.v), 1e-9, "exact");
            ++count;
        }
    EXPECT_EQ(count, 12);
}

struct Case {
    const char* what;
    Parasitics parasitics;
    CellCurve curve;
    double volts;
};

class SmallArrays : public testing::TestWithParam<Case> {};

TEST_P(SmallArrays, ThenCurrentsAreThoseOfNewtonsMethodOnAllNodes) {
    const auto& [what, parasitics, curve, volts] = GetParam();
    for (const auto& [m, n] : {std::pair{1, 1}, {1, 7}, {6, 1}, {4, 6}, {6, 3}}) {
        const MatrixXd g = conductances(m, n), v = random_matrix(2, m, -volts, volts, 3);
        const MatrixXd currents = exact_currents(g, parasitics, curve, v);
        for (Index k = 0; k < v.rows(); ++k) {
            const Eigen::RowVectorXd expected = test::newton_currents(g, parasitics, curve, v.row(k));
            EXPECT_LE((currents.row(k) - expected).cwiseAbs().maxCoeff(), 1e-9 * expected.cwiseAbs().maxCoeff() + 1e-22)
                << m << " x " << n << ", input " << k;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(LineRelaxation, SmallArrays,
                         testing::Values(Case{"Linear", typical, {}, 0.4}, Case{"Nonlinear", typical, {3, 0}, 0.4},
                                         Case{"StronglyNonlinear", {100, 2, 3, 50}, {10, 0}, 1.0},
                                         Case{"SteepestCells", {1000, 5, 10, 1000}, {45, 0}, 1.0},
                                         Case{"AccessResistance", typical, {3, 2000}, 0.4},
                                         Case{"LinearAccessResistance", typical, {0, 2000}, 0.4},
                                         Case{"StronglyNonlinearAccessResistance", {100, 2, 3, 50}, {12, 5000}, 1.0},
                                         Case{"LongWires", {200, 3000, 2000, 300}, {3, 0}, 1.0},
                                         Case{"NoDriverResistance", {0, 5, 10, 1000}, {3, 0}, 1.0},
                                         Case{"NoRowWireResistance", {1000, 0, 10, 1000}, {3, 0}, 1.0},
                                         Case{"NoColumnWireResistance", {1000, 5, 0, 1000}, {3, 0}, 1.0},
                                         Case{"NoSenseResistance", {1000, 5, 10, 0}, {3, 0}, 1.0},
                                         Case{"WiresOnly", {0, 5, 10, 0}, {3, 500}, 1.0},
                                         Case{"TerminalsOnly", {1000, 0, 0, 500}, {3, 0}, 1.0},
                                         Case{"RowsOnly", {1000, 5, 0, 0}, {3, 0}, 1.0},
                                         Case{"ColumnsOnly", {0, 0, 10, 500}, {3, 0}, 1.0},
                                         Case{"NoResistance", {}, {3, 0}, 1.0},
                                         Case{"NoResistanceButAccess", {}, {6, 2000}, 1.0}),
                         [](const auto& test) { return test.param.what; });

TEST(LineRelaxation, GivenLinearCells_ThenCurrentsAreThoseOfTheEffectiveConductance) {
    for (const auto& [m, n] : {std::pair{64, 64}, {20, 90}, {90, 20}}) {
        const MatrixXd g = conductances(m, n), v = random_matrix(9, m, -1, 1, 4);
        EXPECT_LT(test::worst_error(exact_currents(g, typical, {}, v), v * effective_conductance(g, typical)), 1e-9);
    }
}

// The sweeps needed grow slowly with the array: a bound on the cost that does not depend on the machine.
TEST(LineRelaxation, GivenTypicalArrays_ThenFewSweepsSuffice) {
    for (const auto& [n, sweeps] : {std::pair{32, 8}, {64, 11}, {128, 18}}) {
        const MatrixXd v = random_matrix(2, n, 0, 0.4, 5);
        EXPECT_NO_THROW(exact_currents(conductances(n, n), typical, {3, 0}, v, {1e-10, sweeps})) << n;
    }
}

TEST(LineRelaxation, GivenAnInputInAnyBatch_ThenItsBitsAreTheSame) {
    const MatrixXd g = conductances(13, 21);
    MatrixXd v = random_matrix(11, 13, -1, 1, 6);
    v.row(2) *= 1e-3;  // converges in other sweeps than its neighbours
    v.row(5).setZero();
    for (const CellCurve curve : {CellCurve{8, 0}, CellCurve{4, 1000}}) {
        const MatrixXd together = exact_currents(g, typical, curve, v);
        for (Index k = 0; k < v.rows(); ++k)
            EXPECT_EQ(exact_currents(g, typical, curve, v.row(k)), together.row(k)) << k;
    }
}

TEST(LineRelaxation, GivenOppositeVoltages_ThenOppositeCurrentsToTheLastBit) {
    const MatrixXd g = conductances(12, 9), v = random_matrix(4, 12, -1, 1, 8);
    EXPECT_EQ(exact_currents(g, typical, {5, 500}, -v), -exact_currents(g, typical, {5, 500}, v));
}

TEST(LineRelaxation, GivenNoInputs_ThenNoCurrents) {
    const MatrixXd currents = exact_currents(conductances(3, 4), typical, {}, MatrixXd(0, 3));
    EXPECT_EQ(currents.rows(), 0);
    EXPECT_EQ(currents.cols(), 4);
}

std::string message_of(const MatrixXd& g, const CellCurve& curve, const MatrixXd& v, const RelaxationLimits& limits) {
    try {
        exact_currents(g, typical, curve, v, limits);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(LineRelaxation, GivenTooFewSweeps_ThenTheErrorNamesTheInput) {
    MatrixXd v = MatrixXd::Zero(12, 16);
    v(9, 3) = 0.4;
    EXPECT_THAT(message_of(conductances(16, 16), {3, 0}, v, {1e-10, 3}),
                testing::AllOf(testing::HasSubstr("input 9"), testing::HasSubstr("3 sweeps")));
}

TEST(LineRelaxation, GivenVoltagesBeyondAllNumbers_ThenTheErrorNamesTheInput) {
    MatrixXd v = MatrixXd::Constant(2, 4, 0.5);
    for (const double volts : {1e6, std::nan("")}) {
        v(1, 2) = volts;
        EXPECT_THAT(message_of(conductances(4, 4), {3, 0}, v, {}), testing::HasSubstr("input 1"));
    }
}

TEST(LineRelaxation, GivenTheWrongNumberOfVoltages_ThenItIsRefused) {
    EXPECT_THROW(exact_currents(conductances(4, 4), typical, {}, MatrixXd::Zero(1, 5)), InputError);
}

}  // namespace
}  // namespace xloop
