#pragma once

namespace xloop {

/// From now on Ctrl-C (SIGINT) and SIGTERM set a flag; a second Ctrl-C ends the process at once.
void catch_interrupts();
bool interrupted();
/// Throws Interrupted when the flag is set.
void check_interrupt();

}  // namespace xloop
