#pragma once

namespace xloop {

/// From now on Ctrl-C (SIGINT) and SIGTERM set a flag, which long steps look at. Where nobody has within a second, or at
/// a second signal, the process ends at once: unfinished files are removed, finished ones are whole.
void catch_interrupts();
bool interrupted();
/// Throws Interrupted when the flag is set.
void check_interrupt();

}  // namespace xloop
