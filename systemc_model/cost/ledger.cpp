#include "systemc_model/cost/ledger.hpp"

#include "core/error.hpp"
#include "systemc_model/cost/inventory.hpp"

#include <fmt/format.h>
#include <cmath>

namespace xloop {
namespace {

constexpr double joule_per_pj = 1e-12;
constexpr double watt_per_uw = 1e-6;
constexpr double mm2_per_um2 = 1e-6;

PerComponent dynamic_energy(const Counters& counters, const UnitCosts& costs) {
    PerComponent energy{};
    for (std::size_t i = 0; i < event_count; ++i) {
        const auto component = static_cast<std::size_t>(component_of(static_cast<Event>(i)));
        energy[component] += static_cast<double>(counters.events[i]) * costs.events[i].energy_pj * joule_per_pj;
    }
    return energy;
}

void add_hardware(Ledger& ledger, const HardwareConfig& hardware, const Inventory& inventory, const UnitCosts& costs) {
    for (std::size_t i = 0; i < component_count; ++i) {
        const UnitCosts::Unit& unit = costs.components[i];
        const auto units = static_cast<double>(inventory.units[i]);
        const double unit_seconds = units * watt_per_uw * ledger.seconds;
        ledger.area_mm2[i] = units * unit.area_um2 * mm2_per_um2;
        ledger.leakage_j[i] = unit_seconds * unit.leakage_uw;
        ledger.refresh_j[i] = unit_seconds * unit.refresh_uw;
        ledger.clock_j[i] = unit_seconds * costs.clock_uw(static_cast<Component>(i), hardware);
    }
}

void add_totals(Ledger& ledger) {
    for (std::size_t i = 0; i < component_count; ++i)
        ledger.energy_j[i] = ledger.dynamic_j[i] + ledger.leakage_j[i] + ledger.refresh_j[i] + ledger.clock_j[i];
    ledger.dynamic_total_j = sum_of(ledger.dynamic_j);
    ledger.leakage_total_j = sum_of(ledger.leakage_j);
    ledger.refresh_total_j = sum_of(ledger.refresh_j);
    ledger.clock_total_j = sum_of(ledger.clock_j);
    ledger.energy_total_j = sum_of(ledger.energy_j);
    ledger.area_total_mm2 = sum_of(ledger.area_mm2);
}

void add_layers(Ledger& ledger, const ActivityRecord& activity, const HardwareConfig& hardware,
                const Inventory& inventory, const UnitCosts& costs, const OwnedUnits& owned) {
    if (activity.layers.empty())
        return;
    ledger.layers.resize(activity.layers.size() + 1);
    for (std::size_t l = 0; l < activity.layers.size(); ++l)
        ledger.layers[l].dynamic_j = dynamic_energy(activity.layers[l], costs);
    for (std::size_t i = 0; i < component_count; ++i) {
        const double unit_j = costs.static_uw(static_cast<Component>(i), hardware) * watt_per_uw * ledger.seconds;
        auto left = static_cast<double>(inventory.units[i]);
        for (std::size_t l = 0; l < owned.size(); ++l) {
            ledger.layers.at(l).static_j[i] = owned[l][i] * unit_j;
            left -= owned[l][i];
        }
        if (left < -1e-9 * static_cast<double>(inventory.units[i]))
            throw Error(
                fmt::format("layers own more units of `{}` than the chip has", name_of(static_cast<Component>(i))));
        ledger.layers.back().static_j[i] = left * unit_j;
    }
}

}  // namespace

double sum_of(const PerComponent& classes) {
    double sum = 0;
    for (double value : classes)
        sum += value;
    return sum;
}

Ledger make_ledger(const ActivityRecord& activity, double seconds, const HardwareConfig& hardware,
                   const ChipShape& chip, const UnitCosts& costs, const OwnedUnits& owned) {
    if (!std::isfinite(seconds) || seconds < 0)
        throw Error(fmt::format("a ledger needs a finite time of at least 0 s, got {}", seconds));
    const Inventory inventory = make_inventory(hardware, chip);
    Ledger ledger;
    ledger.seconds = seconds;
    // From the integer totals: a class does not depend on how its events are spread over instances.
    ledger.dynamic_j = dynamic_energy(activity.total(), costs);
    for (const auto& [path, counters] : activity.instances)
        ledger.instance_dynamic_j[path] = sum_of(dynamic_energy(counters, costs));
    add_hardware(ledger, hardware, inventory, costs);
    add_totals(ledger);
    add_layers(ledger, activity, hardware, inventory, costs, owned);
    return ledger;
}

std::vector<PerComponent> image_energy(const Ledger& ledger, const std::vector<Counters>& image_data,
                                       const UnitCosts& costs) {
    std::vector<PerComponent> images;
    PerComponent alike = ledger.energy_j;
    for (const Counters& data : image_data) {
        images.push_back(dynamic_energy(data, costs));
        for (std::size_t c = 0; c < component_count; ++c)
            alike[c] -= images.back()[c];
    }
    for (PerComponent& image : images)
        for (std::size_t c = 0; c < component_count; ++c)
            image[c] += alike[c] / static_cast<double>(images.size());
    return images;
}

}  // namespace xloop
