#pragma once

#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// A process of another program. It is asked to end (SIGTERM) when this one ends, in whatever way, or the thread that
/// started it. It reads nothing; what it prints, to either stream, comes here.
class Child {
public:
    /// The program is looked for in PATH when its name has no slash. Throws Error when it cannot be started.
    explicit Child(const std::vector<std::string>& command);
    /// Ends it at once where it has not ended.
    ~Child();
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;

    /// What it printed since the last call.
    std::string new_output();
    /// As waitpid gives it, once it has ended.
    std::optional<int> status();
    void send(int signal);

private:
    int process_, output_;
    std::optional<int> status_;
};

/// What a short program that ran to its end printed, and how that was; does not hear Ctrl-C. Throws as Child does.
struct ChildEnd {
    int status = 0;
    std::string output;
};
ChildEnd run_to_end(const std::vector<std::string>& command);

/// "ended with exit code 2", "was ended by signal 9".
std::string end_text(int status);

/// The command as a shell reads it.
std::string shell_text(const std::vector<std::string>& command);

}  // namespace xloop
