#pragma once

#include "systemc_model/cost/ledger.hpp"
#include "systemc_model/mapping/mapping.hpp"

namespace xloop {

/// Hardware that each layer occupies, for the static energy of a ledger; one entry for each layer and an empty one for the
/// images. A layer owns its arrays with their drivers, converters and registers; a tile's shared parts are divided among
/// the layers that have arrays there by the number of their arrays. Layers of several rounds own their arrays for an equal
/// share each. Unused arrays and tiles, routers, links and i/o belong to nobody.
OwnedUnits owned_units(const MappedNetwork& network);

}  // namespace xloop
