#include "apps/child_process.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

extern char** environ;

namespace xloop {
namespace {

std::string read_all(int descriptor) {
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t n = ::read(descriptor, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

std::string run_own_command(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"xloop"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& a : all)
        argv.push_back(a.data());
    argv.push_back(nullptr);

    int pipe_ends[2];
    if (::pipe(pipe_ends) != 0)
        throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[1]);
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "xloop";
    pid_t child = 0;
    const int problem = ::posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    if (problem != 0) {
        ::close(pipe_ends[0]);
        throw Error(std::string("cannot start the cycle model: ") + std::strerror(problem));
    }
    const std::string output = read_all(pipe_ends[0]);
    ::close(pipe_ends[0]);
    const int status = wait_for(child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return output;
    if ((WIFEXITED(status) && WEXITSTATUS(status) == 130) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT))
        throw Interrupted("interrupted");
    throw Error(WIFEXITED(status)
                    ? fmt::format("`xloop {}` ended with exit code {}", arguments.front(), WEXITSTATUS(status))
                    : fmt::format("`xloop {}` was ended by signal {}", arguments.front(), WTERMSIG(status)));
}

}  // namespace xloop
