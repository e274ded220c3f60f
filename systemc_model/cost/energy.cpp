#include "systemc_model/cost/energy.hpp"

namespace xloop {
namespace {

constexpr double joule_per_pj = 1e-12;
constexpr double watt_per_uw = 1e-6;
constexpr double mm2_per_um2 = 1e-6;

}  // namespace

PerComponent dynamic_j(const PerEvent& counts, const UnitCosts& costs) {
    PerComponent energy{};
    for (std::size_t e = 0; e < event_count; ++e)
        energy[static_cast<std::size_t>(component_of(static_cast<Event>(e)))] +=
            counts[e] * costs.events[e].energy_pj * joule_per_pj;
    return energy;
}

PerComponent dynamic_j(const Counters& counters, const UnitCosts& costs) {
    PerEvent counts;
    for (std::size_t e = 0; e < event_count; ++e)
        counts[e] = static_cast<double>(counters.events[e]);
    return dynamic_j(counts, costs);
}

StaticEnergy static_j(Component component, double units, double seconds, const UnitCosts& costs,
                      const HardwareConfig& hardware) {
    const UnitCosts::Unit& unit = costs[component];
    const double unit_seconds = units * watt_per_uw * seconds;
    return {unit_seconds * unit.leakage_uw, unit_seconds * unit.refresh_uw,
            unit_seconds * costs.clock_uw(component, hardware)};
}

double static_w(Component component, double units, const UnitCosts& costs, const HardwareConfig& hardware) {
    return units * watt_per_uw * costs.static_uw(component, hardware);
}

PerComponent static_w(const Inventory& inventory, const UnitCosts& costs, const HardwareConfig& hardware) {
    PerComponent watts{};
    for (std::size_t c = 0; c < component_count; ++c)
        watts[c] = static_w(static_cast<Component>(c), static_cast<double>(inventory.units[c]), costs, hardware);
    return watts;
}

PerComponent static_w(const HardwareKinds& kinds, const ChipShape& chip, const std::vector<UnitCosts>& types) {
    PerComponent watts{};
    for (int type = 0; type < kinds.types(); ++type) {
        const PerComponent of_type =
            static_w(inventory_of_type(kinds, type, chip), types[static_cast<std::size_t>(type)], kinds[type]);
        for (std::size_t c = 0; c < component_count; ++c)
            watts[c] += of_type[c];
    }
    return watts;
}

double area_mm2(Component component, double units, const UnitCosts& costs) {
    return units * costs[component].area_um2 * mm2_per_um2;
}

}  // namespace xloop
