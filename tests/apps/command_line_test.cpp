#include "tests/apps/command_line.hpp"
#include "tests/apps/main_job.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace xloop {
namespace {

namespace fs = std::filesystem;
using test::MainJob;
using test::Outcome;
using test::Process;
using testing::HasSubstr;

const std::string configs = std::string(XLOOP_SOURCE_DIR) + "/configs";
const std::string study = configs + "/experiments/hardware_study.yaml";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos)
        ADD_FAILURE() << "nothing to replace: " << from;
    else
        text.replace(at, from.size(), to);
    return text;
}

/// An empty folder, in which the program runs.
class CommandLine : public test::CommandLine {
protected:
    /// An experiment file on the default chip; `more` may override keys.
    std::string write_experiment(const std::string& more, const std::string& network = {},
                                 const std::string& costs = {}) const {
        return write("exp.yaml", "base: " + configs + "/hw/reram_64x64.yaml\nname: exp\nnetwork: " +
                                     (network.empty() ? configs + "/networks/residual_16x16.yaml" : network) +
                                     "\ncost_table: " + (costs.empty() ? configs + "/tech/isaac_32nm.yaml" : costs) +
                                     "\ndata: {set: random}\n" + more);
    }
};

// ---- Options and exit codes

TEST_F(CommandLine, GivenHelp_ThenEverySubcommandAndExitCodeIsNamed) {
    const Outcome outcome = good({"--help"});
    for (const char* word : {"run", "train", "search", "eval", "estimate", "simulate", "config", "Exit code", "130"})
        EXPECT_THAT(outcome.out, HasSubstr(word));
    EXPECT_EQ(outcome.err, "");
    EXPECT_THAT(good({"estimate", "--help"}).out, HasSubstr("--json"));
}

TEST_F(CommandLine, GivenVersion_ThenItIsPrinted) {
    const Outcome outcome = good({"--version"});
    EXPECT_EQ(outcome.out.rfind("xloop ", 0), 0u) << outcome.out;
    EXPECT_EQ(outcome.err, "");
}

TEST_F(CommandLine, GivenNoSubcommand_ThenTheExitCodeIsTwoAndHelpIsOffered) {
    for (const auto& arguments : {std::vector<std::string>{}, {"config"}}) {
        const Outcome outcome = xloop(arguments);
        EXPECT_EQ(outcome.code, 2);
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, HasSubstr("--help"));
    }
}

TEST_F(CommandLine, GivenAnUnknownOption_ThenTheMessageNamesIt) {
    const std::vector<std::vector<std::string>> wrong = {{"estimate", study, "--nope"},
                                                         {"config", "check", study, "nope"}};
    for (const auto& arguments : wrong) {
        const Outcome outcome = xloop(arguments);
        EXPECT_EQ(outcome.code, 2);
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, HasSubstr("nope"));
    }
}

TEST_F(CommandLine, GivenAnUnknownSubcommand_ThenTheMessageNamesIt) {
    for (const char* word : {"estimat", "--nope"}) {
        const Outcome outcome = xloop({word});
        EXPECT_EQ(outcome.code, 2);
        EXPECT_THAT(outcome.err, HasSubstr(word));
    }
}

TEST_F(CommandLine, GivenABadOptionValue_ThenTheExitCodeIsTwo) {
    for (const auto& option : std::vector<std::vector<std::string>>{{"--threads", "0"}, {"--seed", "-1"}}) {
        const Outcome outcome = xloop({"estimate", study, option[0], option[1]});
        EXPECT_EQ(outcome.code, 2) << option[0] << ' ' << option[1];
        EXPECT_THAT(outcome.err, HasSubstr(option[0].substr(2)));
    }
}

TEST_F(CommandLine, GivenAnAbsentExperiment_ThenTheMessageNamesIt) {
    expect_refused({"estimate", "absent.yaml"}, {"absent.yaml"});
    expect_refused({"config", "check", "absent.yaml"}, {"absent.yaml"});
}

// ---- config check

TEST_F(CommandLine, GivenAGoodExperiment_WhenChecked_ThenItIsGood) {
    const Outcome outcome = good({"config", "check", study});
    EXPECT_THAT(outcome.out, HasSubstr("good"));
    EXPECT_EQ(outcome.err, "");
}

TEST_F(CommandLine, GivenAnUnknownKey_WhenChecked_ThenTheNearestIsSuggested) {
    write_experiment("crossbar:\n  rws: 64\n");
    expect_refused({"config", "check", "exp.yaml"}, {"exp.yaml:7:3", "crossbar.rws", "did you mean `rows`"});
}

