#pragma once

#include "core/files.hpp"
#include "jobs/child.hpp"
#include "jobs/pause.hpp"
#include "tests/jobs/closed_form_jobs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <map>

namespace xloop::jobs_test {

namespace fs = std::filesystem;

/// A folder of jobs for one test, with runners whose workers are processes of jobs_helper.
class SharedFolder : public testing::Test {
protected:
    SharedFolder()
        : folder_((fs::temp_directory_path() /
                   (std::string("xloop jobs ") + testing::UnitTest::GetInstance()->current_test_info()->name() + " " +
                    std::to_string(::getpid())))
                      .string()) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    ~SharedFolder() override { fs::remove_all(folder_); }

    static std::string helper() { return (fs::read_symlink("/proc/self/exe").parent_path() / "jobs_helper").string(); }
    std::vector<std::string> worker_command() const { return {helper(), "work", folder_, "20"}; }
    JobWork work_of_helper() const { return {do_closed_form, worker_command()}; }
    std::string path(const std::string& name) const { return (fs::path(folder_) / name).string(); }

    static JobsConfig config(RunnerKind runner, int workers = 1) {
        JobsConfig c;
        c.runner = runner;
        c.workers = workers;
        return c;
    }

    std::vector<JobResult> run(const std::vector<Job>& jobs, const JobsConfig& with) const {
        return Runner(folder_, with, work_of_helper()).run(jobs);
    }
    std::vector<JobResult> run_here(const std::vector<Job>& jobs) const { return run(jobs, config(RunnerKind::local)); }

    /// The files of a subfolder by name.
    std::map<std::string, std::string> files(const std::string& subfolder) const {
        std::map<std::string, std::string> found;
        if (fs::exists(path(subfolder)))
            for (const auto& entry : fs::directory_iterator(path(subfolder)))
                found[entry.path().filename().string()] = read_file(entry.path().string());
        return found;
    }

    /// How many files are in a subfolder that others work in.
    std::size_t count_of(const std::string& subfolder) const {
        std::error_code absent;
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path(subfolder), absent), {}));
    }

    /// Lines that workers left.
    std::vector<Json> provenance() const {
        std::vector<Json> lines;
        for (const auto& [name, text] : files("jobs/workers")) {
            std::istringstream in(text);
            for (std::string line; fs::path(name).extension() == ".jsonl" && std::getline(in, line);)
                lines.push_back(Json::parse(line));
        }
        return lines;
    }
    /// How often each job was done.
    std::map<std::string, int> times_done() const {
        std::map<std::string, int> times;
        for (const Json& line : provenance())
            ++times[line.at("job")];
        return times;
    }

    /// Whether a condition comes true within some seconds.
    template <class Condition>
    static bool soon(Condition condition) {
        for (int i = 0; i < 1000 && !condition(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return condition();
    }

    static void expect_squares(const std::vector<JobResult>& results, int count) {
        ASSERT_EQ(results.size(), static_cast<std::size_t>(count));
        for (int x = 0; x < count; ++x)
            EXPECT_EQ(results[x].get().at("square"), x * x);
    }

    template <class Problem, class Action>
    static std::string refusal(Action action) {
        try {
            action();
        } catch (const Problem& e) {
            return e.what();
        }
        ADD_FAILURE() << "expected a refusal";
        return {};
    }

    std::string folder_;
};

}  // namespace xloop::jobs_test
