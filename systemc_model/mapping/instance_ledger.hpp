#pragma once

#include "systemc_model/cost/ledger.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <string>
#include <vector>

namespace xloop {

/// What one instance of the chip costs in a run.
struct InstanceCost {
    std::string path;  ///< "chip.tile_0_1.pe_2.xbar_3"
    double dynamic_j = 0, leakage_j = 0, refresh_j = 0, clock_j = 0;
    double area_mm2 = 0;
};

/// Every instance of the chip, used or not, in the order tiles, network, i/o: an array with its row drivers, sample-and-hold,
/// multiplexers, converters and adders; the two registers of a processing element; the parts of a tile; a router with the
/// links that leave it. `types`: the costs of each type of tile. The sums are those of `ledger` up to rounding. Throws Error when the ledger has an instance with
/// activity that the chip does not have.
std::vector<InstanceCost> instance_ledger(const Ledger& ledger, const MappedNetwork& network,
                                          const std::vector<UnitCosts>& types);

/// CSV with header: instance,dynamic_j,leakage_j,refresh_j,clock_j,total_j,area_mm2.
std::string instance_csv(const std::vector<InstanceCost>& instances);

}  // namespace xloop