TEST_F(CommandLine, GivenBadValues_WhenChecked_ThenFileLineAndExpectationAreNamed) {
    struct Case {
        const char *yaml, *key, *expected;
    };
    for (const Case& c : std::vector<Case>{{"crossbar: {rows: 0}\n", "crossbar.rows", "[1, 1024]"},
                                           {"adc: {bits: 0}\n", "adc.bits", "[1, 12]"},
                                           {"device: {r_off_ohm: 100}\n", "device.r_off_ohm", "above device.r_on_ohm"},
                                           {"crossbar: {cols: 2}\n", "crossbar.cols", "columns"},
                                           {"trace: {formats: [vcd, sief]}\n", "trace.formats[1]", "`saif`"},
                                           {"trace: {classes: clok}\n", "trace.classes", "mean `clock`"},
                                           {"noc: {mesh_cols: 2}\n", "noc.mesh_rows", "both"}}) {
        SCOPED_TRACE(c.yaml);
        write_experiment(c.yaml);
        // A default that does not fit what was written has no line of its own.
        const bool is_written = std::string(c.key) != "noc.mesh_rows";
        expect_refused({"config", "check", "exp.yaml"}, {c.key, c.expected, is_written ? "exp.yaml:6:" : ""});
    }
}

TEST_F(CommandLine, GivenAKeyOfEarlierVersions_ThenTheErrorSaysWhatToWrite) {
    write_experiment("training: {adversarial: true}\n");
    expect_refused({"config", "check", "exp.yaml"},
                   {"exp.yaml:6:", "training.adversarial: is no key any more; write `adversary: pgd` for true"});
}

TEST_F(CommandLine, GivenSeveralMistakes_WhenChecked_ThenEachHasItsLine) {
    struct Mistake {
        const char *yaml, *expected;
    };
    const std::vector<Mistake> mistakes = {
        {"crossbar: {rows: many}", "crossbar.rows: expected an integer"},
        {"device: {r_on_ohm: -5}", "device.r_on_ohm: expected a number in [0.001, 1e+15]"},
        {"tile: {pse: 3}", "tile.pse: unknown key; did you mean `pes`"},
        {"noc: 64", "noc: expected a section"},
        {"adc: {bits: [1, 2]}", "adc.bits: expected an integer"},
        {"training: {adversary: 7}", "training.adversary: expected"},
        {"weights: {from: nowhere}", "weights.from: expected"}};
    std::string yaml;
    for (const Mistake& m : mistakes)
        yaml += std::string(m.yaml) + "\n";
    write_experiment(yaml);
    const Outcome outcome = xloop({"config", "check", "exp.yaml"});
    EXPECT_EQ(outcome.code, 2);
    for (std::size_t i = 0; i < mistakes.size(); ++i) {
        const std::string place = "exp.yaml:" + std::to_string(6 + i) + ":";
        const auto at = outcome.err.find(place);
        ASSERT_NE(at, std::string::npos) << place << "\n" << outcome.err;
        EXPECT_THAT(outcome.err.substr(at, outcome.err.find('\n', at) - at), HasSubstr(mistakes[i].expected));
    }
}

TEST_F(CommandLine, GivenAnOverride_WhenChecked_ThenTheCommandLineIsNamed) {
    expect_refused({"config", "check", study, "-s", "adc.bits=0"}, {"command line", "adc.bits"});
    expect_refused({"config", "check", study, "-s", "adc.bits"}, {"command line", "key=value"});
}

TEST_F(CommandLine, GivenMalformedYaml_WhenChecked_ThenFileAndLineAreNamed) {
    write_experiment("crossbar: {rows: [64\ntile: {arrays: 3}\n");
    expect_refused({"config", "check", "exp.yaml"}, {"exp.yaml:7:", "YAML"});
}

/// What an experiment names is wrong, not the experiment itself: both the check and the commands that read it refuse.
class NamedFiles : public CommandLine {
protected:
    void expect_refused_by_all(const std::vector<std::string>& parts) const {
        for (const auto& command : std::vector<std::vector<std::string>>{{"estimate"}, {"config", "check"}}) {
            SCOPED_TRACE(command.back());
            auto arguments = command;
            arguments.push_back("exp.yaml");
            expect_refused(arguments, parts);
        }
    }
    std::string network(const std::string& layers) const {
        return write("net.yaml", "name: net\ninput: {channels: 1, height: 4, width: 4}\nlayers:\n" + layers);
    }
};

TEST_F(NamedFiles, GivenAMissingNetwork_ThenItIsNamed) {
    write_experiment("", "missing.yaml");
    expect_refused_by_all({"missing.yaml"});
}

TEST_F(NamedFiles, GivenAnUnknownLayerKind_ThenFileAndLineAreNamed) {
    write_experiment("", network("  - {name: a, type: konv, out_channels: 4, kernel: 3}\n"));
    expect_refused_by_all({"net.yaml:4:", "konv", "conv"});
}

TEST_F(NamedFiles, GivenAKernelLargerThanTheMap_ThenFileAndLineAreNamed) {
    write_experiment("", network("  - {name: a, type: conv, out_channels: 4, kernel: 7, padding: 0}\n"
                                 "  - {name: out, type: linear, out_channels: 10}\n"));
    expect_refused_by_all({"net.yaml:4:", "larger"});
}

TEST_F(NamedFiles, GivenATooSmallMesh_ThenWhatIsMissingIsSaid) {
    write_experiment("noc: {mesh_cols: 1, mesh_rows: 1}\n");
    expect_refused_by_all({"tiles", "noc.mesh_cols"});
}

