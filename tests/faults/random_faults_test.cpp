#include "core/random.hpp"
#include "tests/apps/main_job.hpp"
#include "tests/faults/fault_setting.hpp"

#include <fmt/format.h>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>

namespace xloop::test {
namespace {

/// A command with the files it writes and what it prints when nothing goes wrong.
struct Job {
    std::string name, command;
    bool resumes = false;  ///< the same command goes on from what is there
    std::map<std::string, std::string> files = {};
    std::string out = {};
    double seconds = 0;
    long writes = 0;
};

/// Faults by a seed (XLOOP_FAULT_SEED) and a number (XLOOP_FAULT_TRIALS); the same seed gives the same faults, but those that
/// come after some time meet the program where the machine has got it by then.
class RandomFaults : public MainJob {
protected:
    static constexpr int longest_ms = 120'000;

    std::uint64_t draw(std::uint64_t below) { return random_.below(below, draws_++); }

    fs::path place() const { return folder_ / "job"; }
    void reset() const {
        fs::remove_all(place());
        fs::create_directories(place());
    }

    /// Runs a script in the job's folder, as process of its own that a signal may end after some time.
    Outcome launch(const std::string& script, double after = 0, int signal = 0) const {
        const std::string out = (root_ / "out").string(), err = (root_ / "err").string();
        const std::string line = fmt::format("cd '{}' && X='{}' && {{ {}; }}", place().string(), XLOOP_BINARY, script);
        const std::vector<const char*> argv = {"bash", "-c", line.c_str(), nullptr};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        pid_t pid = 0;
        EXPECT_EQ(::posix_spawnp(&pid, "bash", &actions, nullptr, const_cast<char**>(argv.data()), environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        if (signal != 0) {
            ::usleep(static_cast<useconds_t>(1e6 * after));
            ::kill(pid, signal);
        }
        int status = 0, waited_ms = 0;
        for (; ::waitpid(pid, &status, WNOHANG) == 0; waited_ms += 5) {
            if (waited_ms == longest_ms) {
                ADD_FAILURE() << script << " does not end";
                ::kill(pid, SIGKILL);
            }
            ::usleep(5000);
        }
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), read_file(out), read_file(err)};
    }

    /// But for what tells of a run and not of its results: the time that training took, who did which job and when.
    static bool tells_of_the_run(const fs::path& file) {
        const std::string name = file.filename().string();
        return name == FolderLock::file_name || name == "training_time.json" || name == "closed" ||
               name.rfind("search.sqlite", 0) == 0 || file.parent_path().filename() == "workers";
    }
    std::map<std::string, std::string> contents() const {
        std::map<std::string, std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(place()))
            if (const std::string name = entry.path().lexically_relative(place()).string();
                entry.is_regular_file() && !tells_of_the_run(entry.path()))
                found[name] = read_file(entry.path().string());
        return found;
    }

    void measure(Job& job) const {
        reset();
        const auto begin = std::chrono::steady_clock::now();
        const Outcome outcome = launch("exec " + job.command);
        job.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        ASSERT_EQ(outcome.code, 0) << job.name << ": " << outcome.err;
        job.out = outcome.out;
        job.files = contents();
        reset();
        const FaultSetting counting(place().string(), counter());
        launch("exec " + job.command);
        job.writes = counting.calls();
    }

    std::string counter() const { return (root_ / "counter").string(); }

