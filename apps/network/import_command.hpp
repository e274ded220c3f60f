#pragma once

#include "apps/command.hpp"
#include "dnn/import/import.hpp"

#include <string>

namespace xloop {

/// Reads a model file; the program with LibTorch knows more formats than the one without.
using ReadModel = Imported (*)(const std::string& path, const ImportOptions& options);

void add_import_command(CommandLine& line, ReadModel read);

}  // namespace xloop