TEST_F(NamedFiles, GivenADamagedCostTable_ThenFileAndLineAreNamed) {
    const std::string good_table = read_file(configs + "/tech/isaac_32nm.yaml");
    write_experiment("", "", "costs.yaml");
    write("costs.yaml", replaced(good_table, "energy_pj: 1.67\n", "energy_pj: much\n"));
    expect_refused_by_all({"costs.yaml:", "energy_pj"});
    write("costs.yaml", replaced(good_table, "event: conversion", "event: conversation"));
    expect_refused_by_all({"costs.yaml:", "conversation"});
}

// ---- config show, config schema

TEST_F(CommandLine, GivenConfigShow_ThenItSaysWhereEachValueIsFrom) {
    const std::string shown = good({"config", "show", study, "-s", "adc.bits=6"}).out;
    EXPECT_THAT(shown, HasSubstr("bits: 6  # bits; command line"));
    EXPECT_THAT(shown, HasSubstr("reram_64x64.yaml:"));
    EXPECT_THAT(shown, HasSubstr("GENIEx"));
    EXPECT_THAT(shown, HasSubstr("default; "));
}

TEST_F(CommandLine, GivenConfigShow_WhenReadAgain_ThenTheExperimentIsTheSame) {
    const auto values = [](const std::string& shown) {
        std::string text;
        std::istringstream in(shown);
        for (std::string line; std::getline(in, line);)
            text += line.substr(0, line.find("  #")) + "\n";
        return text;
    };
    const std::vector<std::string> odd = {"-s", "attack.epsilon=0.1234567890123", "-s",
                                          "device.r_off_ohm=1.23456789e7"};
    std::vector<std::string> arguments = {"config", "show", study};
    arguments.insert(arguments.end(), odd.begin(), odd.end());
    const std::string shown = good(arguments).out;
    EXPECT_THAT(shown, HasSubstr("0.1234567890123 "));
    write("shown.yaml", shown);
    EXPECT_EQ(values(good({"config", "show", "shown.yaml"}).out), values(shown));

    arguments = {"estimate", study, "--json"};
    arguments.insert(arguments.end(), odd.begin(), odd.end());
    EXPECT_EQ(good({"estimate", "shown.yaml", "--json"}).out, good(arguments).out);
}

TEST_F(CommandLine, GivenConfigSchema_ThenEveryKeyIsExplainedAndEveryDefaultHasASource) {
    const Json schema = good({"config", "schema", "--json"}).json();
    ASSERT_TRUE(schema.is_array());
    EXPECT_GT(schema.size(), 50u);
    const std::string text = good({"config", "schema"}).out;
    for (const Json& key : schema) {
        const std::string name = key.at("key");
        EXPECT_NE(key.at("doc"), "") << name;
        EXPECT_TRUE(key.at("required").get<bool>() || key.at("source") != "") << name;
        EXPECT_THAT(text, HasSubstr(name.substr(name.rfind('.') + 1)));
    }
}

// ---- estimate, simulate

double sum(const Json& by_class) {
    double total = 0.0;
    for (const auto& [name, value] : by_class.items())
        total += value.get<double>();
    return total;
}

void expect_consistent(const Json& report) {
    for (const char* key :
         {"network", "images", "cycles", "latency_s", "interval_s", "energy_j", "area_mm2", "edap_j_s_mm2", "activity"})
        ASSERT_TRUE(report.contains(key)) << key;
    const double energy = report["energy_j"]["total"], area = report["area_mm2"]["total"];
    EXPECT_GT(energy, 0.0);
    EXPECT_GT(area, 0.0);
    EXPECT_EQ(sum(report["energy_j"]["by_class"]), energy);
    EXPECT_EQ(sum(report["area_mm2"]["by_class"]), area);
    // Of one image alone: static power lasts for its latency, not for its share of the run.
    EXPECT_EQ(report["alone"]["energy_j"].get<double>() * report["latency_s"].get<double>() * area,
              report["edap_j_s_mm2"]);
    // A table without static power leaves the dynamic energy, summed up in another order.
    EXPECT_GE(report["alone"]["energy_j"],
              (1 - 1e-9) * report["energy_j"]["dynamic"].get<double>() / report["images"].get<int>());
    for (const auto& [event, count] : report["activity"].items())
        EXPECT_EQ(count.get<std::uint64_t>() > 0, event != "cell_write")
            << event;  // cells are written between rounds only
}

TEST_F(CommandLine, GivenTheHardwareStudy_ThenEstimateAndSimulationAreConsistentAndAgree) {
    const Json estimate = good({"estimate", study, "--json"}).json();
    const Json simulation = good({"simulate", study, "--json"}).json();
    expect_consistent(estimate);
    expect_consistent(simulation);
    EXPECT_EQ(estimate["network"], "residual_16x16");
    EXPECT_EQ(estimate["images"], 2);
    EXPECT_EQ(simulation["activity"], estimate["activity"]);
    EXPECT_EQ(simulation["area_mm2"], estimate["area_mm2"]);
    EXPECT_EQ(simulation["images"], estimate["images"]);
    EXPECT_EQ(simulation["logits_equal_untimed"], true);
    EXPECT_NEAR(estimate["cycles"].get<double>() / simulation["cycles"].get<double>(), 1.0, 0.05);
}

