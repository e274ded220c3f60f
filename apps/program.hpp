#pragma once

#include "apps/command.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Registers one or more subcommands.
using AddCommand = void (*)(CLI::App& app, Action& action);

/// Parses the command line, carries out the subcommand, and returns the exit code: 0 done, 1 failed, 2 bad input, 130
/// interrupted. `footer` ends the help.
int run_program(int argc, char** argv, const std::vector<AddCommand>& commands, const std::string& footer);

}  // namespace xloop
