#include "tests/apps/command_line.hpp"
#include "tests/faults/fault_setting.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <chrono>
#include <fstream>
#include <map>
#include <thread>

namespace xloop::test {
namespace {

const std::string configs = std::string(XLOOP_SOURCE_DIR) + "/configs";

class CommandFaults : public CommandLine {
protected:
    CommandFaults() {
        write("exp.yaml", "base: " + configs + "/hw/reram_64x64.yaml\nname: exp\nnetwork: " + configs +
                              "/networks/residual_16x16.yaml\ncost_table: " + configs +
                              "/tech/generic_32nm.yaml\ndata: {set: random}\nsimulation: {images: 1}\n");
    }

    /// A shell script in the folder, with the program as $X; what it prints to descriptor 9 is its error output.
    Outcome shell(const std::string& script) const {
        const std::string err = (root_ / "shell.err").string(), out = (root_ / "shell.out").string();
        const int status = std::system(
            ("cd '" + folder_.string() + "' && X=" XLOOP_BINARY " bash -c '" + script + "' >" + out + " 2>" + err)
                .c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), read_file(out), read_file(err)};
    }

    void expect_failure(const std::string& script, int code, const std::string& part) const {
        const Outcome outcome = shell(script);
        EXPECT_EQ(outcome.code, code) << script << ": " << outcome.err;
        EXPECT_THAT(outcome.err, HasSubstr(part)) << script;
        for (const std::string& name : files())
            EXPECT_FALSE(is_temporary(name)) << script << ": " << name;
    }
};

TEST_F(CommandFaults, GivenAStandardOutputThatTakesNothing_ThenNoRunEndsWell) {
    for (const char* command : {"estimate exp.yaml", "estimate exp.yaml --json", "crossbar --random 4x4 -q", "--help",
                                "--version", "config schema", "map exp.yaml", "noc --help"})
        expect_failure("$X " + std::string(command) + " >/dev/full", 1, "cannot write to standard output");
    expect_failure("$X estimate exp.yaml >&-", 1, "standard output");
}

TEST_F(CommandFaults, GivenStandardErrorClosedOrFull_ThenTheExitCodeStillTells) {
    for (const char* err : {"2>&-", "2>/dev/full", "<&- >&- 2>&-"}) {
        EXPECT_EQ(shell("$X estimate absent.yaml " + std::string(err)).code, 2) << err;
        EXPECT_EQ(shell("$X nonsense " + std::string(err)).code, 2) << err;
    }
    EXPECT_EQ(shell("$X simulate exp.yaml 2>/dev/full >out").code, 0);
}

/// A closed descriptor's number goes to the next file that is opened: output must not end in it.
TEST_F(CommandFaults, GivenClosedDescriptors_ThenFilesHoldWhatTheyShould) {
    good({"simulate", "exp.yaml", "--activity", "whole.csv"});
    shell("$X simulate exp.yaml --activity torn.csv <&- >&- 2>&-");
    EXPECT_EQ(read("torn.csv"), read("whole.csv"));
}

TEST_F(CommandFaults, GivenALimitOfFileSize_ThenItIsAnErrorAndNothingStays) {
    const std::string limit = "ulimit -f 1; $X simulate exp.yaml -q >/dev/null ";
    for (const char* option : {"--activity a.csv", "--trace vcd --trace-out t", "--trace vcd --trace-gz --trace-out t",
                               "--trace timeline --trace-out t"})
        expect_failure(limit + option, 1, "File too large");
    if (std::system("command -v gnuplot >/dev/null") == 0)
        expect_failure("ulimit -f 1; $X simulate exp.yaml -q --gantt g.svg >/dev/null", 1, "g.svg");
    EXPECT_EQ(files(), std::vector<std::string>{(folder_ / "exp.yaml").string()});
}

TEST_F(CommandFaults, GivenAFullDiskAtAnyWrite_ThenFilesOfATraceAreWholeOrAbsent) {
    const std::vector<std::string> command = {"simulate",    "exp.yaml", "-q",         "--trace", "vcd,saif,power",
                                              "--trace-out", "t",        "--activity", "a.csv"};
    good(command);
    std::map<std::string, std::string> whole;
    for (const std::string& name : files())
        whole[name] = read_file(name);
    // Names given on the command line are relative, the watched ones as the program writes them.
    for (long n = 1; n < 12; ++n) {
        for (const auto& [name, content] : whole)
            if (name.find("exp.yaml") == name.npos)
                fs::remove(name);
        const FaultSetting full((folder_ / "t").string(), (root_ / "counter").string(), FaultSetting::Kind::full_disk,
                                n);
        const Outcome outcome = xloop(command);
        if (full.calls() < n)
            break;
        EXPECT_EQ(outcome.code, 1) << n << outcome.err;
        EXPECT_THAT(outcome.err, HasSubstr("No space left on device")) << n;
        for (const std::string& name : files()) {
            EXPECT_EQ(whole.count(name), 1u) << n << ": " << name;
            EXPECT_TRUE(read_file(name) == whole[name]) << n << ": " << name;
        }
    }
}

TEST_F(CommandFaults, GivenNoMoreThreads_ThenFewerDoTheWork) {
    const std::vector<std::string> command = {"simulate", "exp.yaml", "--threads", "8", "-s", "simulation.images=2"};
    const std::string out = good(command).out;
    for (int threads : {0, 2}) {
        const FaultSetting few(threads);
        EXPECT_EQ(good(command).out, out);
    }
    const FaultSetting none(0);
    const Outcome traced = xloop({"simulate", "exp.yaml", "--trace", "vcd", "--trace-out", "t", "-q"});
    EXPECT_EQ(traced.code, 1);
    EXPECT_EQ(errors_in(traced.err), 1) << traced.err;
    EXPECT_FALSE(exists("t.vcd"));
}

TEST_F(CommandFaults, GivenLittleMemory_ThenOneLineSaysSo) {
    for (const char* kilobytes : {"60000", "100000", "150000"}) {
        const Outcome outcome = shell(std::string("ulimit -v ") + kilobytes + "; $X simulate exp.yaml --threads 8 -q");
        // The loader may find no room for the libraries: 127.
        EXPECT_THAT(outcome.code, testing::AnyOf(0, 1, 127)) << kilobytes << outcome.err;
    }
}

TEST_F(CommandFaults, GivenAnInterruptWithinTheExactCircuit_ThenItIsHeardWithinASecond) {
    const std::vector<std::string> exact = {"-s", "crossbar.circuit=exact", "-s", "device.nonlinearity_per_volt=3",
                                            "-s", "simulation.images=8"};
    for (const char* name : {"simulate", "validate"})
        for (int signal : {SIGINT, SIGTERM}) {
            std::vector<std::string> command = {name, "exp.yaml"};
            command.insert(command.end(), exact.begin(), exact.end());
            const Process running = start(command);
            std::this_thread::sleep_for(std::chrono::milliseconds(1500));
            const auto begin = std::chrono::steady_clock::now();
            running.signal(signal);
            const Outcome outcome = running.wait();
            EXPECT_EQ(outcome.code, 130) << outcome.err;
            EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2)) << name;
        }
}

