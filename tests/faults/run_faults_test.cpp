#include "tests/apps/main_job.hpp"
#include "tests/faults/fault_setting.hpp"

#include <cstdlib>
#include <fstream>

namespace xloop::test {
namespace {

using Kind = FaultSetting::Kind;

/// All faults with XLOOP_LONG_TESTS set, some of them else.
bool thorough() { return std::getenv("XLOOP_LONG_TESTS") != nullptr; }

class RunFaults : public MainJob {
protected:
    RunFaults() {
        run_ = job("whole", {"--quiet", "-s", "search.candidates=2", "-s", "data.train_images=16"});
        EXPECT_EQ(xloop(run_).code, 0);
    }

    std::vector<std::string> run_in(const std::string& folder) const {
        std::vector<std::string> arguments = run_;
        *std::find(arguments.begin(), arguments.end(), "whole") = folder;
        return arguments;
    }
    std::string counter() const { return (root_ / "counter").string(); }
    std::string at(const std::string& folder) const { return (folder_ / folder).string(); }

    long writes() const {
        const FaultSetting counting(at("counted"), counter());
        EXPECT_EQ(xloop(run_in("counted")).code, 0);
        return counting.calls();
    }

    void expect_no_temporaries(const std::string& folder, const std::string& when) const {
        if (!fs::exists(folder_ / folder))
            return;
        for (const auto& entry : fs::recursive_directory_iterator(folder_ / folder))
            EXPECT_FALSE(is_temporary(entry.path().filename().string())) << when << ": " << entry.path();
    }

    void expect_resumes(const std::string& folder, const std::string& when) const {
        const Outcome again = xloop(run_in(folder));
        EXPECT_EQ(again.code, 0) << when << ": " << again.err;
        for (const char* name : {"/report.json", "/report.md", "/training.pt", "/activity.csv"})
            EXPECT_TRUE(read(folder + name) == read("whole" + std::string(name))) << when << ": " << name;
        expect_no_temporaries(folder, when);
    }

    std::vector<std::string> run_;
};

// Copy me: a fault at the n-th write of a command, what it says, and that the next run ends as if nothing had been.
TEST_F(RunFaults, GivenAFullDiskAtAnyWrite_ThenOneLineSaysSoAndTheRunGoesOnLater) {
    const long calls = writes();
    ASSERT_GT(calls, 60);
    const long step = thorough() ? 1 : calls / 4;
    for (long n = 1; n <= calls; n += step) {
        const std::string folder = "full" + std::to_string(n), when = "write " + std::to_string(n);
        {
            const FaultSetting full(at(folder), counter(), Kind::full_disk, n);
            const Outcome outcome = xloop(run_in(folder));
            EXPECT_EQ(outcome.code, 1) << when << ": " << outcome.err;
            EXPECT_EQ(errors_in(outcome.err), 1) << when << ": " << outcome.err;
            EXPECT_THAT(outcome.err, HasSubstr("No space left on device")) << when;
        }
        expect_no_temporaries(folder, when);
        expect_resumes(folder, when);
        fs::remove_all(folder_ / folder);
    }
}

TEST_F(RunFaults, GivenAKillAtAnyWrite_ThenTheRunGoesOnLater) {
    const long calls = writes();
    const long step = thorough() ? 1 : calls / 3;
    for (long n = thorough() ? 1 : 2; n <= calls; n += step) {
        const std::string folder = "killed" + std::to_string(n), when = "write " + std::to_string(n);
        {
            const FaultSetting kill(at(folder), counter(), Kind::kill, n);
            const Outcome outcome = xloop(run_in(folder));
            EXPECT_TRUE(outcome.code == -SIGKILL || outcome.code == 1) << when << ": " << outcome.code << outcome.err;
        }
        expect_resumes(folder, when);
        fs::remove_all(folder_ / folder);
    }
}

TEST_F(RunFaults, GivenAFlippedBit_ThenTheDamagedFileIsNamed) {
    const std::string subnets = at("whole") + "/subnets/";
    std::vector<std::string> files = {at("whole") + "/training.pt"};
    for (const auto& entry : fs::recursive_directory_iterator(subnets))
        for (const char* name : {"simulation.json", "weights.bin", "workload.yaml"})
            if (entry.path().filename() == name)
                files.push_back(entry.path().string());
    ASSERT_EQ(files.size(), 1u + 3);
    for (const std::string& file : files) {
        const std::string good = read_file(file);
        for (std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1);
            std::ofstream(file, std::ios::binary) << bad;
            const Outcome outcome = xloop(run_);
            EXPECT_EQ(outcome.code, 2) << file << " byte " << at << ": " << outcome.err;
            EXPECT_THAT(outcome.err, HasSubstr(file));
            if (!thorough())
                break;
        }
        std::ofstream(file, std::ios::binary) << good;
    }
    EXPECT_EQ(xloop(run_).code, 0);
}

TEST_F(RunFaults, GivenAFolderInWork_ThenASecondRunNamesWhoHasIt) {
    const FolderLock other(at("whole"));
    const Outcome outcome = xloop(run_);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("process " + std::to_string(::getpid())));
}

TEST_F(RunFaults, GivenEqualRuns_ThenTheirCheckpointsAreEqual) {
    EXPECT_EQ(xloop(run_in("again")).code, 0);
    EXPECT_TRUE(read("again/training.pt") == read("whole/training.pt"));
}

TEST_F(RunFaults, GivenAFolderWithMarksOfYaml_ThenItIsThatFolder) {
    for (const char* folder : {"Run #1", "a: b", "[x]", "'q'"}) {
        EXPECT_EQ(xloop(run_in(folder)).code, 0) << folder;
        EXPECT_TRUE(read(std::string(folder) + "/report.json") == read("whole/report.json")) << folder;
    }
}

}  // namespace
}  // namespace xloop::test
