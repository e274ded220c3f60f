#pragma once

#include <string>
#include <vector>

namespace xloop {

/// How a process of ours ended, and what it said.
struct ChildOutcome {
    int code = 0;    ///< exit code; -1: ended by a signal; 127: there is no such program
    int signal = 0;  ///< that ended it
    std::string out, err;
};

/// Runs a program, looked for in PATH when its name has no slash, with `input` as standard input. A request to stop us is
/// passed on to it. Throws Error when the system does not let it start.
ChildOutcome run_child(const std::string& program, const std::vector<std::string>& arguments, const std::string& input);

/// Runs `xloop`, which is beside this program, in a process of its own (SystemC elaborates once per process) and returns its
/// standard output. Its warnings go to our standard error. Throws InputError or Error with its message when it
/// fails, Interrupted when it was stopped.
std::string run_own_command(const std::vector<std::string>& arguments);

}  // namespace xloop
