#pragma once

#include "dnn/import/import.hpp"

#include <string>

namespace xloop {

/// What an imported network is, and what became of the nodes of its file.
std::string import_text(const Imported& imported);

}  // namespace xloop
