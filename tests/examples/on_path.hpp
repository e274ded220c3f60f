#pragma once

#include <cstdlib>
#include <string>

namespace xloop::test {

/// Whether the shell finds a program by its name.
inline bool on_path(const std::string& program) {
    return std::system(("command -v " + program + " > /dev/null 2>&1").c_str()) == 0;
}

}  // namespace xloop::test
