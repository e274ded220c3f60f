#pragma once

#include <string>
#include <vector>

namespace xloop {

/// Runs `xloop`, which is beside this program, in a process of its own (SystemC elaborates once per process) and returns its
/// standard output. Its messages go to our standard error. Throws Error when it fails, Interrupted when it was stopped.
std::string run_own_command(const std::vector<std::string>& arguments);

}  // namespace xloop
