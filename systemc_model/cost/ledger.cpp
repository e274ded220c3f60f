#include "systemc_model/cost/ledger.hpp"

#include "core/error.hpp"
#include "systemc_model/cost/inventory.hpp"

#include <cmath>
#include <fmt/format.h>

namespace xloop {
namespace {

constexpr double joule_per_pj = 1e-12;
constexpr double watt_per_uw = 1e-6;
constexpr double mm2_per_um2 = 1e-6;

PerComponent dynamic_energy(const Counters& counters, const HardwareConfig& hardware, const CostTable& table) {
    PerComponent energy{};
    for (std::size_t i = 0; i < event_count; ++i) {
        const auto event = static_cast<Event>(i);
        const auto component = static_cast<std::size_t>(component_of(event));
        energy[component] += static_cast<double>(counters[event]) * table.energy_pj(event, hardware) * joule_per_pj;
    }
    return energy;
}

void add_hardware(Ledger& ledger, const HardwareConfig& hardware, int tiles, const CostTable& table) {
    const Inventory inventory = make_inventory(hardware, tiles);
    for (std::size_t i = 0; i < component_count; ++i) {
        const auto component = static_cast<Component>(i);
        const auto units = static_cast<double>(inventory[component]);
        ledger.area_mm2[i] = units * table.area_um2(component, hardware) * mm2_per_um2;
        ledger.leakage_j[i] = units * table.leakage_uw(component, hardware) * watt_per_uw * ledger.seconds;
    }
}

void add_totals(Ledger& ledger) {
    for (std::size_t i = 0; i < component_count; ++i)
        ledger.energy_j[i] = ledger.dynamic_j[i] + ledger.leakage_j[i];
    ledger.dynamic_total_j = sum_of(ledger.dynamic_j);
    ledger.leakage_total_j = sum_of(ledger.leakage_j);
    ledger.energy_total_j = sum_of(ledger.energy_j);
    ledger.area_total_mm2 = sum_of(ledger.area_mm2);
}

}  // namespace

double sum_of(const PerComponent& classes) {
    double sum = 0;
    for (double value : classes)
        sum += value;
    return sum;
}

Ledger make_ledger(const ActivityRecord& activity, double seconds, const HardwareConfig& hardware, int tiles,
                   const CostTable& table) {
    if (!std::isfinite(seconds) || seconds < 0)
        throw Error(fmt::format("a ledger needs a finite time of at least 0 s, got {}", seconds));
    Ledger ledger;
    ledger.seconds = seconds;
    // From the integer totals: a class does not depend on how its events are spread over instances.
    ledger.dynamic_j = dynamic_energy(activity.total(), hardware, table);
    for (const auto& [path, counters] : activity.instances)
        ledger.instance_dynamic_j[path] = sum_of(dynamic_energy(counters, hardware, table));
    add_hardware(ledger, hardware, tiles, table);
    add_totals(ledger);
    return ledger;
}

}  // namespace xloop
