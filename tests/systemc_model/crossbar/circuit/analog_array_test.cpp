#include "systemc_model/crossbar/circuit/analog_array.hpp"

#include "core/error.hpp"
#include "systemc_model/crossbar/circuit/line_relaxation.hpp"
#include "systemc_model/crossbar/wires/effective_conductance.hpp"
#include "tests/systemc_model/crossbar/random_matrices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

const Parasitics typical{1000, 5, 10, 1000};

using test::uniform;

MatrixXd conductances(Index rows, Index cols) { return uniform(rows, cols, 5e-6, 5e-5, 1); }

AnalogModel model_of(Circuit circuit, const Parasitics& parasitics = typical, const CellCurve& curve = {3, 0},
                     bool first_order = false, Precision precision = Precision::fp64) {
    return {circuit, precision, parasitics, curve, first_order};
}

AnalogArray programmed(const AnalogModel& model, const MatrixXd& g, const MatrixXd& calibration = {}) {
    AnalogArray array(model);
    array.program(g, calibration);
    return array;
}

/// Relative to the largest current of all.
double error_of(const MatrixXd& current, const MatrixXd& expected) {
    return (current - expected).cwiseAbs().maxCoeff() / expected.cwiseAbs().maxCoeff();
}

TEST(AnalogArray, GivenTheIdealCircuit_ThenCurrentsAreTheProduct) {
    const MatrixXd g = conductances(12, 17), v = uniform(3, 12, -1, 1, 2);
    const AnalogArray array = programmed(model_of(Circuit::ideal, typical, {3, 2000}), g);
    EXPECT_EQ(array.effective(), g);
    EXPECT_LT(error_of(array.currents(v), v * g), 1e-15);
}

TEST(AnalogArray, GivenTheLinearCircuit_ThenCellsConductAsAtZeroVolt) {
    const MatrixXd g = conductances(12, 17), v = uniform(3, 12, -1, 1, 2);
    const AnalogArray array = programmed(model_of(Circuit::linear, typical, {3, 2000}), g);
    const MatrixXd slopes = (1.0 / (1.0 / g.array() + 2000.0)).matrix();
    EXPECT_LT(error_of(array.effective(), effective_conductance(slopes, typical)), 1e-14);
    EXPECT_LT(error_of(array.currents(v), v * array.effective()), 1e-15);
    // Small voltages see nothing but the slope.
    EXPECT_LT(error_of(array.currents(1e-6 * v), exact_currents(g, typical, {3, 2000}, 1e-6 * v)), 1e-9);
}

TEST(AnalogArray, GivenSinglePrecision_ThenItIsCloseAndNotTheSame) {
    const MatrixXd g = conductances(30, 20);
    for (const Circuit circuit : {Circuit::ideal, Circuit::linear}) {
        const MatrixXd wide = programmed(model_of(circuit), g).effective();
        const MatrixXd narrow = programmed(model_of(circuit, typical, {3, 0}, false, Precision::fp32), g).effective();
        EXPECT_LT(error_of(narrow, wide), 5e-6);
        EXPECT_NE(narrow, wide);
        EXPECT_EQ(narrow, narrow.cast<float>().cast<double>());
    }
}

TEST(AnalogArray, GivenTheExactCircuit_ThenCurrentsAreExactAndTheOperatorLinear) {
    const MatrixXd g = conductances(10, 9), v = uniform(3, 10, -1, 1, 2);
    const AnalogArray array = programmed(model_of(Circuit::exact), g);
    EXPECT_EQ(array.currents(v), exact_currents(g, typical, {3, 0}, v));
    EXPECT_EQ(array.effective(), programmed(model_of(Circuit::linear), g).effective());
}

// One cell between ideal terminals: the secant conductance at the calibration's root mean square voltage.
TEST(AnalogArray, GivenOneCellWithoutWires_ThenTheSecantFitsTheCalibrationBest) {
    const MatrixXd calibration{{0.3}, {-0.5}};
    const CellCurve curve{4, 1000};
    const MatrixXd g = MatrixXd::Constant(1, 1, 3e-5);
    const AnalogArray array = programmed(model_of(Circuit::secant, {}, curve), g, calibration);
    const double power = 0.3 * curve.current(3e-5, 0.3) + 0.5 * curve.current(3e-5, 0.5);
    EXPECT_NEAR(array.effective()(0, 0), power / (0.09 + 0.25), 1e-19);
}

// Cells that see no voltage but one are fitted at it, whatever else is 0.
TEST(AnalogArray, GivenBitSerialInputsAndLittleResistance_ThenTheSecantIsTenTimesBetterThanTheSlope) {
    const MatrixXd g = conductances(64, 64);
    const Parasitics little{10, 1, 1, 10};
    const CellCurve curve{3, 0};
    const auto bits = [](int reads, std::uint64_t seed) {
        return MatrixXd(uniform(reads, 64, 0, 1, seed).unaryExpr([](double x) { return x < 0.3 ? 0.4 : 0.0; }));
    };
    const MatrixXd v = bits(8, 3), calibration = bits(16, 4), exact = exact_currents(g, little, curve, v);
    const auto error = [&](Circuit circuit) {
        return error_of(programmed(model_of(circuit, little, curve, false), g, calibration).currents(v), exact);
    };
    EXPECT_GT(error(Circuit::linear), 0.1);
    EXPECT_LT(error(Circuit::secant), 0.1 * error(Circuit::linear));
}

struct Errors {
    const char* what;
    Parasitics parasitics;
    CellCurve curve;
    double volts, linear, secant, linear_first_order, secant_first_order;
};

