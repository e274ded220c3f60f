#include "tests/apps/command_line.hpp"
#include "tests/systemc_model/crossbar/spice_cases.hpp"

#include <fmt/format.h>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <thread>

namespace xloop {
namespace {

using test::Outcome;
using test::SpiceCase;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

Words operator+(Words all, const Words& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

double entry(const Eigen::MatrixXd& m, Eigen::Index row, Eigen::Index column) { return m(row, column); }

const Words wires = {"--r-driver", "1000", "--r-wire-row", "5", "--r-wire-col", "10", "--r-sense", "1000"};

/// `xloop crossbar` in an empty folder.
class CrossbarCommand : public test::CommandLine {
protected:
    Outcome crossbar(const Words& arguments) const { return good(Words{"crossbar"} + arguments); }
    Json summary(const Words& arguments) const { return crossbar(arguments + Words{"--json"}).json(); }
    Eigen::MatrixXd matrix(const std::string& name) const { return test::read_csv((folder_ / name).string()); }

    /// Currents of a circuit-simulator case.
    Eigen::MatrixXd currents(const SpiceCase& spice, const Words& more = {}) const {
        const std::string stem = XLOOP_SOURCE_DIR "/tests/data/crossbar_spice/" + spice.name;
        const auto ohm = [](double r) { return fmt::format("{}", r); };
        const Parasitics& p = spice.parasitics;
        crossbar(Words{"--conductance", stem + ".G.csv", "--voltage", stem + ".V.csv", "--r-driver", ohm(p.r_driver),
                       "--r-wire-row", ohm(p.r_wire_row), "--r-wire-col", ohm(p.r_wire_col), "--r-sense",
                       ohm(p.r_sense), "--r-access", ohm(spice.curve.r_access_ohm), "--alpha",
                       ohm(spice.curve.alpha_per_volt), "--out", "I.csv"} +
                 more);
        return matrix("I.csv");
    }

    void expect_refused(const Words& arguments, const Words& parts) const {
        test::CommandLine::expect_refused(Words{"crossbar"} + arguments, parts);
    }
};

// ---- Currents

TEST_F(CrossbarCommand, GivenLinearCircuitSimulatorCases_ThenCurrentsAgreeInBothPrecisions) {
    for (const char* prefix : {"lin_", "acc_"})
        for (const SpiceCase& spice : test::spice_cases(prefix)) {
            EXPECT_LT(test::worst_error(currents(spice), spice.i), 1e-11) << spice.name;
            EXPECT_LT(test::worst_error(currents(spice, {"--precision", "fp32"}), spice.i), 5e-6) << spice.name;
        }
}

TEST_F(CrossbarCommand, GivenNonlinearCircuitSimulatorCases_ThenTheExactCircuitIsTheDefault) {
    for (const char* prefix : {"nl_", "nlacc_"})
        for (const SpiceCase& spice : test::spice_cases(prefix)) {
            EXPECT_LT(test::worst_error(currents(spice), spice.i), 1e-9) << spice.name;
            const double secant = test::worst_error(currents(spice, {"--circuit", "secant"}), spice.i);
            const double linear = test::worst_error(currents(spice, {"--circuit", "linear"}), spice.i);
            EXPECT_GT(secant, 1e-9) << spice.name;
            EXPECT_LT(secant, linear) << spice.name;
        }
}

TEST_F(CrossbarCommand, GivenOneCell_ThenEveryFigureIsThatOfTheSeriesCircuit) {
    write("G.csv", "1e-4\n");
    write("V.csv", "1\n-0.5\n");
    const Json json = summary({"--conductance", "G.csv", "--voltage", "V.csv", "--r-driver", "1000", "--r-wire-row",
                               "7", "--r-wire-col", "9", "--r-sense", "500", "--r-access", "2000", "--out", "I.csv"});
    EXPECT_EQ(read("I.csv"), "7.40740740740741e-05\n-3.70370370370370e-05\n") << "1 / 13500 ohm";
    EXPECT_DOUBLE_EQ(json.at("full_scale_a"), 1e-4);
    EXPECT_NEAR(json.at("deviation").at("largest"), 10.0 / 13.5 - 1.0, 1e-14);
    EXPECT_NEAR(json.at("deviation").at("mean"), 0.25 * (10.0 / 13.5 - 1.0), 1e-14);
    EXPECT_NEAR(json.at("deviation").at("gain"), 10.0 / 13.5, 1e-14);
    EXPECT_NEAR(json.at("deviation").at("rms_after_gain"), 0.0, 1e-14);
    EXPECT_EQ(json.at("read_voltage_v"), 1.0);
    EXPECT_NEAR(json.at("voltage_loss").at("largest"), 1.5 / 13.5, 1e-14)
        << "device and access resistance are the cell";
    EXPECT_NEAR(json.at("current_loss").at("largest"), 3.5 / 13.5, 1e-14);
}

TEST_F(CrossbarCommand, GivenTheIdealCircuit_ThenCurrentsAreTheProduct) {
    write("G.csv", "0.5,2,1\n4,0,0.25\n");
    write("V.csv", "1,2\n-1,0.5\n");
    const Outcome outcome =
        crossbar(Words{"--conductance", "G.csv", "--voltage", "V.csv", "--circuit", "ideal"} + wires);
    EXPECT_EQ(outcome.out,
              "8.50000000000000e+00,2.00000000000000e+00,1.50000000000000e+00\n"
              "1.50000000000000e+00,-2.00000000000000e+00,-8.75000000000000e-01\n");
}

TEST_F(CrossbarCommand, GivenCsvFilesOfOtherSystems_ThenTheyAreReadAlike) {
    write("G.csv", "\xEF\xBB\xBF 1e-5 ,+2e-5\r\n3E-5,\t0.00004\r\n\r\n");
    write("V.csv", "1,1");
    EXPECT_EQ(crossbar({"--conductance", "G.csv", "--voltage", "V.csv"}).out,
              "4.00000000000000e-05,6.00000000000000e-05\n");
}

// ---- Random arrays

TEST_F(CrossbarCommand, GivenARandomArray_WhenItsFilesAreReadAgain_ThenTheCurrentsAreTheSameBytes) {
    crossbar(Words{"--random", "5x7", "--r-on", "1e4", "--r-off", "1e5", "--seed", "3", "--random-inputs", "4",
                   "--v-max", "0.3", "--save-conductance", "G.csv", "--save-voltage", "V.csv", "--out", "a.csv"} +
             wires);
    crossbar(Words{"--conductance", "G.csv", "--voltage", "V.csv", "--out", "b.csv"} + wires);
    EXPECT_EQ(read("a.csv"), read("b.csv"));
    const Eigen::MatrixXd g = matrix("G.csv"), v = matrix("V.csv");
    ASSERT_EQ(g.rows(), 5);
    ASSERT_EQ(g.cols(), 7);
    EXPECT_GE(g.minCoeff(), 1e-5);
    EXPECT_LE(g.maxCoeff(), 1e-4);
    EXPECT_GT(g.maxCoeff() - g.minCoeff(), 7e-5);
    ASSERT_EQ(v.rows(), 4);
    ASSERT_EQ(v.cols(), 5);
    EXPECT_GE(v.minCoeff(), 0.0);
    EXPECT_LE(v.maxCoeff(), 0.3);
}

TEST_F(CrossbarCommand, GivenAnotherSeed_ThenTheArrayDiffersAndOneIsTheDefault) {
    const auto currents_of = [&](const Words& more) { return crossbar(Words{"--random", "3x3", "-q"} + more).out; };
    EXPECT_EQ(currents_of({}), currents_of({"--seed", "1"}));
    EXPECT_NE(currents_of({}), currents_of({"--seed", "2"}));
}

TEST_F(CrossbarCommand, GivenBinaryInputs_ThenEachVoltageIsZeroOrTheHighest) {
    crossbar({"--random", "40x2", "--random-inputs", "3", "--binary", "--v-max", "0.3", "--save-voltage", "V.csv"});
    const Eigen::MatrixXd v = matrix("V.csv");
    EXPECT_TRUE(((v.array() == 0.0) || (v.array() == 0.3)).all());
    EXPECT_GT((v.array() == 0.3).count(), 30);
    EXPECT_GT((v.array() == 0.0).count(), 30);
}

// ---- Summary

TEST_F(CrossbarCommand, GivenCellVoltages_ThenTheirCurrentsAreThoseOfTheColumns) {
    const double v_max = 0.4;
    for (const double alpha : {0.0, 5.0}) {
        crossbar(Words{"--random", "12x9", "--v-max", "0.4", "--alpha", fmt::format("{}", alpha), "--save-conductance",
                       "G.csv", "--save-loss", "loss.csv", "--out", "I.csv"} +
                 wires);
        const Eigen::ArrayXXd g = matrix("G.csv"), v = v_max * (1.0 - matrix("loss.csv").array());
        const Eigen::ArrayXXd cells =
            alpha > 0.0 ? Eigen::ArrayXXd(g * (alpha * v).sinh() / alpha) : Eigen::ArrayXXd(g * v);
        const Eigen::MatrixXd expected = matrix("I.csv");
        EXPECT_LT(test::worst_error(cells.colwise().sum().matrix(), expected), 1e-8) << "alpha " << alpha;
    }
}

TEST_F(CrossbarCommand, GivenACurrentFile_ThenTheSummaryTellsItsDeviation) {
    const Json json = summary(Words{"--random", "16x10", "--random-inputs", "6", "--save-conductance", "G.csv",
                                    "--save-voltage", "V.csv", "--save-loss", "loss.csv", "--out", "I.csv"} +
                              wires);
    const Eigen::MatrixXd ideal = matrix("V.csv") * matrix("G.csv"), current = matrix("I.csv");
    const Eigen::MatrixXd deviation = (current - ideal) / ideal.maxCoeff();
    const Json& told = json.at("deviation");
    EXPECT_NEAR(told.at("mean"), deviation.mean(), 1e-12);
    EXPECT_NEAR(told.at("standard_deviation"), std::sqrt((deviation.array() - deviation.mean()).square().mean()),
                1e-12);
    EXPECT_NEAR(told.at("largest"), deviation.minCoeff(), 1e-12);
    EXPECT_NEAR(entry(deviation, told.at("input"), told.at("column")), deviation.minCoeff(), 1e-12);
    const double gain = told.at("gain");
    EXPECT_NEAR((current - gain * ideal).cwiseProduct(ideal).sum() / ideal.squaredNorm(), 0.0, 1e-12);

    const Eigen::MatrixXd loss = matrix("loss.csv");
    ASSERT_EQ(loss.rows(), 16);
    ASSERT_EQ(loss.cols(), 10);
    EXPECT_NEAR(json.at("voltage_loss").at("mean"), loss.mean(), 1e-12);
    EXPECT_EQ(json.at("voltage_loss").at("largest"), loss.maxCoeff());
    EXPECT_EQ(entry(loss, json.at("voltage_loss").at("row"), json.at("voltage_loss").at("column")), loss.maxCoeff());
    EXPECT_EQ(json.at("rows"), 16);
    EXPECT_EQ(json.at("columns"), 10);
    EXPECT_EQ(json.at("inputs"), 6);
    EXPECT_EQ(json.at("circuit"), "linear");
}

TEST_F(CrossbarCommand, GivenNoCellAndNoInput_ThenTheSummaryHasNoNumbersThatAreNone) {
    write("G.csv", "0,0\n0,0\n");
    write("V.csv", "0,0\n");
    const Json json = summary(Words{"--conductance", "G.csv", "--voltage", "V.csv"} + wires);
    EXPECT_EQ(json.at("full_scale_a"), 0.0);
    EXPECT_EQ(json.at("deviation").at("largest"), 0.0);
    EXPECT_TRUE(json.at("deviation").at("gain").is_null());
    EXPECT_EQ(json.at("current_loss").at("largest"), 0.0);
    EXPECT_THAT(crossbar(Words{"--conductance", "G.csv", "--voltage", "V.csv"} + wires).err, Not(HasSubstr("nan")));
}

// ---- What goes where

TEST_F(CrossbarCommand, GivenNoOutFile_ThenCurrentsAndNothingElseAreOnStandardOutput) {
    const Outcome printed = crossbar(Words{"--random", "4x3", "--random-inputs", "2"} + wires);
    EXPECT_THAT(printed.err, HasSubstr("4 rows x 3 columns"));
    EXPECT_THAT(printed.err, Not(HasSubstr("to build")));
    const Outcome quiet = crossbar(Words{"--random", "4x3", "--random-inputs", "2", "-q"} + wires);
    EXPECT_EQ(quiet.out, printed.out);
    EXPECT_EQ(quiet.err, "");
    const Outcome written =
        crossbar(Words{"--random", "4x3", "--random-inputs", "2", "--out", "I.csv", "--timing"} + wires);
    EXPECT_EQ(read("I.csv"), printed.out);
    EXPECT_THAT(written.out, HasSubstr("to build"));
    EXPECT_EQ(written.err, "");
}

TEST_F(CrossbarCommand, GivenTheSameQuestionTwice_ThenOnlyTheTimesDiffer) {
    const Words question = Words{"--random", "9x9", "--alpha", "3", "--random-inputs", "20", "--out", "I.csv"} + wires;
    Json first = summary(question);
    const std::string currents = read("I.csv");
    Json second = summary(question);
    EXPECT_EQ(read("I.csv"), currents);
    for (Json* json : {&first, &second}) {
        EXPECT_GT(json->at("timing").at("build_s"), 0.0);
        EXPECT_GT(json->at("timing").at("per_input_s"), 0.0);
        EXPECT_EQ(json->at("timing").at("threads"), 1);
        json->erase("timing");
    }
    EXPECT_EQ(first, second);
}

TEST_F(CrossbarCommand, GivenAPlot_ThenItIsAnSvgPictureOfTheArray) {
    if (std::system("command -v gnuplot >/dev/null 2>&1") != 0)
        GTEST_SKIP() << "no gnuplot";
    for (const char* size : {"6x9", "1x5", "1x1", "70x70"}) {
        const Outcome outcome = crossbar(Words{"--random", size, "--plot", "it's.svg", "-q"} + wires);
        EXPECT_EQ(outcome.err, "");
        const std::string picture = read("it's.svg");
        const std::string title = std::string(size).replace(std::string(size).find('x'), 1, " x ") + " array";
        for (const std::string& part :
             {std::string("<svg"), title, std::string("loss of cell voltage"), std::string("</svg>")})
            EXPECT_THAT(picture, HasSubstr(part));
    }
}

TEST_F(CrossbarCommand, GivenNoGnuplot_ThenThereIsAWarningAndTheRestIsDone) {
    hide_programs();
    const Outcome outcome = crossbar({"--random", "2x2", "--plot", "p.svg", "-q"});
    EXPECT_THAT(outcome.err, HasSubstr("gnuplot"));
    EXPECT_NE(outcome.out, "");
}

TEST_F(CrossbarCommand, GivenAnInterrupt_ThenTheExitCodeSaysSoAndNoCurrentsAreWritten) {
    const test::Process running =
        start({"crossbar", "--random", "128x128", "--alpha", "3", "--random-inputs", "100000", "--r-wire-row", "2",
               "--r-wire-col", "2", "--save-conductance", "G.csv", "--out", "I.csv"});
    for (int tries = 0; tries < 6000 && !exists("G.csv"); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    running.signal(SIGINT);
    const Outcome stopped = running.wait();
    EXPECT_EQ(stopped.code, 130) << stopped.err;
    EXPECT_EQ(stopped.out, "");
    EXPECT_FALSE(exists("I.csv"));
}

// ---- Help and refusals

TEST_F(CrossbarCommand, GivenHelp_ThenEveryGroupAndExamplesAreShown) {
    const Outcome outcome = crossbar({"--help"});
    for (const char* part : {"Array", "Inputs", "Circuit", "Output", "Examples", "--random 64x64", "siemens"})
        EXPECT_THAT(outcome.out, HasSubstr(part));
}

TEST_F(CrossbarCommand, GivenABadCsvFile_ThenFileLineColumnAndExpectationAreNamed) {
    struct Case {
        const char *text, *place, *expected;
    };
    for (const Case& c : std::vector<Case>{{"1,2\n3,4\n5\n", "G.csv:3:2: ", "2 numbers as in line 1, found 1"},
                                           {"1,2\n3,4,5\n", "G.csv:2:5: ", "2 numbers as in line 1, found more"},
                                           {"1,2\n3, x4\n", "G.csv:2:4: ", "siemens, 0 or above, found `x4`"},
                                           {"1,2\n3,4 5\n", "G.csv:2:3: ", "`4 5`"},
                                           {"a,b\n1,2\n", "G.csv:1:1: ", "no header"},
                                           {"1;2\n", "G.csv:1:1: ", "separated by commas"},
                                           {"1,2\n3,-4e-5\n", "G.csv:2:3: ", "0 or above, found `-4e-5`"},
                                           {"1,nan\n", "G.csv:1:3: ", "`nan`"},
                                           {"1,inf\n", "G.csv:1:3: ", "`inf`"},
                                           {"1,1e999\n", "G.csv:1:3: ", "`1e999`"},
                                           {"1,2\n\n3,4\n", "G.csv:2:1: ", "found nothing"},
                                           {"1,2,\n", "G.csv:1:5: ", "found nothing"},
                                           {" \n\n", "G.csv:1:1: ", "empty"}}) {
        SCOPED_TRACE(c.text);
        write("G.csv", c.text);
        expect_refused({"--conductance", "G.csv"}, {c.place, c.expected});
    }
    expect_refused({"--conductance", "absent.csv"}, {"absent.csv", "cannot read"});
}

TEST_F(CrossbarCommand, GivenVoltagesThatDoNotFitTheArray_ThenBothWidthsAreNamed) {
    write("G.csv", "1,2,3\n4,5,6\n");
    write("V.csv", "1,2,3\n");
    expect_refused({"--conductance", "G.csv", "--voltage", "V.csv"},
                   {"V.csv:1", "expected 2 voltages", "2 x 3", "found 3"});
    write("V.csv", "1,two\n");
    expect_refused({"--conductance", "G.csv", "--voltage", "V.csv"}, {"V.csv:1:3", "a voltage in volt", "`two`"});
}

TEST_F(CrossbarCommand, GivenOptionsThatMakeNoSense_ThenTheMessageNamesThem) {
    write("G.csv", "1,2\n3,4\n");
    const Words random = {"--random", "4x4"}, file = {"--conductance", "G.csv"};
    expect_refused({}, {"--conductance", "--random", "--help"});
    expect_refused(file + random, {"--conductance and --random", "not both"});
    expect_refused(random + Words{"--voltage", "V.csv", "--random-inputs", "2"}, {"--voltage and --random-inputs"});
    for (const char* size : {"4", "4x", "x4", "0x4", "4x-1", "4x4x4", "four"})
        expect_refused({"--random", size}, {"--random", "ROWSxCOLS", size});
    expect_refused({"--random", "4x1025"}, {"--random", "at most 1024"});
    for (const char* option : {"--r-on", "--r-off", "--seed"})
        expect_refused(file + Words{option, "5"}, {option, "no effect without --random"});
    expect_refused(random + Words{"--binary"}, {"--binary", "--random-inputs"});
    expect_refused(random + Words{"--seed", "-1"}, {"--seed", "0 or above", "-1"});
    expect_refused(random + Words{"--random-inputs", "0"}, {"--random-inputs", "1 or above"});
    expect_refused(random + Words{"--random-inputs", "2000000000"}, {"--random-inputs", "memory"});
    for (const char* option : {"--r-driver", "--r-wire-row", "--r-wire-col", "--r-sense", "--r-access", "--alpha"})
        for (const char* value : {"-1", "nan", "inf"})
            expect_refused(random + Words{option, value}, {option, "0 or above", value});
    for (const char* option : {"--r-on", "--r-off", "--v-max"})
        expect_refused(random + Words{option, "0"}, {option, "above 0"});
    expect_refused(random + Words{"--r-on", "2e5", "--r-off", "1e5"}, {"--r-off", "--r-on", "200000"});
    expect_refused(random + Words{"--precision", "fp16"}, {"--precision", "fp64, fp32", "fp16"});
    expect_refused(random + Words{"--circuit", "linaer"}, {"--circuit", "secant", "did you mean `linear`"});
    expect_refused(random + Words{"--alpha", "3", "--precision", "fp32"}, {"--precision", "fp64 only", "secant"});
    expect_refused(random + Words{"--alpha", "1000"}, {"--alpha", "at most 500"});
    EXPECT_EQ(xloop({"crossbar", "--random", "4x4", "--r-driver", "much"}).code, 2);
    EXPECT_EQ(xloop({"crossbar", "--random", "4x4", "--nope"}).code, 2);
}

TEST_F(CrossbarCommand, GivenOutputsThatCannotBeWritten_ThenTheyAreRefusedFirst) {
    write("G.csv", "1,2\n3,4\n");
    for (const char* option : {"--out", "--plot", "--save-loss", "--save-conductance", "--save-voltage"}) {
        SCOPED_TRACE(option);
        expect_refused({"--conductance", "G.csv", option, "absent/file"}, {"absent/file", "cannot write"});
        expect_refused({"--conductance", "G.csv", option, "./G.csv"}, {option, "./G.csv", "--conductance"});
        expect_refused({"--conductance", "G.csv", option, "/dev/null"}, {"/dev/null", "no ordinary file"});
    }
    expect_refused({"--conductance", "G.csv", "--out", "a", "--plot", "./a"}, {"--plot", "./a", "--out"});
}

}  // namespace
}  // namespace xloop
