#pragma once

#include <string>

namespace xloop {

/// From now on Ctrl-C (SIGINT) and SIGTERM set a flag, which long steps look at. Where nobody has within a second, or at
/// a second signal, the process ends at once: unfinished files are removed, finished ones are whole.
void catch_interrupts();
/// What is said when the process ends at once; "interrupted" without. To be called once.
void set_last_words(std::string text);
bool interrupted();
/// Throws Interrupted when the flag is set.
void check_interrupt();

}  // namespace xloop
