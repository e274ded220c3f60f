#pragma once

#include "apps/command_line.hpp"

namespace xloop {

/// Registers the subcommand `table`.
void add_search_table_command(CommandLine& search);

}  // namespace xloop
