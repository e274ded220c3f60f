#pragma once

#include "core/json.hpp"

#include <string>
#include <vector>

namespace xloop {

struct ManPage {
    std::string name;  ///< "xloop-estimate.1"
    std::string text;  ///< in the macros of man(7)
};

/// A page for the program and one for each of its subcommands, with those inside it; `tree`: CommandLine::tree(), of which the
/// name is the program's. `date`: "2026-01-31", or nothing.
std::vector<ManPage> man_pages(const Json& tree, const std::string& version, const std::string& date);

}  // namespace xloop
