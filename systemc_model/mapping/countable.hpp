#pragma once

#include "systemc_model/mapping/mapping.hpp"

namespace xloop {

/// Throws InputError that names the key to lower when a run of `images` images may have more cycles or events than 64-bit
/// numbers count: figures that have wrapped around look like figures.
void demand_countable(const MappedNetwork& network, int images);

}  // namespace xloop
