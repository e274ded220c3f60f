#include "tests/apps/command_line.hpp"

#include <fcntl.h>
#include <chrono>
#include <csignal>
#include <sstream>
#include <thread>

namespace xloop::test {
namespace {

const std::string study = std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/hardware_study.yaml";

class SimulateTrace : public CommandLine {
protected:
    SimulateTrace() {
        write("net.yaml", R"(name: tiny
input: {channels: 2, height: 5, width: 5}
layers:
  - {name: stem, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: second, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: classifier, type: linear, out_channels: 3}
)");
        write("exp.yaml", "base: " + study + "\nname: tiny\nnetwork: net.yaml\n");
    }

    std::vector<std::string> traced(const std::string& formats, const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments = {"simulate", "exp.yaml", "--trace", formats};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
};

TEST_F(SimulateTrace, GivenAllFormats_ThenEveryFileIsThereListedAndGood) {
    for (const std::string ending : {"", ".gz"}) {
        const std::string prefix = ending.empty() ? "plain" : "packed";
        std::vector<std::string> arguments =
            traced("vcd,saif,activity,power,timeline", {"--trace-out", prefix, "--trace-detail", "all", "--json"});
        if (!ending.empty())
            arguments.emplace_back("--trace-gz");
        const Json report = good(arguments).json();
        std::vector<std::string> expected;
        for (const char* file :
             {".vcd", ".saif", ".activity.csv", ".power.csv", ".power_instances.csv", ".power.vcd", ".timeline.json"})
            expected.push_back((folder_ / (prefix + file + ending)).string());
        expected.insert(expected.begin() + 1, (folder_ / (prefix + ".gtkw")).string());
        EXPECT_EQ(report["trace"]["files"], Json(expected));
        EXPECT_EQ(report["trace"]["remarks"], Json::array());
        EXPECT_GT(report["trace"]["signals"], 100);
        for (const std::string& file : expected)
            EXPECT_TRUE(exists(file)) << file;
        good({"trace", "check", prefix + ".vcd" + ending, prefix + ".saif" + ending});
        good({"trace", "diff", prefix + ".vcd" + ending, prefix + ".saif" + ending});
    }
    EXPECT_EQ(files().size(), 2u + 16) << "no unfinished files";
    good({"trace", "diff", "plain.saif", "packed.saif.gz"});
}

TEST_F(SimulateTrace, GivenPower_ThenItsIntegralIsTheEnergyOfTheLedger) {
    for (const char* values : {"compute", "counts"}) {
        const Json report =
            good(traced("power", {"--trace-out", "p", "--power", "alone.csv", "--json", "-s",
                                  std::string("simulation.values=") + values, "-s", "mapping.schedule=pipelined", "-s",
                                  "simulation.power_window_cycles=333"}))
                .json();
        const double total = report["energy_j"]["total"];
        EXPECT_NEAR(report["trace"]["energy_j"].get<double>() / total, 1.0, 1e-9) << values;
        EXPECT_EQ(read("alone.csv"), read("p.power.csv")) << values;
        // start_cycle,end_cycle,start_s,end_s, classes, total_w; figures have as many digits as the file shows.
        std::istringstream lines(read("p.power.csv"));
        std::string line, cell;
        double sum = 0;
        for (std::getline(lines, line); std::getline(lines, line);) {
            std::istringstream cells(line);
            std::vector<double> row;
            while (std::getline(cells, cell, ','))
                row.push_back(std::stod(cell));
            sum += row.back() * (row[1] - row[0]) * 1e-9;
        }
        EXPECT_NEAR(sum / total, 1.0, 1e-8) << values;
    }
}

TEST_F(SimulateTrace, GivenTheSameRunTwice_ThenTheFilesAreTheSameBytes_AndResultsThoseWithoutTrace) {
    const auto simulate = [&](const std::string& prefix) {
        Json report = good(traced("vcd,saif,activity,timeline", {"--trace-out", prefix, "--json", "--logits"})).json();
        report.erase("trace");
        report.erase("configuration");
        return report;
    };
    const Json first = simulate("a"), second = simulate("b");
    EXPECT_EQ(first, second);
    for (const char* file : {".vcd", ".saif", ".activity.csv", ".timeline.json"})
        EXPECT_TRUE(read(std::string("a") + file) == read(std::string("b") + file)) << file;
    Json plain = good({"simulate", "exp.yaml", "--json", "--logits"}).json();
    plain.erase("configuration");
    EXPECT_EQ(first, plain);
}

TEST_F(SimulateTrace, GivenWhatCannotBeTraced_ThenTheMessageNamesTheKeyAndWhatIsExpected) {
    expect_refused(traced("vdc"), {"trace.formats", "`vdc`", "`vcd`, `saif`"});
    expect_refused(traced("saiff"), {"trace.formats", "did you mean `saif`"});
    expect_refused(traced("vcd", {"--trace-classes", "lines,stroke"}), {"trace.classes", "`stroke`", "strobe"});
    expect_refused(traced("vcd", {"--trace-detail", "most"}), {"trace.detail", "control"});
    expect_refused(traced("vcd", {"--trace-window", "cycles:20-10"}),
                   {"trace.windows", "cycles:20-10", "cycles:BEGIN-END"});
    expect_refused(traced("vcd", {"--trace-window", "cycles:0-10", "--trace-window", "image:0"}),
                   {"trace.windows", "not both"});
    expect_refused(traced("vcd", {"--trace-window", "layer:sten"}), {"trace.window", "`sten`", "`stem`"});
    expect_refused(traced("saif", {"--trace-window", "layer:stem,image:5"}),
                   {"trace.windows", "image:5", "simulation.images is 2"});
    expect_refused(traced("saif", {"--trace-select", "chip.tile_9_9"}), {"trace.select", "chip.tile_9_9"});
    expect_refused(traced("vcd", {"--trace-out", "absent/t"}), {"absent/t.vcd"});
    expect_refused(traced("vcd", {"--trace-limit-mb", "0"}), {"trace.limit_mb"});
    expect_refused(traced("vcd", {"--trace-name-map", "absent.yaml"}), {"absent.yaml"});
}

TEST_F(SimulateTrace, GivenAWindowOutsideOfTheRun_ThenTheReportIsPrintedAndTheEmptyFilesAreRefused) {
    const Outcome outcome = xloop(traced("vcd,saif,activity", {"--trace-out", "t", "--trace-window", "ms:50-60"}));
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("trace.windows"));
    EXPECT_THAT(outcome.err, HasSubstr("no time was traced"));
    EXPECT_THAT(outcome.out, HasSubstr("energy"));
    EXPECT_EQ(files().size(), 2u);
}

TEST_F(SimulateTrace, GivenAnExclusionOfNothing_ThenTheRunSaysSoAndGoesOn) {
    const Json report = good(traced("saif", {"--trace-out", "t", "--trace-select", "chip.tile_0_0", "--trace-select",
                                             "chip.**.adc_bank", "--trace-exclude", "chip.noc", "--trace-exclude",
                                             "chip.nobody", "--json"}))
                            .json();
    EXPECT_EQ(report["trace"]["remarks"], Json({"trace.exclude: no signal matches `chip.nobody`"}));
}

TEST_F(SimulateTrace, GivenTwoWindows_ThenTheRunTellsPowerToolsToReadOneAtATime) {
    const Json report = good(traced("vcd", {"--trace-out", "t", "--trace-window", "cycles:50-100", "--trace-window",
                                            "cycles:300-350", "--json"}))
                            .json();
    ASSERT_EQ(report["trace"]["remarks"].size(), 1u);
    EXPECT_THAT(report["trace"]["remarks"][0].get<std::string>(),
                HasSubstr("is off outside of 50000 to 100000 ps, 300000 to 350000 ps"));
    good({"trace", "check", "t.vcd"});
}

TEST_F(SimulateTrace, GivenALimitOfSize_ThenTheRunSaysWhereTheFileEnds) {
    const Json report =
        good(traced("vcd", {"--trace-out", "t", "--trace-detail", "all", "--trace-limit-mb", "1", "--json", "-s",
                            "network=" + std::string(XLOOP_SOURCE_DIR) + "/configs/networks/residual_16x16.yaml", "-s",
                            "simulation.images=1"}))
            .json();
    ASSERT_EQ(report["trace"]["remarks"].size(), 1u);
    EXPECT_THAT(report["trace"]["remarks"][0].get<std::string>(), HasSubstr("t.vcd"));
    EXPECT_LT(fs::file_size(folder_ / "t.vcd"), 1'300'000u);
    good({"trace", "check", "t.vcd"});
}

TEST_F(SimulateTrace, GivenAnInterrupt_ThenTheFilesEndInGoodOrder) {
    const Process running =
        start(traced("vcd,saif,activity,power,timeline", {"--trace-out", "t", "-s", "simulation.images=2000"}));
    const auto begun = [&] {
        for (const std::string& name : files())
            if (name.find("/t.vcd.tmp") != name.npos)
                return fs::file_size(name) > 1'000'000;
        return false;
    };
    for (int tries = 0; tries < 4000 && !begun(); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_TRUE(begun());
    running.signal(SIGINT);
    const Outcome outcome = running.wait();
    EXPECT_EQ(outcome.code, 130) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("the trace ends at"));
    EXPECT_THAT(outcome.err, HasSubstr("interrupted"));
    good({"trace", "check", "t.vcd", "t.saif"});
    good({"trace", "diff", "t.vcd", "t.saif"});
    for (const char* file :
         {"t.activity.csv", "t.power.csv", "t.power_instances.csv", "t.power.vcd", "t.timeline.json"})
        good({"trace", "info", file});
    for (const std::string& name : files())
        EXPECT_FALSE(is_temporary(name)) << name;
}

}  // namespace
}  // namespace xloop::test
