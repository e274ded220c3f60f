#pragma once

#include <string>

namespace xloop {

/// The whole file as bytes. Throws InputError with the system's reason.
std::string read_file(const std::string& path);

/// Writes a file so that a reader, or a run killed half-way, sees either the old content or all of the new: a temporary
/// file beside it, then a rename. Throws Error.
void write_file_atomically(const std::string& path, const std::string& content);

/// Throws InputError unless a file can be written at `path`: to be asked before a long run, not after it.
void demand_writable(const std::string& path);

}  // namespace xloop
