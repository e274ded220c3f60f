#include "tests/apps/command_line.hpp"

#include <cstdlib>

namespace xloop::test {
namespace {

using Words = std::vector<std::string>;

const std::string experiments = std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/";
const std::string one_layer = experiments + "one_layer.yaml";

class CompareCommand : public CommandLine {
protected:
    /// Writes what a subcommand prints with --json.
    std::string record(const std::string& name, Words arguments) const {
        arguments.insert(arguments.begin() + 1, "--json");
        return write(name, good(arguments).out);
    }
    std::string estimate(const std::string& name, const Words& settings = {}) const {
        Words arguments = {"estimate", one_layer};
        for (const std::string& setting : settings)
            arguments.insert(arguments.end(), {"-s", setting});
        return record(name, arguments);
    }
    Json compare(Words arguments) const {
        arguments.insert(arguments.begin(), {"compare", "--json"});
        return good(arguments).json();
    }
    /// A results folder of two chosen candidates and one that is not.
    std::string results_folder() const {
        const Json simulation = good({"simulate", one_layer, "--json", "-s", "simulation.values=counts"}).json();
        Json report;
        Json accuracy;
        for (const auto& [attack, correct] : {std::pair("clean", 3), std::pair("pgd", 2)})
            accuracy.push_back({{"engine", "chip"},
                                {"chip_seed", 1},
                                {"attack", attack},
                                {"epsilon", 0.0},
                                {"recalibrated", false},
                                {"correct", correct},
                                {"total", 4}});
        int id = 0;
        for (const char* path : {"stage=w8", "stage=w16", "stage=w24"}) {
            const bool chosen = std::string(path) != "stage=w24";
            report["candidates"].push_back({{"id", ++id},
                                            {"network", path},
                                            {"assignments", {"crossbar.rows=" + std::to_string(32 * id)}},
                                            {"chosen", chosen},
                                            {"test", accuracy},
                                            {"simulation", simulation}});
        }
        fs::create_directories(folder_ / "results");
        write("results/report.json", report.dump());
        write("results/effective_config.yaml", "name: by_hand\ncrossbar:\n  rows: 64\n");
        return "results";
    }
};

double sum(const Json& classes) {
    double total = 0;
    for (const auto& [name, value] : classes.items())
        total += value.get<double>();
    return total;
}

TEST_F(CompareCommand, GivenRunsThatDifferInTwoKeys_ThenExactlyTheseAreListed) {
    const Words runs = {estimate("a.json"), estimate("b.json", {"crossbar.rows=128", "adc.bits=6"})};
    const Json report = compare(runs);
    EXPECT_EQ(report["configuration"], (Json{{"crossbar.rows", {64, 128}}, {"adc.bits", {8, 6}}}));
    EXPECT_EQ(report["warnings"].size(), 0u);
    const Json all = compare({runs[0], runs[1], "--all"});
    EXPECT_GT(all["configuration"].size(), 100u);
    EXPECT_EQ(all["configuration"]["crossbar.cols"], (Json{64, 64}));
    EXPECT_THAT(good({"compare", runs[0], runs[0]}).out, HasSubstr("configurations are equal"));
}

TEST_F(CompareCommand, GivenFigures_ThenClassesSumToTotalsAndRatiosAreToTheFirst) {
    const Words runs = {estimate("a.json"), estimate("b.json", {"clock.frequency_ghz=2"})};
    const Json report = compare({runs[0], runs[1], "--csv", "c.csv", "--name", "a", "--name", "twice, the \"clock\""});
    const Json &a = report["runs"][0], &b = report["runs"][1];
    for (const Json& run : report["runs"]) {
        EXPECT_NEAR(sum(run["energy_by_class_j"]) / run["figures"]["energy_j"].get<double>(), 1, 1e-12);
        EXPECT_NEAR(sum(run["area_by_class_mm2"]) / run["figures"]["area_mm2"].get<double>(), 1, 1e-12);
        EXPECT_NEAR(sum(run["dynamic_energy_by_class_j"]) / run["figures"]["dynamic_energy_j"].get<double>(), 1, 1e-12);
    }
    EXPECT_NEAR(a["figures"]["energy_j"].get<double>(), 232.40168e-9, 1e-14);  // docs/validation.md, one layer by hand
    EXPECT_EQ(a["ratio"]["latency_s"], 1.0);
    EXPECT_EQ(b["ratio"]["latency_s"].get<double>(),
              b["figures"]["latency_s"].get<double>() / a["figures"]["latency_s"].get<double>());
    EXPECT_NE(b["ratio"]["latency_s"], 1.0);
    const std::string csv = read("c.csv");
    EXPECT_EQ(csv.rfind("group,figure,unit,run,value,ratio\n", 0), 0u);
    EXPECT_THAT(csv, HasSubstr("figures,latency,s,a,1.2868e-05,1\n"));
    EXPECT_THAT(csv, HasSubstr("area,adc,mm2,\"twice, the \"\"clock\"\"\","));
}

TEST_F(CompareCommand, GivenTheThreeKindsOfFiles_ThenTheirFiguresAreTheSame) {
    const Words runs = {estimate("a.json"), record("s.json", {"simulate", one_layer}),
                        record("v.json", {"validate", one_layer})};
    const Json report = compare(runs);
    EXPECT_EQ(report["configuration"].size(), 0u);
    for (const Json& run : report["runs"])
        for (const auto& [figure, ratio] : run["ratio"].items())
            if (!ratio.is_null()) {
                EXPECT_NEAR(ratio.get<double>(), 1, figure == "run_cycles" ? 2e-4 : 1e-12) << figure;  // last credits
            }
    EXPECT_EQ(report["runs"][2]["method"], "simulation");
    ASSERT_EQ(report["warnings"].size(), 4u);
    EXPECT_THAT(report["warnings"][0].get<std::string>(),
                HasSubstr("s is of one image, which does not show the interval"));
    EXPECT_THAT(report["warnings"][1].get<std::string>(), HasSubstr("of method simulation, a of estimate"));
    EXPECT_FALSE(report["runs"][0]["figures"]["interval_s"].is_null());
    for (const char* figure : {"interval_s", "edap_stream_j_s_mm2", "efficiency_tops_per_w"})
        EXPECT_TRUE(report["runs"][1]["figures"][figure].is_null()) << figure;
    const std::string text = good(Words{"compare", runs[0], runs[1]}).out;
    EXPECT_THAT(text, testing::ContainsRegex("interval, us +[0-9.]+ +- +-"));
    // The table of numbers is for other hardware than all three have.
    EXPECT_THAT(text, HasSubstr("costs of a, s: dac, row_drive: numbers for crossbar.cols 129 (here 64)"));
}

TEST_F(CompareCommand, GivenAResultsFolder_ThenChosenSubnetsAreRunsWithTheirAccuracy) {
    const Json report = compare({results_folder(), estimate("a.json")});
    ASSERT_EQ(report["runs"].size(), 3u);
    EXPECT_EQ(report["runs"][0]["name"], "results:1");
    EXPECT_EQ(report["runs"][1]["name"], "results:2");
    EXPECT_EQ(report["configuration"]["path"], (Json{"stage=w8", "stage=w16", ""}));
    EXPECT_EQ(report["configuration"]["crossbar.rows"], (Json{32, 64, 64}));
    EXPECT_EQ(report["configuration"]["adc.bits"], (Json{nullptr, nullptr, 8}));
    EXPECT_EQ(report["runs"][1]["figures"]["accuracy_under_pgd"], 0.5);
    EXPECT_TRUE(report["runs"][2]["figures"]["accuracy"].is_null());
}

TEST_F(CompareCommand, GivenOtherNetworksOrImages_ThenWarningsSaySo) {
    const Words runs = {estimate("a.json"), record("b.json", {"estimate", experiments + "branches.yaml"})};
    const std::string table = good({"compare", runs[0], runs[1], "--name", "small", "--name", "large"}).out;
    for (const char* words :
         {"warning: large is of another network than small", "warning: large is of 2 images, small of 1"})
        EXPECT_THAT(table, HasSubstr(words));
}

TEST_F(CompareCommand, GivenWrongInput_ThenTheFileAndWhatItLacksAreNamed) {
    const std::string good_run = estimate("a.json");
    expect_refused({"compare", good_run}, {"at least two runs"});
    expect_refused({"compare", good_run, good_run, "--name", "one"}, {"--name", "1 names for 2 runs"});
    expect_refused({"compare", good_run, "none.json"}, {"none.json"});
    write("text.json", "not JSON");
    expect_refused({"compare", good_run, "text.json"}, {"text.json: is no JSON object"});
    Json broken = Json::parse(read(good_run));
    broken.erase("configuration");
    write("old.json", broken.dump());
    expect_refused({"compare", good_run, "old.json"}, {"old.json: key `configuration` is missing"});
    broken = Json::parse(read(good_run));
    broken["energy_j"]["by_class"]["adc"] = "much";
    write("odd.json", broken.dump());
    expect_refused({"compare", good_run, "odd.json"}, {"odd.json: key `energy_j.by_class.adc`", "a number"});
    fs::create_directories(folder_ / "empty");
    expect_refused({"compare", good_run, "empty"}, {"empty/report.json: is missing"});
}

TEST_F(CompareCommand, GivenAPlot_ThenItHasClassesAndRatios) {
    if (std::system("gnuplot --version >/dev/null 2>&1") != 0)
        GTEST_SKIP() << "no gnuplot";
    const Words runs = {estimate("a.json"), estimate("b.json", {"crossbar.rows=128"})};
    good({"compare", runs[0], runs[1], "--plot", "c.svg", "--name", "a", "--name",
          "a run with a name too long for a bar"});
    const std::string svg = read("c.svg");
    for (const char* words : {"area (mm2)", "EDAP stream", "adc", "2: a run with a name too long for a bar"})
        EXPECT_THAT(svg, HasSubstr(words));
}

}  // namespace
}  // namespace xloop::test
