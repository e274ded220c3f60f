#pragma once

#include "systemc_model/mapping/mapping.hpp"

namespace xloop {

/// Swaps tiles (with all that is on them) while the bytes x hops of an image fall (traffic_byte_hops): simulated annealing
/// with random numbers of its own, the same at every call; the result is never worse than before.
void improve_placement(MappedNetwork& network);

}  // namespace xloop
