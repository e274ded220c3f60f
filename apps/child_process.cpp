#include "apps/child_process.hpp"

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/standard_streams.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

extern char** environ;

namespace xloop {
namespace {

/// A file in memory: a child that writes to it never waits for a reader.
class MemoryFile {
public:
    MemoryFile() : descriptor_(::memfd_create("xloop", MFD_CLOEXEC)) {
        if (descriptor_ < 0)
            throw Error(std::string("cannot keep what a program prints: ") + std::strerror(errno));
    }
    explicit MemoryFile(const std::string& content) : MemoryFile() {
        for (std::size_t done = 0; done < content.size();) {
            const ssize_t n = ::write(descriptor_, content.data() + done, content.size() - done);
            if (n < 0 && errno != EINTR)
                throw Error(std::string("cannot keep what a program reads: ") + std::strerror(errno));
            done += n > 0 ? static_cast<std::size_t>(n) : 0;
        }
        ::lseek(descriptor_, 0, SEEK_SET);
    }
    ~MemoryFile() { ::close(descriptor_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    int descriptor() const { return descriptor_; }
    std::string content() const {
        std::string text;
        std::array<char, 65536> part;
        ::lseek(descriptor_, 0, SEEK_SET);
        for (ssize_t n; (n = ::read(descriptor_, part.data(), part.size())) > 0;)
            text.append(part.data(), static_cast<std::size_t>(n));
        return text;
    }

private:
    int descriptor_;
};

/// The status of its end. It is told once to stop when we are.
int wait_for(pid_t child) {
    using std::chrono::milliseconds;
    bool told = false;
    for (milliseconds pause(1);; pause = std::min(2 * pause, milliseconds(32))) {
        int status = 0;
        if (::waitpid(child, &status, WNOHANG) == child)
            return status;
        if (interrupted() && !told) {
            ::kill(child, SIGINT);
            told = true;
        }
        std::this_thread::sleep_for(pause);
    }
}

/// 0: there is no such program.
pid_t spawn(const std::string& program, const std::vector<std::string>& arguments, const MemoryFile& in,
            const MemoryFile& out, const MemoryFile& err) {
    std::vector<std::string> all = {program};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& a : all)
        argv.push_back(a.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.descriptor(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.descriptor(), STDERR_FILENO);
    pid_t child = 0;
    const int problem = ::posix_spawnp(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (problem == ENOENT)
        return 0;
    if (problem != 0)
        throw Error(fmt::format("cannot start {}: {}", program, std::strerror(problem)));
    return child;
}

/// Without the name of the program, which ours begin with too.
std::string last_line(std::string text) {
    text.erase(text.find_last_not_of('\n') + 1);
    text.erase(0, text.rfind('\n') + 1);
    return text.rfind("xloop: ", 0) == 0 ? text.substr(7) : text;
}

}  // namespace

ChildOutcome run_child(const std::string& program, const std::vector<std::string>& arguments,
                       const std::string& input) {
    const MemoryFile in(input), out, err;
    const pid_t child = spawn(program, arguments, in, out, err);
    if (child == 0)
        return {127, 0, "", fmt::format("cannot start {}: {}", program, std::strerror(ENOENT))};
    const int status = wait_for(child);
    ChildOutcome outcome;
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    outcome.out = out.content();
    outcome.err = err.content();
    return outcome;
}

std::string run_own_command(const std::vector<std::string>& arguments) {
    const std::string program = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "xloop").string();
    const ChildOutcome outcome = run_child(program, arguments, "");
    if (outcome.code == 130 || outcome.signal == SIGINT || interrupted())
        throw Interrupted("interrupted");
    if (outcome.code == 0) {
        say(outcome.err);
        return outcome.out;
    }
    if (outcome.signal != 0)
        throw Error(fmt::format("`xloop {}` was ended by signal {}", arguments.front(), outcome.signal));
    // Its own bad input is ours: exit code 2, and a message that names the key.
    if (outcome.code == 2)
        throw InputError(last_line(outcome.err));
    throw Error(
        fmt::format("`xloop {}` ended with exit code {}: {}", arguments.front(), outcome.code, last_line(outcome.err)));
}

}  // namespace xloop
