#pragma once

#include "apps/command.hpp"

#include <string>

namespace xloop {

/// The subcommands that need LibTorch are a program of their own, xloop-torch, beside this one: loading LibTorch takes 0.4 s,
/// which all others are spared.
///
/// Where it is.
std::string torch_program();
/// The subcommand of xloop-torch that prints its CommandLine::tree().
inline constexpr const char* tree_command = "command-tree";

bool needs_torch(const std::string& command);
/// Whether the first word of the command line is one of them.
bool is_torch_command(int argc, char** argv);
/// Becomes xloop-torch with the same arguments. Returns an exit code only when there is none.
int run_torch_program(char** argv);
/// Names them in the help.
void list_torch_commands(CommandLine& line);
/// What xloop-torch says of its libraries.
std::string torch_versions();

}  // namespace xloop
