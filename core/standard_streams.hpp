#pragma once

#include <string_view>

namespace xloop {

/// Puts something in the place of standard streams that are closed, so that no file of ours gets their numbers; writing to
/// the one that stands for standard output fails. Broken pipes and files over the limit become errors instead of signals.
void open_standard_streams();

/// Text to standard error. A message that nobody can receive is no reason to fail.
void say(std::string_view text);

/// Empties the buffer of standard output. Throws Error when something of what was printed did not get there.
void finish_standard_output();

/// Ends the process. What libraries do at the end of a process is left out: it may wait forever for threads that the system
/// did not give them.
[[noreturn]] void leave(int exit_code);

}  // namespace xloop