TEST_F(CommandFaults, GivenEndlessOrSilentInput_ThenItIsRefused) {
    ::mkfifo((folder_ / "pipe").c_str(), 0600);
    fs::create_symlink("loop", folder_ / "loop");
    fs::create_directory(folder_ / "folder");
    std::ofstream(folder_ / "brackets") << std::string(10'000'000, '[');
    std::ofstream(folder_ / "huge.csv").seekp(std::streamoff{1} << 33).put('x');
    for (const char* file : {"/dev/zero", "/dev/urandom", "loop", "brackets", "huge.csv", "folder"}) {
        expect_refused({"estimate", file}, {file});
        expect_refused({"crossbar", "--conductance", file}, {file});
        expect_refused({"estimate", "exp.yaml", "-s", std::string("device.level_table=") + file}, {file});
        expect_refused({"estimate", "exp.yaml", "-s", std::string("network=") + file}, {file});
    }
    expect_refused({"estimate", "pipe"}, {"pipe"});
    expect_refused({"estimate", std::string(300, 'x')}, {"File name too long"});
    EXPECT_EQ(shell("$X estimate <(cat exp.yaml)").code, 0) << "a pipe that speaks is read";
}

TEST_F(CommandFaults, GivenAnEmptyTextOrNoNumber_ThenTheOptionIsNamed) {
    expect_refused({"estimate", "exp.yaml", "--seed", ""}, {"--seed"});
    expect_refused({"estimate", "exp.yaml", "--activity", ""}, {"--activity"});
    expect_refused({"validate", "exp.yaml", "--tolerance-total", "nan"}, {"--tolerance-total"});
    expect_refused({"validate", "exp.yaml", "--tolerance-layer", "nan"}, {"--tolerance-layer"});
    expect_refused({"estimate", "exp.yaml", "-s", "data.set=fashion_mnist", "-s", "data.directory="},
                   {"data.directory"});
    expect_refused({"estimate", "exp.yaml", "-s", "network="}, {"network"});
    write("nul.yaml", "base: exp.yaml\ntrace: {output: \"a\\0b\"}\n");
    expect_refused({"estimate", "nul.yaml"}, {"nul.yaml:2", "trace.output", "NUL"});
}

