#pragma once

#include "apps/command.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Registers one or more subcommands.
using AddCommand = void (*)(CommandLine& line);

/// What people want to do, and the subcommands for it.
struct CommandGroup {
    const char* title;
    std::vector<AddCommand> commands;
};

/// Parses the command line, carries out the subcommand, and returns the exit code: 0 done, 1 failed, 2 bad input, 130
/// interrupted. Without a subcommand it lists them by group. `footer` ends the help, `more_versions` the answer to --version.
int run_program(int argc, char** argv, const std::vector<CommandGroup>& groups, const std::string& footer,
                std::string (*more_versions)());

}  // namespace xloop
