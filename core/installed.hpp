#pragma once

#include <string>

namespace xloop {

/// Where a file or folder is that comes with the program, named as in its documentation: "configs/networks". One of that
/// name in the working directory goes before that of the installation (PREFIX/share/xloop, of a program in PREFIX/bin), and
/// that before the repository's (of a program in build/PRESET/bin).
/// Any other path as it is.
std::string installed(const std::string& path);

}  // namespace xloop
