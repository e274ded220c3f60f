#pragma once

#include "core/json.hpp"
#include "systemc_model/cost/ledger.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <string>
#include <vector>

namespace xloop {

/// A tile of the chip in a run: where it is, what is on it, what it takes. Energies in J, of the run.
struct TileFigures {
    std::string name;  ///< "tile_1_0"
    int x = 0, y = 0;  ///< on the grid of tiles
    std::string type;  ///< empty on a chip of one type
    std::vector<std::string> layers;
    int used_arrays = 0, arrays = 0;  ///< that hold weights in any round; that there are
    double dynamic_j = 0, static_j = 0;
    double network_j = 0;  ///< of its router with the links that leave it; of several tiles on a router equal shares
    double area_mm2 = 0;   ///< without the router
};

/// Every tile, used or not, from the instances of a ledger. The energies' sum is the ledger's without its i/o, up to rounding.
/// Throws Error as instance_ledger does.
std::vector<TileFigures> tile_figures(const Ledger& ledger, const MappedNetwork& network,
                                      const std::vector<UnitCosts>& types);

/// An object for each tile: tile, x, y, type, layers, used_arrays, arrays, dynamic_j, static_j, network_j, area_mm2.
Json tile_figures_json(const std::vector<TileFigures>& tiles);

}  // namespace xloop