    /// One fault of a random kind; `what` says which.
    Outcome suffer(const Job& job, std::string& what) {
        const std::uint64_t kind = draw(8);
        const double after = job.seconds * static_cast<double>(draw(1000)) / 1000;
        const long at = 1 + static_cast<long>(draw(static_cast<std::uint64_t>(std::max(job.writes, 1L))));
        const auto limited = [&](const std::string& limit) {
            what = limit;
            return launch(limit + "; exec " + job.command);
        };
        switch (kind) {
        case 0:
        case 1: {
            const int signal = std::array{SIGKILL, SIGINT, SIGTERM}[draw(3)];
            what = fmt::format("signal {} after {:.2f} s", signal, after);
            return launch("exec " + job.command, after, signal);
        }
        case 2: {
            what = fmt::format("disk full at write {}", at);
            const FaultSetting full(place().string(), counter(), FaultSetting::Kind::full_disk, at);
            return launch("exec " + job.command);
        }
        case 3: {
            what = fmt::format("killed at write {}", at);
            const FaultSetting kill(place().string(), counter(), FaultSetting::Kind::kill, at);
            return launch("exec " + job.command);
        }
        case 4: {
            const std::array ways = {">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-", ">/dev/full", ">/dev/full 2>/dev/full"};
            what = ways[draw(ways.size())];
            return launch("exec " + job.command + " " + what);
        }
        case 5: return limited(fmt::format("ulimit -v {}", 20'000 + 1000 * draw(1500)));
        case 6: return limited(fmt::format("ulimit -f {}", draw(64)));
        default: return limited(fmt::format("ulimit -n {}", 3 + draw(20)));
        }
    }

    /// What a job that was cut short leaves behind; it is gone when the run has gone on to its end.
    static bool is_unfinished_job(const std::string& name) {
        const fs::path folder = fs::path(name).parent_path().filename();
        return folder == "open" || folder == "claims" || folder == "failed";
    }

    /// A file under its own name is the right one, whatever happened.
    void expect_whole_files(const Job& job, const std::string& what) const {
        for (const auto& [name, content] : contents()) {
            if (is_temporary(name) || is_unfinished_job(name) || name.find("checksums.txt") != name.npos)
                continue;
            const auto right = job.files.find(name);
            ASSERT_NE(right, job.files.end()) << job.name << ", " << what << ": " << name;
            // A trace that was interrupted ends early and in good order.
            const bool trace = name.find("wave") != name.npos || name.rfind("t.", 0) == 0;
            // Metrics have the epochs that are done.
            const bool begun = name.find("metrics.jsonl") != name.npos && right->second.rfind(content, 0) == 0;
            EXPECT_TRUE(trace || name.find("training.pt") != name.npos || begun || content == right->second)
                << job.name << ", " << what << ": " << name;
        }
    }

    void expect_resumed(const Job& job, const std::string& what) const {
        std::map<std::string, fs::file_time_type> finished;
        for (const auto& [name, content] : contents())
            if (const std::string last = fs::path(name).filename().string();
                !is_temporary(name) && (last == "simulation.json" || fs::path(name).parent_path().filename() == "done"))
                finished[name] = fs::last_write_time(place() / name);
        const Outcome again = launch("exec " + job.command);
        EXPECT_EQ(again.code, 0) << job.name << ", " << what << ": " << again.err;
        const auto now = contents();
        for (const auto& [name, content] : job.files)
            EXPECT_TRUE(now.count(name) == 1 && now.at(name) == content) << job.name << ", " << what << ": " << name;
        for (const auto& [name, content] : now)
            EXPECT_FALSE(is_temporary(name) || is_unfinished_job(name)) << job.name << ", " << what << ": " << name;
        for (const auto& [name, time] : finished)
            EXPECT_EQ(fs::last_write_time(place() / name), time) << what << ": " << name << " was made again";
    }

    const KeyedRandom random_{
        std::strtoull(std::getenv("XLOOP_FAULT_SEED") ? std::getenv("XLOOP_FAULT_SEED") : "1", nullptr, 10),
        RandomUse::random_images};
    std::uint64_t draws_ = 0;
};

TEST_F(RandomFaults, GivenAnyFault_ThenNothingFinishedIsLostNothingAbortsAndNoFailureIsSilent) {
    const std::string exp = (folder_ / "exp.yaml").string();
    // `train` stands for nothing of its own: `run` trains first.
    std::vector<Job> jobs = {
        {"run", "$X run " + exp + " --out r -q --json -s search.candidates=2 -s data.train_images=16", true},
        {"simulate", "$X simulate " + exp +
                         " -q --json --activity a.csv --power p.csv --trace vcd,saif,timeline --trace-out t -s "
                         "path=one=w2k3\\ two=w3k3"},
    };
    for (Job& job : jobs)
        measure(job);
    fs::copy_file(place() / "t.vcd", folder_ / "t.vcd");
    jobs.push_back({"trace", "$X trace convert ../t.vcd c.saif -q"});
    measure(jobs.back());
    const char* asked = std::getenv("XLOOP_FAULT_TRIALS");
    const int trials = asked ? std::atoi(asked) : std::getenv("XLOOP_LONG_TESTS") ? 200 : 8;
    std::map<std::string, std::map<int, int>> codes;
    for (int trial = 0; trial < trials && !HasFatalFailure(); ++trial) {
        const Job& job = jobs[draw(jobs.size())];
        reset();
        std::string what;
        const Outcome outcome = suffer(job, what);
        ++codes[job.name][outcome.code];
        // 126 and 127: the system's loader had no room for the program.
        EXPECT_THAT(outcome.code, testing::AnyOf(0, 1, 2, 126, 127, 130, -SIGKILL, -SIGINT, -SIGTERM))
            << job.name << ", " << what << ": " << outcome.err;
        if (outcome.code == 0) {
            EXPECT_TRUE(outcome.out == job.out) << job.name << ", " << what << ": exit 0 without all of its output";
            EXPECT_EQ(contents().size(), job.files.size()) << job.name << ", " << what;
        }
        expect_whole_files(job, what);
        if (job.resumes)
            expect_resumed(job, what);
    }
    for (const auto& [job, counts] : codes)
        for (const auto& [code, count] : counts)
            std::cout << job << ": exit " << code << ", " << count << " times\n";
}

}  // namespace
}  // namespace xloop::test
