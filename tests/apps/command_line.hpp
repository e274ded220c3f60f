#pragma once

#include "core/files.hpp"
#include "core/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

extern char** environ;

namespace xloop::test {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Outcome {
    int code = -1;
    std::string out, err;

    Json json() const {
        const Json parsed = Json::parse(out, nullptr, false);
        EXPECT_FALSE(parsed.is_discarded()) << "not JSON:\n" << out.substr(0, 500);
        return parsed;
    }
};

/// A running xloop; its output goes to files.
class Process {
public:
    Process(const std::vector<std::string>& arguments, const fs::path& folder, const fs::path& output)
        : out_(output.string() + ".out"), err_(output.string() + ".err") {
        std::vector<std::string> all = {XLOOP_BINARY};
        all.insert(all.end(), arguments.begin(), arguments.end());
        std::vector<char*> argv;
        for (std::string& a : all)
            argv.push_back(a.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
        const int problem = ::posix_spawn(&pid_, XLOOP_BINARY, &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        if (problem != 0)
            ADD_FAILURE() << "cannot start " << XLOOP_BINARY << ": " << std::strerror(problem);
    }

    void signal(int number) const { ::kill(pid_, number); }

    Outcome wait() const {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), read_file(out_), read_file(err_)};
        return outcome;
    }

private:
    std::string out_, err_;
    pid_t pid_ = 0;
};

/// An empty folder, in which the program runs.
class CommandLine : public testing::Test {
protected:
    CommandLine()
        : root_(fs::temp_directory_path() /
                (std::string("xloop_cli_") + testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
                 std::to_string(::getpid()))),
          folder_(root_ / "work") {
        fs::remove_all(root_);
        fs::create_directories(folder_);
    }
    ~CommandLine() override {
        if (!path_.empty())
            ::setenv("PATH", path_.c_str(), 1);
        fs::remove_all(root_);
    }

    /// Until the test ends no program is found by its name, such as gnuplot.
    void hide_programs() {
        path_ = std::getenv("PATH");
        ::setenv("PATH", "/absent", 1);
    }

    Process start(const std::vector<std::string>& arguments) const { return {arguments, folder_, root_ / "output"}; }
    Outcome xloop(const std::vector<std::string>& arguments) const { return start(arguments).wait(); }

    Outcome good(const std::vector<std::string>& arguments) const {
        const Outcome outcome = xloop(arguments);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return outcome;
    }

    std::string write(const std::string& name, const std::string& text) const {
        write_file_atomically((folder_ / name).string(), text);
        return name;
    }
    std::string read(const fs::path& name) const { return read_file((folder_ / name).string()); }
    bool exists(const fs::path& name) const { return fs::exists(folder_ / name); }

    /// Exit code 2, nothing on standard output, one message of one line that holds all of `parts`, nothing left behind.
    void expect_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& parts) const {
        const auto before = files();
        const Outcome outcome = xloop(arguments);
        EXPECT_EQ(outcome.code, 2) << outcome.err;
        EXPECT_EQ(outcome.out, "");
        EXPECT_EQ(outcome.err.rfind("xloop: ", 0), 0u) << outcome.err;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
        for (const std::string& part : parts)
            EXPECT_THAT(outcome.err, HasSubstr(part));
        EXPECT_EQ(files(), before);
    }

    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::recursive_directory_iterator(folder_))
            names.push_back(entry.path().string());
        std::sort(names.begin(), names.end());
        return names;
    }

    fs::path root_, folder_;

private:
    std::string path_;  ///< of the programs that are hidden
};

}  // namespace xloop::test
