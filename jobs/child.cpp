#include "jobs/child.hpp"

#include "core/error.hpp"
#include "jobs/pause.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

namespace xloop {
namespace {

/// Closed in a process that another program runs in.
std::array<int, 2> new_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
    return ends;
}

/// In the new process, where only calls that a signal handler may make are safe. The reason why there is no program goes
/// through `failure`.
[[noreturn]] void become(char* const* arguments, pid_t parent, int output, int failure) {
    // Ctrl-C is for the parent, which then ends its children.
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent)
        ::_exit(EXIT_FAILURE);
    ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execvp(arguments[0], arguments);
    const int problem = errno;
    [[maybe_unused]] const ssize_t written = ::write(failure, &problem, sizeof problem);
    ::_exit(EXIT_FAILURE);
}

}  // namespace

Child::Child(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& word : command)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const auto output = new_pipe(), failure = new_pipe();
    const pid_t parent = ::getpid();
    process_ = ::fork();
    int problem = process_ < 0 ? errno : 0;
    if (process_ == 0)
        become(arguments.data(), parent, output[1], failure[1]);
    ::close(output[1]);
    ::close(failure[1]);
    const bool started = process_ > 0 && ::read(failure[0], &problem, sizeof problem) == 0;
    ::close(failure[0]);
    output_ = output[0];
    ::fcntl(output_, F_SETFL, O_NONBLOCK);
    if (started)
        return;
    ::close(output_);
    if (process_ > 0)
        ::waitpid(process_, nullptr, 0);
    throw Error(fmt::format("cannot start {}: {}", command.front(), std::strerror(problem)));
}

Child::Child(Child&& other) noexcept
    : process_(std::exchange(other.process_, -1)), output_(std::exchange(other.output_, -1)),
      status_(std::move(other.status_)) {}

Child::~Child() {
    if (process_ < 0)
        return;
    if (!status()) {
        send(SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    ::close(output_);
}

std::string Child::new_output() {
    std::string text;
    std::array<char, 1 << 16> part;
    for (ssize_t got; (got = ::read(output_, part.data(), part.size())) > 0;)
        text.append(part.data(), static_cast<std::size_t>(got));
    return text;
}

std::optional<int> Child::status() {
    int status = 0;
    if (!status_ && ::waitpid(process_, &status, WNOHANG) == process_)
        status_ = status;
    return status_;
}

void Child::send(int signal) {
    if (!status())
        ::kill(process_, signal);
}

ChildEnd run_to_end(const std::vector<std::string>& command) {
    Child child(command);
    std::string output;
    for (Pause pause; !child.status(); pause.nothing_new()) {
        std::this_thread::sleep_until(pause.end());
        output += child.new_output();
    }
    output += child.new_output();
    return {*child.status(), output};
}

std::string end_text(int status) {
    return WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status))
                               : fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

std::string shell_text(const std::vector<std::string>& command) {
    constexpr const char* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./,:@%";
    std::string text;
    for (const std::string& word : command) {
        std::string quoted;
        for (const char c : word)
            quoted += c == '\'' ? "'\\''" : std::string(1, c);
        const bool is_plain = !word.empty() && word.find_first_not_of(plain) == word.npos;
        text += (text.empty() ? "" : " ") + (is_plain ? word : "'" + quoted + "'");
    }
    return text;
}

}  // namespace xloop
