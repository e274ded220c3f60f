#pragma once

#include "core/json.hpp"

#include <string>

namespace xloop {

/// Completion of subcommands, options, their choices, files, and keys with their values after `-s`, as a script of the shell.
/// `tree`: CommandLine::tree(), of which the name is the program's; `keys`: config::describe_json.
std::string bash_completion(const Json& tree, const Json& keys);
std::string zsh_completion(const Json& tree, const Json& keys);

}  // namespace xloop