TEST_F(CommandLine, GivenTheHardwareStudy_ThenTablesShowTheSameFigures) {
    for (const char* command : {"estimate", "simulate"}) {
        const std::string table = good({command, study}).out;
        for (const char* word : {"residual_16x16", "latency", "energy", "area", "EDAP", "classifier"})
            EXPECT_THAT(table, HasSubstr(word));
    }
}

TEST_F(CommandLine, GivenAnotherNumberOfThreadsOrAnotherRun_ThenTheOutputIsTheSameBytes) {
    const std::vector<std::string> once = {"simulate", study, "--json", "--logits", "--threads", "1"};
    auto two_threads = once;
    two_threads.back() = "2";
    const std::string first = good(once).out;
    EXPECT_EQ(good(once).out, first);
    EXPECT_EQ(good(two_threads).out, first);
    EXPECT_EQ(good({"estimate", study, "--json", "--threads", "2"}).out, good({"estimate", study, "--json"}).out);
}

TEST_F(CommandLine, GivenActivityAndVcdFiles_ThenTheyHoldWhatTheReportSays) {
    const Json report = good({"simulate", study, "--json", "--activity", "a.csv", "--trace", "vcd", "--trace-out", "w",
                              "--trace-window", "cycles:0-5000"})
                            .json();
    std::istringstream csv(read("a.csv"));
    std::string line;
    std::getline(csv, line);
    EXPECT_EQ(line, "instance,component,event,count,basis");
    std::map<std::string, std::uint64_t> totals;
    while (std::getline(csv, line)) {
        std::istringstream cells(line);
        std::string instance, component, event, count;
        std::getline(std::getline(std::getline(cells, instance, ','), component, ','), event, ',') >> count;
        EXPECT_EQ(instance.rfind("chip.", 0), 0u) << line;
        totals[event] += std::stoull(count);
    }
    for (const auto& [event, count] : report["activity"].items())
        EXPECT_EQ(totals[event], count.get<std::uint64_t>()) << event;

    const std::string vcd = read("w.vcd");
    EXPECT_EQ(vcd.rfind("$version xloop", 0), 0u);
    EXPECT_THAT(vcd, HasSubstr("$scope module tile_0_0 $end"));
    EXPECT_THAT(vcd, HasSubstr("$enddefinitions $end\n#0\n$dumpvars\n"));
    const std::string last_time = vcd.substr(vcd.rfind("\n#") + 2);
    EXPECT_EQ(std::stoull(last_time), 5000000u) << "5000 cycles of 1 ns in ps";
    EXPECT_THAT(files(), testing::ElementsAre(testing::EndsWith("/a.csv"), testing::EndsWith("/w.gtkw"),
                                              testing::EndsWith("/w.vcd")));

    // The estimate counts the same events for the same instances.
    good({"estimate", study, "--activity", "e.csv"});
    EXPECT_EQ(read("e.csv").substr(0, 37), "instance,component,event,count,basis\n");
}

// The inputs do not exist either: outputs are looked at first.
TEST_F(CommandLine, GivenAnOutputFileThatCannotBeWritten_ThenNothingIsBegunAndTheMessageNamesIt) {
    const std::string file = "absent_folder/file";
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"simulate", study, "--trace", "vcd", "--trace-out", file},
                                               {"simulate", "absent.yaml", "--record-statistics", file},
                                               {"estimate", "absent.yaml", "--ledger", file},
                                               {"validate", "absent.yaml", "--plot", file},
                                               {"map", "absent.yaml", "--svg", file},
                                               {"costs", "absent.yaml", "--csv", file},
                                               {"compare", "absent.json", "--csv", file},
                                               {"noc", "--mesh", "0x0", "--links", file},
                                               {"trace", "info", "absent.vcd", "--csv", file},
                                               {"trace", "convert", "absent.vcd", file},
                                               {"trace", "plot", "absent.csv", "-o", file}})
        expect_refused(arguments, {file});
}

TEST_F(CommandLine, GivenOverrides_ThenTheyChangeWhatTheyShould) {
    const auto estimate = [&](const std::vector<std::string>& overrides) {
        std::vector<std::string> arguments = {"estimate", study, "--json"};
        for (const std::string& o : overrides)
            arguments.insert(arguments.end(), {"-s", o});
        return good(arguments).json();
    };
    const Json base = estimate({});
    const Json one_image = estimate({"simulation.images=5", "simulation.images=1"});
    EXPECT_EQ(one_image["images"], 1) << "the last override holds";
    EXPECT_EQ(one_image["latency_cycles"], base["latency_cycles"]);
    EXPECT_EQ(one_image["activity"]["conversion"].get<int>() * 2, base["activity"]["conversion"].get<int>());

    const Json small_arrays = estimate({"crossbar.rows=32"});
    EXPECT_GT(small_arrays["used_arrays"], base["used_arrays"]);
    EXPECT_GT(small_arrays["activity"]["conversion"], base["activity"]["conversion"]);

    const Json slow_clock = estimate({"clock.frequency_ghz=0.5"});
    EXPECT_EQ(slow_clock["activity"], base["activity"]);
    EXPECT_GT(slow_clock["latency_s"], base["latency_s"]);

    const Json mesh = estimate({"noc.mesh_cols=5", "noc.mesh_rows=4"});
    EXPECT_EQ(mesh["tiles"], 20);
    EXPECT_GT(mesh["area_mm2"]["total"], base["area_mm2"]["total"]);
}

