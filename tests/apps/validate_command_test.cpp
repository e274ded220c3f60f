#include "tests/apps/command_line.hpp"

#include <fmt/format.h>
#include <cmath>
#include <numeric>
#include <sstream>

namespace xloop::test {
namespace {

using Words = std::vector<std::string>;

const std::string experiments = std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/";
const std::string one_layer = experiments + "one_layer.yaml";
const std::string branches = experiments + "branches.yaml";
const std::string data_table = std::string("cost_table=") + XLOOP_SOURCE_DIR + "/configs/tech/generic_32nm.yaml";
const std::string by_hand = std::string(XLOOP_SOURCE_DIR) + "/tests/data/reported_figures.csv";

Words operator+(Words all, const Words& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

class ValidateCommand : public CommandLine {
protected:
    Json validate(const Words& arguments) const { return good(Words{"validate", "--json"} + arguments).json(); }

    /// The lines of `against` for these rows, on the layer worked out by hand.
    Json against(const std::string& rows) const {
        write("figures.csv", "tool,scope,metric,value,unit,tolerance\n" + rows);
        return validate({one_layer, "-s", "simulation.values=counts", "-s", "simulation.images=2", "--against",
                         "figures.csv"})["against"];
    }

    void expect_bad_row(const std::string& row, const Words& parts) const {
        write("bad.csv", "# comment\ntool,scope,metric,value,unit\ngood,total,latency,1,us\n\n" + row + "\n");
        expect_refused({"validate", one_layer, "--against", "bad.csv"}, Words{"bad.csv:5: "} + parts);
    }

    void expect_bad_header(const std::string& header, const Words& parts) const {
        write("bad.csv", header + "\ngood,total,latency,1,us\n");
        expect_refused({"validate", one_layer, "--against", "bad.csv"}, Words{"bad.csv:1: "} + parts);
    }
};

const Json& verdict(const Json& report, const std::string& name) {
    for (const Json& entry : report["verdicts"])
        if (entry["name"] == name)
            return entry;
    static const Json none;
    ADD_FAILURE() << "no verdict " << name;
    return none;
}

TEST_F(ValidateCommand, GivenTheLayerWorkedOutByHand_ThenBothSidesAreItsFigures) {
    const Json report = validate({one_layer, "--csv", "v.csv", "--against", by_hand});
    EXPECT_EQ(report["passed"], true);
    EXPECT_EQ(report["counts_equal"], true);
    EXPECT_EQ(report["count_differences"].size(), 0u);
    for (const char* side : {"estimated", "simulated"}) {
        EXPECT_EQ(report["totals"]["latency_cycles"][side], 12868.0);
        EXPECT_NEAR(report["totals"]["energy_j"][side].get<double>(), 232.40168e-9, 1e-14);
        EXPECT_EQ(report["busy_cycles"]["xbar"][side], 128.0 * 100);  // one array, 128 reads of 100 ns
        double classes = 0;
        for (const Json& entry : report["classes"])
            classes += entry["energy_j"][side].get<double>();
        EXPECT_NEAR(classes, 232.40168e-9, 1e-14);
    }
    ASSERT_EQ(report["layers"].size(), 1u);
    EXPECT_EQ(report["layers"][0]["error_percent"]["cycles"], 0.0);
    EXPECT_THAT(report["layers"][0]["stall"].get<std::string>(), HasSubstr("busy reading"));
    EXPECT_EQ(verdict(report, "by hand total cycles")["passed"], true);
    EXPECT_EQ(report["against"].size(), 8u);
    EXPECT_TRUE(report["against"][6]["tolerance_percent"].is_null());
    EXPECT_EQ(report["configuration"]["crossbar.rows"], 64);
    // A line for each comparison: 2 of the layer, 4 of each class, parts, totals, reported figures.
    const std::string csv = read("v.csv");
    const std::size_t lines =
        1 + 2 + 4 * report["classes"].size() + report["busy_cycles"].size() + report["totals"].size() + 8;
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), static_cast<std::ptrdiff_t>(lines));
}

TEST_F(ValidateCommand, GivenAToleranceThatIsBroken_ThenTheReportIsPrintedAndTheExitCodeIsOne) {
    const Words run = {"validate",
                       branches,
                       "--json",
                       "-s",
                       "simulation.values=counts",
                       "-s",
                       "mapping.schedule=pipelined",
                       "-s",
                       "mapping.replication=auto",
                       "-s",
                       "mapping.array_budget=400",
                       "-s",
                       "mapping.line_buffer_slack_rows=0"};
    const Outcome strict = xloop(run + Words{"--strict", "--tolerance-layer", "0", "--tolerance-total", "0"});
    EXPECT_EQ(strict.code, 1);
    EXPECT_THAT(strict.err, HasSubstr("validation failed"));
    const Json report = strict.json();
    EXPECT_EQ(report["passed"], false);
    EXPECT_EQ(verdict(report, "cycles of every layer")["passed"], false);
    EXPECT_EQ(verdict(report, "event counts")["passed"], true);
    std::size_t beyond = 0;
    for (const Json& layer : report["layers"])
        if (layer["error_percent"]["cycles"] != 0.0)
            ++beyond;
    EXPECT_GT(beyond, 0u);
    EXPECT_EQ(verdict(report, "cycles of every layer")["broken"].size(), beyond);
    EXPECT_GT(report["contended"].size(), 0u);
    const Outcome lenient = xloop(run + Words{"--tolerance-layer", "0", "--tolerance-total", "0"});
    EXPECT_EQ(lenient.code, 0) << lenient.err;
    EXPECT_EQ(verdict(lenient.json(), "cycles of every layer")["warning"], true);
    EXPECT_EQ(lenient.json()["verdicts"][0]["broken"], report["verdicts"][0]["broken"]);
    const Outcome loose = xloop(run + Words{"--tolerance-layer", "100", "--tolerance-total", "1000"});
    EXPECT_EQ(loose.code, 0) << loose.err;
}

TEST_F(ValidateCommand, GivenDataThatCosts_ThenItIsToldBesideErrorsWithAveragesOnBothSides) {
    const Words run = {one_layer, "-s", data_table};
    const Json computed = validate(run), counted = validate(run + Words{"-s", "simulation.values=counts"});
    EXPECT_EQ(computed["totals"], counted["totals"]);
    EXPECT_EQ(computed["data"], "values");
    EXPECT_EQ(computed["totals"]["dynamic_energy_j"]["error_percent"], 0.0);
    EXPECT_EQ(computed["passed"], true);
    EXPECT_NE(computed["energy_with_data_j"], computed["totals"]["energy_j"]["simulated"]);
    EXPECT_EQ(counted["energy_with_data_j"], counted["totals"]["energy_j"]["simulated"]);
    double classes = 0;
    for (const Json& entry : computed["classes"])
        classes += entry["energy_with_data_j"].get<double>();
    EXPECT_NEAR(classes / computed["energy_with_data_j"].get<double>(), 1, 1e-12);
    EXPECT_THAT(good(Words{"validate"} + run).out, HasSubstr("With the data that was counted"));
}

TEST_F(ValidateCommand, GivenRecordedStatistics_ThenBothSidesTakeThem) {
    good({"simulate", one_layer, "--record-statistics", "active.yaml"});
    const Words run = {one_layer, "-s", data_table, "-s", "simulation.values=counts"};
    const Json recorded = validate(run + Words{"-s", "simulation.statistics=active.yaml"}), random = validate(run);
    EXPECT_EQ(recorded["totals"]["dynamic_energy_j"]["error_percent"], 0.0);
    EXPECT_LT(recorded["totals"]["dynamic_energy_j"]["simulated"], random["totals"]["dynamic_energy_j"]["simulated"]);
}

TEST_F(ValidateCommand, GivenOneImage_ThenTheIntervalIsNotKnownNotJudgedAndCannotBeDemanded) {
    const Words run = {branches,
                       "-s",
                       "simulation.values=counts",
                       "-s",
                       "mapping.schedule=pipelined",
                       "-s",
                       "simulation.images=1",
                       "--tolerance-layer",
                       "50"};
    const Json report = validate(run);
    for (const char* total : {"interval_cycles", "edap_stream_j_s_mm2"}) {
        EXPECT_GT(report["totals"][total]["estimated"], 0);
        EXPECT_TRUE(report["totals"][total]["simulated"].is_null());
        EXPECT_TRUE(report["totals"][total]["error_percent"].is_null());
    }
    for (const Json& verdict : report["verdicts"])
        EXPECT_NE(verdict["name"], "interval");
    EXPECT_THAT(good(Words{"validate"} + run).out, testing::ContainsRegex("interval +[0-9.]+ +- +- cycles"));
    write("i.csv", "tool,scope,metric,value,unit\nx,total,interval,1,us\n");
    expect_refused(Words{"validate"} + run + Words{"--against", "i.csv"},
                   {"i.csv:2: ", "interval", "simulation.images"});
}

TEST_F(ValidateCommand, GivenOneFigureInSeveralUnits_ThenRatiosAreEqual) {
    const auto expect_equal = [&](const std::string& rows) {
        const Json lines = against(rows);
        ASSERT_GE(lines.size(), 2u);
        for (const Json& line : lines)
            for (const char* side : {"estimated", "simulated"})
                EXPECT_NEAR(line["ratio"][side].get<double>() / lines[0]["ratio"][side].get<double>(), 1, 1e-9)
                    << line.dump();
    };
    // 1 GHz: a cycle is a nanosecond.
    expect_equal(
        "t,total,latency,20000,cycles,\nt,total,latency,20000,ns,\nt,total,latency,20,us,\nt,total,latency,0.02,ms,\n"
        "t,total,latency,2e-5,s,\nt,total,latency,2e7,ps,\n");
    expect_equal(
        "t,total,energy,200,nJ,\nt,total,energy,200e3,pJ,\nt,total,energy,200e6,fJ,\nt,total,energy,0.2,uJ,\n"
        "t,total,energy,2e-4,mJ,\nt,total,energy,2e-7,J,\n");
    expect_equal("t,total,area,6,mm2,\nt,total,area,6e6,um2,\nt,total,area,0.06,cm2,\n");
    expect_equal("t,total,power,20,mW,\nt,total,power,0.02,W,\nt,total,power,2e4,uW,\nt,total,power,2e7,nW,\n");
    expect_equal(
        "t,total,edap,1e-11,J s mm2,\nt,total,edap,10,pJ s mm2,\nt,total,edap,10,nJ ms mm2,\n"
        "t,total,edap,0.01,uJ ms mm2,\nt,total,edap,1e16,pJ ns um2,\n");
    expect_equal("t,class:adc,energy_share,3,%,\nt,class:adc,energy_share,0.03,1,\n");
}

TEST_F(ValidateCommand, GivenFiguresOfEveryKind_ThenTheyAreThoseOfTheReport) {
    const Json lines = against(
        "t,class:adc+shift_add,energy,1,nJ,\nt,class:adc,energy,1,nJ,\nt,class:shift_add,energy,1,nJ,\n"
        "t,total,static_energy,1,nJ,\nt,total,dynamic_energy,1,nJ,\nt,total,energy,1,nJ,\n"
        "t,total,throughput,1,images/s,\nt,total,tops,1,TOPS,\nt,class:adc,area_share,1,%,\n"
        "t,layer:conv,cycles,1,cycles,\n");
    const auto value = [&](std::size_t line) { return lines.at(line)["simulated"].get<double>(); };
    EXPECT_NEAR(value(0), value(1) + value(2), 1e-9);
    EXPECT_NEAR(value(1), 6.84032, 1e-6);
    EXPECT_NEAR(value(3) + value(4), value(5), 1e-9);
    EXPECT_NEAR(value(6), 1 / 12.868e-6, 1e-3);
    EXPECT_NEAR(value(7), 2 * 16 * 18 * 8 / 12.868e-6 * 1e-12, 1e-9);  // positions x rows x outputs
    EXPECT_NEAR(value(9), 12868, 300);  // of the image, the layer has all but its way in and out
}

TEST_F(ValidateCommand, GivenAReportedFigureOffByAFactor_ThenItsVerdictIsBroken) {
    write("off.csv",
          "tool,scope,metric,value,unit,tolerance\nother tool,total,latency,25.736,us,10\nother "
          "tool,total,area,6,mm2,10\n");
    const Outcome outcome =
        xloop({"validate", one_layer, "--json", "-s", "simulation.values=counts", "--against", "off.csv"});
    EXPECT_EQ(outcome.code, 1);
    const Json report = outcome.json();
    EXPECT_EQ(verdict(report, "other tool total latency")["passed"], false);
    EXPECT_EQ(verdict(report, "other tool total area")["passed"], true);
    EXPECT_NEAR(report["against"][0]["ratio"]["simulated"].get<double>(), 0.5, 1e-9);
    EXPECT_NEAR(report["against"][0]["difference_percent"]["estimated"].get<double>(), -50, 1e-6);
}

TEST_F(ValidateCommand, GivenBadRows_ThenFileLineAndWhatWasExpectedAreNamed) {
    expect_bad_row("t,total,latency,1", {"4 cells", "expected 5"});
    expect_bad_row("t,everything,latency,1,us", {"unknown scope `everything`", "layer:NAME"});
    expect_bad_row("t,layer:convv,latency,1,us", {"unknown layer `convv`", "did you mean `conv`"});
    expect_bad_row("t,class:adcs,energy,1,nJ", {"unknown class `adcs`", "did you mean `adc`"});
    expect_bad_row("t,class:adc+adc,energy,1,nJ", {"`adc` is there twice"});
    expect_bad_row("t,total,latancy,1,us", {"unknown metric `latancy`", "did you mean `latency`"});
    expect_bad_row("t,layer:conv,area,1,mm2", {"no area of `layer:conv`", "total or class:NAME"});
    expect_bad_row("t,total,latency,1,nJ", {"unknown unit `nJ` of latency", "cycles, ps, ns"});
    expect_bad_row("t,total,latency,one,us", {"value `one`", "a number above 0"});
    expect_bad_row("t,total,latency,-1,us", {"value `-1`", "a number above 0"});
    expect_bad_row("t,total,latency,nan,us", {"value `nan`", "a number above 0"});
    expect_bad_row(",total,latency,1,us", {"tool is empty"});
}

TEST_F(ValidateCommand, GivenABadHeader_ThenTheColumnIsNamed) {
    expect_bad_header("tool,scope,metric,value", {"column `unit` is missing"});
    expect_bad_header("tool,scope,metric,value,unit,tolerence", {"unknown column `tolerence`"});
    expect_bad_header("tool,scope,metric,value,unit,unit", {"column `unit` is there twice"});
    write("empty.csv", "# nothing\n");
    expect_refused({"validate", one_layer, "--against", "empty.csv"}, {"empty.csv: holds no figures"});
    expect_refused({"validate", one_layer, "--against", "missing.csv"}, {"missing.csv"});
}

TEST_F(ValidateCommand, GivenAPlot_ThenItHasParityAndClasses) {
    if (std::system("gnuplot --version >/dev/null 2>&1") != 0)
        GTEST_SKIP() << "no gnuplot";
    good({"validate", one_layer, "-s", data_table, "--plot", "v.svg"});
    const std::string svg = read("v.svg");
    for (const char* words : {"cycles of every layer", "error (%)", "dynamic", "static", "adc", "cycle model"})
        EXPECT_THAT(svg, HasSubstr(words));
}

}  // namespace
}  // namespace xloop::test