TEST_F(CommandFaults, GivenTraceNamesWithMarksOfYaml_ThenTheFilesHaveThem) {
    for (const char* folder : {"Run #1", "a: b", "two\nlines", "[x]", "'q'", "~", "{a: 1}"}) {
        fs::create_directory(folder_ / folder);
        good({"simulate", "exp.yaml", "--trace", "saif", "--trace-out", std::string(folder) + "/w"});
        EXPECT_TRUE(exists(fs::path(folder) / "w.saif")) << folder;
    }
}

/// Every number of the schema has both bounds, and at each of them the estimate is a number or an error, never nonsense.
TEST_F(CommandFaults, GivenAnyKeyAtItsBounds_ThenFiguresAreNumbersOrTheKeyIsNamed) {
    for (const Json& key : good({"config", "schema", "--json"}).json()) {
        const std::string type = key["type"], name = key["key"];
        if (type.find("number") == type.npos && type.find("integer") == type.npos)
            continue;
        ASSERT_TRUE(key["minimum"].is_number() && key["maximum"].is_number()) << name << " lacks a bound";
        for (const char* bound : {"minimum", "maximum"}) {
            const Json& limit = key[bound];
            if (limit.get<double>() > 1e18)
                continue;  // seeds
            const std::string value = type.find("integer") != type.npos
                                          ? std::to_string(static_cast<long long>(limit.get<double>()))
                                          : limit.dump();
            const Outcome outcome = xloop({"estimate", "exp.yaml", "--json", "-s", name + "=" + value});
            EXPECT_TRUE(outcome.code == 0 || outcome.code == 2) << name << "=" << value << ": " << outcome.err;
            if (outcome.code != 0)
                continue;
            const Json report = outcome.json();
            EXPECT_GT(report.at("cycles").get<double>(), 0) << name << "=" << value;
            for (const char* figure : {"latency_s", "energy_j", "edap_j_s_mm2"})
                EXPECT_TRUE(report.at("alone").at(figure).is_number()) << name << "=" << value;
        }
    }
}

TEST_F(CommandFaults, GivenMoreCyclesThanCanBeCounted_ThenTheKeyIsNamed) {
    write("net.yaml",
          "name: n\ninput: {channels: 1, height: 4096, width: 4096}\nlayers:\n"
          "  - {name: a, type: conv, out_channels: 8, kernel: 3, activation: relu}\n"
          "  - {name: p, type: avg_pool, kernel: 0}\n  - {name: l, type: linear, out_channels: 10}\n");
    write("long.yaml",
          "base: exp.yaml\nnetwork: net.yaml\nclock: {frequency_ghz: 10}\nbuffer: {bytes: 67108864}\n"
          "crossbar:\n  read_time_ns: 1e6\nsimulation: {images: 10000}\nmapping: {schedule: pipelined}\n");
    expect_refused({"estimate", "long.yaml"}, {"long.yaml:6:", "crossbar.read_time_ns", "counted"});
    expect_refused({"estimate", "exp.yaml", "-s", "crossbar.read_time_ns=2.2e9"},
                   {"crossbar.read_time_ns", "1000000]"});
    expect_refused({"estimate", "exp.yaml", "-s", "training.warmup_epochs=1e300"}, {"training.warmup_epochs"});
}

TEST_F(CommandFaults, GivenHardwareTooSmall_ThenFileLineAndKeyAreNamed) {
    write("small.yaml", "base: exp.yaml\nbuffer:\n  bytes: 64\n");
    expect_refused({"estimate", "small.yaml"}, {"small.yaml:3:", "buffer.bytes"});
    write("wide.yaml",
          "name: n\ninput: {channels: 4096, height: 8, width: 8}\nlayers:\n"
          "  - {name: l, type: linear, out_channels: 10}\n");
    write("sums.yaml", "base: exp.yaml\nnetwork: wide.yaml\n");
    expect_refused({"estimate", "sums.yaml"}, {"sums.yaml:2:", "network", "`l`", "32-bit"});
    write("volume.yaml",
          "name: n\ninput: {channels: 4096, height: 4096, width: 4096}\nlayers:\n"
          "  - {name: l, type: linear, out_channels: 10}\n");
    expect_refused({"estimate", "exp.yaml", "-s", "network=volume.yaml"}, {"volume.yaml:4", "counted"});
}

TEST_F(CommandFaults, GivenCurrentsBeyondAllNumbers_ThenNoneArePrinted) {
    write("g.csv", "1e300,1e300\n1e300,1e300\n");
    for (const char* precision : {"fp32", "fp64"})
        expect_refused({"crossbar", "--conductance", "g.csv", "--v-max", "1e300", "--precision", precision},
                       {"beyond all numbers"});
    write("bad.csv", "mean_s,sigma_s\n1e-6,1\xff\n");
    expect_refused({"estimate", "exp.yaml", "-s", "device.level_table=bad.csv"}, {"bad.csv:2", "UTF-8"});
}

}  // namespace
}  // namespace xloop::test