TEST_F(CommandLine, GivenOtherAdcBitsSeedsOrChips_ThenLogitsDiffer) {
    const auto logits = [&](const std::vector<std::string>& more) {
        std::vector<std::string> arguments = {"simulate", study, "--json", "--logits", "-s", "simulation.images=1"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return good(arguments).json().at("logits");
    };
    const Json base = logits({});
    ASSERT_EQ(base.size(), 1u);
    EXPECT_EQ(base[0].size(), 10u);
    EXPECT_NE(logits({"-s", "adc.bits=4"}), base);
    EXPECT_NE(logits({"-s", "chip_seed=2"}), base);
    const Json seeded = logits({"--seed", "2"});
    EXPECT_NE(seeded, base);
    EXPECT_EQ(logits({"-s", "seed=2"}), seeded);
}

TEST_F(CommandLine, GivenWeightsOfAWorkloadWithoutFile_ThenItIsRefused) {
    expect_refused({"simulate", study, "-s", "weights.from=workload"}, {"weights.workload"});
    expect_refused({"simulate", study, "-s", "weights.from=workload", "-s", "weights.workload=absent.yaml"},
                   {"absent.yaml"});
}

// ---- The main job

#if XLOOP_WITH_TORCH

TEST_F(MainJob, GivenATinyExperiment_ThenEveryResultIsThere) {
    const Outcome outcome = good(job("a", {"--json"}));
    EXPECT_EQ(outcome.out, read("a/report.json"));
    for (const char* name :
         {"report.json", "report.md", "effective_config.yaml", "training.pt", "activity.csv", "wave.vcd"})
        EXPECT_TRUE(exists(fs::path("a") / name)) << name;
    const Json report = Json::parse(read("a/report.json"));
    ASSERT_EQ(report.at("candidates").size(), 3u);
    int chosen = 0;
    for (const Json& candidate : report.at("candidates")) {
        const fs::path folder = fs::path("a/subnets") / ("c" + std::to_string(candidate.at("id").get<int>()));
        for (const char* file : {"workload.yaml", "weights.bin", "simulation.json", "activity.csv", "wave.vcd"})
            EXPECT_EQ(exists(folder / file), candidate.at("chosen").get<bool>()) << folder << ' ' << file;
        EXPECT_EQ(candidate.at("accuracy").size(), 5u);
        if (!candidate.at("chosen").get<bool>())
            continue;
        ++chosen;
        EXPECT_EQ(candidate.at("on_front"), true);
        EXPECT_EQ(candidate.at("rank"), 1);
        EXPECT_EQ(candidate.at("test").size(), 5u);
        expect_consistent(candidate.at("estimate"));
        expect_consistent(candidate.at("simulation"));
        EXPECT_EQ(candidate.at("simulation").at("logits_equal_untimed"), true);
        EXPECT_EQ(candidate.at("confirmed").at("logits_equal"), true);
        EXPECT_EQ(candidate.at("confirmed").at("cycles"), candidate.at("simulation").at("latency_cycles"));
        EXPECT_EQ(candidate.at("check").at("event_counts_equal"), true);
        EXPECT_THAT(read("a/report.md"), HasSubstr(candidate.at("network").get<std::string>()));
    }
    EXPECT_EQ(chosen, 1);
}

TEST_F(MainJob, GivenTheEffectiveConfigurationAnotherFolderAndMoreThreads_ThenTheReportIsTheSameBytes) {
    good(job("a"));
    good({"run", "a/effective_config.yaml", "--out", "b", "--threads", "2"});
    EXPECT_EQ(read("a/report.json"), read("b/report.json"));
    EXPECT_EQ(read("a/report.md"), read("b/report.md"));
}

TEST_F(MainJob, GivenAFinishedRun_WhenRunAgain_ThenNothingIsTrainedAndTheReportIsTheSame) {
    good(job("a"));
    const std::string report = read("a/report.json"), supernet = read("a/training.pt");
    const auto trained_at = fs::last_write_time(folder_ / "a/training.pt");
    EXPECT_THAT(good(job("a")).out, HasSubstr("results: " + (folder_ / "a").string()));
    EXPECT_EQ(read("a/report.json"), report);
    EXPECT_EQ(read("a/training.pt"), supernet);
    EXPECT_EQ(fs::last_write_time(folder_ / "a/training.pt"), trained_at);
}

TEST_F(MainJob, GivenNoGnuplot_ThenStandardOutputIsStillTheReportAndNothingElse) {
    hide_programs();
    const Outcome outcome = good(job("a", {"--json", "-s", "search.candidates=1"}));
    EXPECT_EQ(outcome.out, read("a/report.json"));
    EXPECT_THAT(outcome.err, HasSubstr("gnuplot"));
}

TEST_F(MainJob, GivenAnotherSeedInTheSameFolder_ThenItIsRefusedWithAdvice) {
    good({"train", "exp.yaml", "--out", "a", "-s", "training.epochs=0"});
    const std::string config = read("a/effective_config.yaml");
    expect_refused(job("a", {"-s", "training.epochs=0", "--seed", "2"}),
                   {"a: ", "another configuration", "--out", "--fresh"});
    EXPECT_EQ(read("a/effective_config.yaml"), config);
    good({"train", "exp.yaml", "--out", "a", "-s", "training.epochs=0", "--seed", "2", "--fresh"});
    EXPECT_NE(read("a/effective_config.yaml"), config);
}

TEST_F(MainJob, GivenAnotherCostTableUnderTheSameName_ThenOldResultsAreRefused) {
    good(job("a"));
    write("costs.yaml", replaced(read("costs.yaml"), "energy_pj: 1.67\n", "energy_pj: 16.7\n"));
    expect_refused(job("a"), {"a: ", "cost table", "--fresh"});
}

TEST_F(MainJob, GivenAnotherNetworkUnderTheSameName_ThenOldResultsAreRefused) {
    good(job("a"));
    write("space.yaml", replaced(space_, "stride: 2", "stride: 1"));
    expect_refused(job("a"), {"a: ", "cost table", "--fresh"});
}

TEST_F(MainJob, GivenAForeignFolder_ThenNothingInItIsTouchedEvenWithFresh) {
    fs::create_directories(folder_ / "mine");
    write("mine/notes.txt", "notes");
    expect_refused(job("mine"), {"mine: ", "--out"});
    expect_refused(job("mine", {"--fresh"}), {"mine: ", "--out"});
    expect_refused(job("exp.yaml"), {"exp.yaml: is a file"});
}

TEST_F(MainJob, GivenADamagedResult_ThenTheMessageNamesItAndSaysHowToGoOn) {
    good(job("a", {"-s", "search.candidates=1"}));
    const std::string file = "a/subnets/c1/simulation.json";
    ASSERT_TRUE(exists(file));
    write(file, "{");
    expect_refused(job("a", {"-q", "-s", "search.candidates=1"}), {"simulation.json", "--fresh"});
}

TEST_F(MainJob, GivenADamagedResultOfAJob_ThenItIsDoneAgainAndTheReportIsTheSame) {
    good(job("a"));
    const std::string report = read("a/report.json");
    int damaged = 0;
    for (const auto& entry : fs::directory_iterator(folder_ / "a/jobs/done")) {
        std::ofstream(entry.path(), std::ios::app) << "x";
        ++damaged;
    }
    EXPECT_EQ(damaged, 3 + 1 + 1) << "validation images of three, cycles and test images of the chosen";
    EXPECT_THAT(good(job("a")).err, HasSubstr("damaged"));
    EXPECT_EQ(read("a/report.json"), report);
}

TEST_F(MainJob, GivenWorkers_ThenTheirReportAndResultsAreTheSameBytes) {
    good(job("a"));
    std::vector<std::string> command = job("b", {"--workers", "2"});
    command.front() = "search";
    good(command);
    EXPECT_EQ(read("a/report.json"), read("b/report.json"));
    for (const auto& entry : fs::directory_iterator(folder_ / "a/jobs/done"))
        EXPECT_EQ(read(entry.path()), read(folder_ / "b/jobs/done" / entry.path().filename()));
}

TEST_F(MainJob, GivenALargerBudget_ThenTheSearchGoesOnInTheSameFolder) {
    good(job("a"));
    const Json few = Json::parse(read("a/report.json"));
    const auto jobs = [&] {
        return std::distance(fs::directory_iterator(folder_ / "a/jobs/done"), fs::directory_iterator());
    };
    const auto before = jobs();
    good(job("a", {"-s", "search.candidates=5"}));
    const Json more = Json::parse(read("a/report.json"));
    ASSERT_EQ(more.at("candidates").size(), 5u);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(more.at("candidates").at(i).at("accuracy"), few.at("candidates").at(i).at("accuracy"));
    EXPECT_GE(jobs(), before + 2);
    EXPECT_LE(jobs(), before + 2 + 2);
}

TEST_F(MainJob, GivenASearchOfHardwareToo_ThenCommandsTellAboutItsCandidates) {
    write("knobs.yaml", R"(name: knobs
knobs:
  - {name: array, keys: [crossbar.rows, crossbar.cols], values: ["16", "32"]}
  - {name: adc, layers: ["*"], keys: ["layers.*.adc.bits"], values: ["6", "8"]}
)");
    const std::vector<std::string> more = {"-s", "search.hardware_space=knobs.yaml", "-s", "search.candidates=4"};
    good(job("a", more));
    const Json space = good({"search", "space", "exp.yaml", "--json", "-s", "search.hardware_space=knobs.yaml"}).json();
    EXPECT_EQ(space.at("choices").size(), 4u + 1 + 3);
    const Json front = good({"search", "front", "a", "--json"}).json();
    ASSERT_FALSE(front.empty());
    const Json& best = front.at(0);
    for (const char* key : {"id", "genome", "hardware", "clean", "robust", "edap", "confirmed", "rank"})
        EXPECT_TRUE(best.contains(key)) << key;
    EXPECT_EQ(best.at("rank"), 1);
    for (const char* key : {"cycles", "energy_j", "edap"})
        EXPECT_GT(best.at("confirmed").at(key).get<double>(), 0.0);
    const std::string id = std::to_string(best.at("id").get<int>());
    EXPECT_THAT(good({"search", "show", "a", id}).out, HasSubstr(best.at("hardware").get<std::string>()));
    EXPECT_EQ(good({"search", "status", "a", "--json"}).json().at("state"), "finished");
    EXPECT_THAT(good({"search", "front", "a", "--csv"}).out, HasSubstr("id,generation,parent"));
    good({"search", "export", "a", id, "--out", "best"});
    // The exported experiment is the candidate's: the estimate gives the same EDAP, the cycle model the same cycles.
    const Json estimate = good({"estimate", "best/experiment.yaml", "--json", "-s", "simulation.images=1"}).json();
    EXPECT_NEAR(estimate.at("edap_j_s_mm2").get<double>() / best.at("edap").get<double>(), 1.0, 1e-9);
    const Json simulated = good({"simulate", "best/experiment.yaml", "--json"}).json();
    EXPECT_EQ(simulated.at("latency_cycles"), best.at("confirmed").at("cycles"));
    good(job("b", more));
    const Json compared = good({"search", "compare", "a", "b", "--json"}).json();
    EXPECT_EQ(compared.at(0).at("hypervolume"), compared.at(1).at("hypervolume"));
    expect_refused({"search", "show", "a", "99"}, {"there is no candidate 99"});
    expect_refused({"search", "front", "absent"}, {"absent", "is not there"});
    expect_refused(job("c", {"-s", "search.objectives=[robust, edp]"}), {"search.objectives", "did you mean `edap`"});
    expect_refused(job("c", {"-s", "search.constraints=[area < 2]"}), {"search.constraints", "METRIC <= NUMBER"});
    expect_refused({"search"}, {"expected an EXPERIMENT"});
}

TEST_F(MainJob, GivenObjectivesOfHardwareAlone_ThenNothingIsTrained) {
    good(job("a", {"-s", "search.objectives=[edap, weights]", "-s", "search.candidates=16", "-s",
                   "search.optimiser.method=exhaustive"}));
    EXPECT_FALSE(exists("a/training.pt"));
    const Json report = Json::parse(read("a/report.json"));
    EXPECT_EQ(report.at("candidates").size(), 16u);
    EXPECT_EQ(report.at("front").at(0).at("confirmed").at("logits_equal"), true);
    expect_refused({"search", "export", "a", "1", "--out", "x"}, {"no weights"});
}

TEST_F(MainJob, GivenABaseline_ThenItIsTrainedAndJudgedInTheSameWay) {
    write("base.yaml", replaced(replaced(replaced(space_, "[2, 4], kernel: [1, 3]", "4, kernel: 3"),
                                         "[3, 6], kernel: [1, 3]", "6, kernel: 3"),
                                "tiny_space", "base"));
    good(job("a", {"-s", "search.baseline=base.yaml"}));
    const Json report = Json::parse(read("a/report.json"));
    EXPECT_EQ(report.at("baseline").at("accuracy").size(), 5u);
    EXPECT_EQ(report.at("baseline").at("confirmed").at("logits_equal"), true);
    EXPECT_THAT(good({"search", "front", "a"}).out, HasSubstr("times lower"));
    EXPECT_THAT(good({"search", "show", "a", "0"}).out, HasSubstr("baseline"));
    expect_refused(job("b", {"-s", "search.baseline=space.yaml"}), {"search.baseline", "without choices"});
}

TEST_F(MainJob, GivenLearntProbabilities_ThenTheSearchBeginsWithThem) {
    good(job("a", {"-s", "search.phase1=gates", "-s", "training.crossbar_refresh_steps=1"}));
    EXPECT_TRUE(exists("a/gates.jsonl"));
    good(job("b", {"-s", "search.phase1=gates", "-s", "training.crossbar_refresh_steps=1"}));
    EXPECT_EQ(read("a/gates.jsonl"), read("b/gates.jsonl"));
    expect_refused(job("c", {"-s", "search.gates.weight=1"}), {"search.gates.weight", "search.phase1: gates"});
}

TEST_F(MainJob, GivenAnInterruptedTraining_WhenRunAgain_ThenItEndsWithTheReportOfARunNeverStopped) {
    const std::vector<std::string> longer = {
        "-s", "training.epochs=100", "-s", "training.crossbar=none", "-s", "training.checkpoint_minutes=0.001"};
    const Process running = start(job("a", longer));
    const bool has_checkpoint = wait_until([&] { return exists("a/training.pt"); });
    running.signal(SIGINT);
    const Outcome stopped = running.wait();
    ASSERT_TRUE(has_checkpoint);
    EXPECT_EQ(stopped.code, 130) << stopped.err;
    EXPECT_EQ(stopped.out, "");
    EXPECT_THAT(stopped.err, HasSubstr("interrupted"));
    EXPECT_THAT(stopped.err, HasSubstr((folder_ / "a").string()));
    EXPECT_TRUE(exists("a/effective_config.yaml"));
    EXPECT_FALSE(exists("a/report.json"));

    EXPECT_THAT(good(job("a", longer)).err, HasSubstr("continues after epoch"));
    good(job("b", longer));
    EXPECT_EQ(read("a/report.json"), read("b/report.json"));
}

TEST_F(MainJob, GivenInputsThatDoNotFit_ThenNothingIsWritten) {
    expect_refused(job("a", {"-s", "search.test_images=17"}), {"search.test_images", "data.test_images"});
    expect_refused(job("a", {"-s", "search.judged_images=17"}), {"search.judged_images", "data.validation_images"});
    expect_refused(job("a", {"-s", "search.subnets=3"}), {"search.subnets", "search.candidates"});
    expect_refused(job("a", {"-s", "search.chosen=4"}), {"search.chosen", "search.candidates"});
    expect_refused(job("a", {"-s", "noc.mesh_cols=1", "-s", "noc.mesh_rows=1", "-s", "tile.pes=1"}),
                   {"tiles are missing"});
    expect_refused(job("a", {"-s", "buffer.bytes=64"}), {"buffer.bytes is 64"});
    write("few.yaml", replaced(space_, "out_channels: 10", "out_channels: 4"));
    expect_refused(job("a", {"-q", "-s", "network=few.yaml"}), {"labels", "4 outputs"});
}

TEST_F(MainJob, GivenNoFashionMnist_ThenTheMessageSaysHowToGetIt) {
    expect_refused({"run", configs + "/experiments/quickstart.yaml", "--out", "a", "-s", "data.directory=/absent"},
                   {"/absent", "dataset-fashion-mnist", "data.directory"});
}

TEST_F(MainJob, GivenKeysOfDataThatHaveNoEffect_ThenTheyAreRefused) {
    expect_refused(job("a", {"-s", "data.crop=2"}), {"data.crop", "has no effect with data.set: random"});
    expect_refused(job("a", {"-s", "data.set=cifar10", "-s", "data.layout=channels_first"}),
                   {"data.layout", "data.set: npy or raw"});
    expect_refused(job("a", {"-q", "-s", "data.set=cifar10", "-s", "data.mean=[0.5, 0.4, 0.3]"}),
                   {"data.mean", "has no effect"});
    expect_refused(job("a", {"-q", "-s", "data.set=svhn", "-s", "data.directory=/absent"}),
                   {"/absent/train_32x32.mat", "ufldl.stanford.edu"});
}

TEST_F(MainJob, GivenOneSubnet_ThenEvalSearchAndRunShareTheFolder) {
    const Json one = good({"eval", "exp.yaml", "--out", "a", "--json", "-q"}).json();
    EXPECT_EQ(one.at("path"), "one=w4k3 two=w6k3");
    EXPECT_GT(one.at("estimate").at("edap_j_s_mm2").get<double>(), 0.0);
    const Json search = good({"search", "exp.yaml", "--out", "a", "--json", "-q", "-s", "search.chosen=3"}).json();
    good(job("a"));
    const Json report = Json::parse(read("a/report.json"));
    for (std::size_t i = 0; i < 3; ++i) {
        const Json &found = search.at("candidates").at(i), &again = report.at("candidates").at(i);
        EXPECT_EQ(found.at("accuracy"), again.at("accuracy"));
        if (found.at("network") != one.at("path") || found.at("test").empty())
            continue;
        for (const Json& cell : found.at("test")) {
            const std::string key = cell.at("engine").get<std::string>() + "_" + cell.at("attack").get<std::string>();
            EXPECT_NEAR(one.at("accuracy").at(key).get<double>() * cell.at("total").get<double>(),
                        cell.at("correct").get<double>(), 1e-6)
                << key;
        }
    }
    expect_refused({"eval", "exp.yaml", "--out", "a", "-s", "path=one=w99k3"}, {"w99"});
}

#else

TEST_F(CommandLine, GivenABuildWithoutTorch_ThenCommandsThatTrainSayWhatIsMissing) {
    for (const char* command : {"run", "train", "search", "eval"}) {
        const Outcome outcome = xloop({command, study});
        EXPECT_EQ(outcome.code, 1);
        EXPECT_THAT(outcome.err, HasSubstr("XLOOP_WITH_TORCH=ON"));
    }
}

#endif

}  // namespace
}  // namespace xloop
