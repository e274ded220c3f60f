#pragma once

#include "apps/command_line.hpp"

namespace xloop {

/// `completion` and, hidden, `man-pages`: what a shell and `man` know of the commands, from CommandLine::tree() of this program
/// and of xloop-torch, if that is beside it. `line` is the whole program's, and lives until the subcommand is done.
void add_shell_commands(CommandLine& line);

}  // namespace xloop
