#include "systemc_model/cost/unit_costs.hpp"

namespace xloop {

UnitCosts unit_costs(const CostTable& table, const HardwareConfig& hardware) {
    UnitCosts costs;
    for (std::size_t e = 0; e < event_count; ++e) {
        const auto event = static_cast<Event>(e);
        costs.events[e] = {table.energy_pj(event, hardware), table[event].source};
    }
    for (std::size_t c = 0; c < component_count; ++c) {
        const auto component = static_cast<Component>(c);
        costs.components[c].area_um2 = table.area_um2(component, hardware);
        costs.components[c].leakage_uw = table.leakage_uw(component, hardware);
        costs.components[c].origin = table[component].source;
    }
    return costs;
}

double UnitCosts::clock_uw(Component component, const HardwareConfig& hardware) const {
    const bool network = component == Component::router || component == Component::link;
    // pJ x GHz = mW
    return (*this)[component].clock_pj * (network ? hardware.noc_clock_ghz() : hardware.clock.frequency_ghz) * 1e3;
}

double UnitCosts::static_uw(Component component, const HardwareConfig& hardware) const {
    const Unit& unit = (*this)[component];
    return unit.leakage_uw + unit.refresh_uw + clock_uw(component, hardware);
}

}  // namespace xloop
