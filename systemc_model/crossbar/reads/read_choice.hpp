#pragma once

#include "systemc_model/crossbar/reads/read_kernel.hpp"

namespace xloop {

/// The kernel that the environment variable XLOOP_READ_KERNEL (portable | portable6 | vnni | amx) names. Otherwise the one that takes
/// the least time on this processor, tried once for digits of `dac_bits` (1 ... 8) and about as many vectors (by powers of
/// two, up to 64): the newest instruction set need not be the fastest. All give the same bits, so that results do not
/// depend on the choice. Throws InputError for a name that is unknown or not available.
ReadIsa best_read_isa(int dac_bits, int vectors);

}  // namespace xloop