class Approximations : public testing::TestWithParam<Errors> {};

// Bounds a little above the errors that the method has by nature.
TEST_P(Approximations, ThenErrorsAgainstTheExactCircuitAreSmall) {
    const auto& e = GetParam();
    const MatrixXd g = conductances(64, 64);
    const MatrixXd v = uniform(8, 64, 0, e.volts, 3), calibration = uniform(16, 64, 0, e.volts, 4);
    const MatrixXd exact = exact_currents(g, e.parasitics, e.curve, v);
    const auto error = [&](Circuit circuit, bool first_order) {
        const auto array = programmed(model_of(circuit, e.parasitics, e.curve, first_order), g, calibration);
        return error_of(array.currents(v), exact);
    };
    const double linear = error(Circuit::linear, false), secant = error(Circuit::secant, false);
    const double linear_first_order = error(Circuit::linear, true), secant_first_order = error(Circuit::secant, true);
    EXPECT_LT(linear, e.linear);
    EXPECT_LT(secant, e.secant);
    EXPECT_LT(2 * secant, linear);
    EXPECT_LT(linear_first_order, e.linear_first_order);
    EXPECT_LT(secant_first_order, e.secant_first_order);
    const auto keep = [](const char* what, double value) { RecordProperty(what, std::to_string(1e6 * value) + "e-6"); };
    keep("linear", linear);
    keep("secant", secant);
    keep("linear_first_order", linear_first_order);
    keep("secant_first_order", secant_first_order);
}

INSTANTIATE_TEST_SUITE_P(
    AnalogArray, Approximations,
    testing::Values(Errors{"Typical", typical, {3, 0}, 0.4, 4e-3, 8e-4, 1.5e-4, 2.5e-5},
                    Errors{"AccessResistance", typical, {3, 2000}, 0.4, 4e-3, 8e-4, 1.5e-4, 2.5e-5},
                    Errors{"LittleResistance", {10, 1, 1, 10}, {3, 0}, 0.4, 0.13, 0.03, 6e-3, 1e-3}),
    [](const auto& test) { return test.param.what; });

TEST(AnalogArray, GivenARowInAnyBatch_ThenItsBitsAreTheSame) {
    const MatrixXd g = conductances(30, 41), v = uniform(7, 30, -0.4, 0.4, 5);
    const CellCurve curve{3, 500};
    for (const Circuit circuit : {Circuit::ideal, Circuit::linear, Circuit::secant, Circuit::exact})
        for (const bool first_order : {false, true}) {
            const AnalogArray array = programmed(model_of(circuit, typical, curve, first_order), g, v);
            const MatrixXd together = array.currents(v);
            for (Index k = 0; k < v.rows(); ++k)
                EXPECT_EQ(array.currents(v.row(k)), together.row(k)) << static_cast<int>(circuit) << first_order;
        }
}

TEST(AnalogArray, GivenAnotherProgramming_ThenEverythingBelongsToTheNewEpoch) {
    const MatrixXd first = conductances(8, 8), second = conductances(9, 5), v = uniform(2, 9, 0, 0.4, 6);
    AnalogArray array(model_of(Circuit::secant, typical, {3, 0}, true));
    EXPECT_EQ(array.epoch(), 0u);
    array.program(first, uniform(3, 8, 0, 0.4, 7));
    const AnalogArray copy = array;
    array.program(second, v);
    EXPECT_EQ(array.epoch(), 2u);
    EXPECT_EQ(array.conductance(), second);
    EXPECT_EQ(array.currents(v), programmed(array.model(), second, v).currents(v));
    EXPECT_EQ(copy.epoch(), 1u);
    EXPECT_EQ(copy.conductance(), first);
}

template <class Action>
std::string refusal(const Action& action) {
    try {
        action();
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(AnalogArray, GivenConductancesThatCannotBe_ThenTheErrorSaysWhere) {
    AnalogArray array(model_of(Circuit::linear));
    for (const double wrong : {-1e-6, std::nan(""), std::numeric_limits<double>::infinity()}) {
        MatrixXd g = conductances(4, 6);
        g(2, 5) = wrong;
        EXPECT_THAT(refusal([&] { array.program(g); }), testing::HasSubstr("row 2, column 5"));
    }
    EXPECT_THAT(refusal([&] { array.program(MatrixXd(0, 4)); }), testing::HasSubstr("0 x 4"));
    EXPECT_EQ(array.epoch(), 0u);
}

TEST(AnalogArray, GivenAWrongModelBatchOrCalibration_ThenTheErrorNamesIt) {
    EXPECT_THAT(refusal([] {
                    AnalogArray array(model_of(Circuit::linear, {0, -5, 0, 0}));
                }),
                testing::HasSubstr("r_wire_row is -5"));
    EXPECT_THAT(refusal([] {
                    AnalogArray array(model_of(Circuit::linear, {}, {-1, 0}));
                }),
                testing::HasSubstr("alpha_per_volt is -1"));
    AnalogArray array(model_of(Circuit::secant));
    EXPECT_THAT(refusal([&] { array.program(conductances(4, 4)); }), testing::HasSubstr("calibration"));
    EXPECT_THAT(refusal([&] { array.program(conductances(4, 4), MatrixXd::Zero(2, 3)); }),
                testing::HasSubstr("3 columns"));
    EXPECT_THAT(refusal([&] { array.currents(MatrixXd::Zero(1, 3)); }), testing::HasSubstr("3 columns"));
}

}  // namespace
}  // namespace xloop
