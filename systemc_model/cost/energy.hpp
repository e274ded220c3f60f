#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/unit_costs.hpp"

#include <vector>

namespace xloop {

/// J of each class that events take: the one place where a count meets what one event costs.
PerComponent dynamic_j(const PerEvent& counts, const UnitCosts& costs);
PerComponent dynamic_j(const Counters& counters, const UnitCosts& costs);

/// The same item by item.
template <class Counts>
std::vector<PerComponent> dynamic_j(const std::vector<Counts>& items, const UnitCosts& costs) {
    std::vector<PerComponent> energies;
    for (const Counts& counts : items)
        energies.push_back(dynamic_j(counts, costs));
    return energies;
}

/// J that `units` of a class take in some time whether they work or not.
struct StaticEnergy {
    double leakage_j = 0, refresh_j = 0, clock_j = 0;
};
StaticEnergy static_j(Component component, double units, double seconds, const UnitCosts& costs,
                      const HardwareConfig& hardware);

/// W that `units` of a class take all the time: leakage, refresh and clock.
double static_w(Component component, double units, const UnitCosts& costs, const HardwareConfig& hardware);
/// The same of each class of a chip.
PerComponent static_w(const Inventory& inventory, const UnitCosts& costs, const HardwareConfig& hardware);
PerComponent static_w(const HardwareKinds& kinds, const ChipShape& chip, const std::vector<UnitCosts>& types);

/// mm2 of `units` of a class.
double area_mm2(Component component, double units, const UnitCosts& costs);

}  // namespace xloop
