#include "systemc_model/cost/ledger.hpp"

#include "core/error.hpp"
#include "systemc_model/cost/energy.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

void add_hardware(Ledger& ledger, const HardwareConfig& hardware, const Inventory& inventory, const UnitCosts& costs) {
    for (std::size_t i = 0; i < component_count; ++i) {
        const auto component = static_cast<Component>(i);
        const auto units = static_cast<double>(inventory.units[i]);
        const StaticEnergy energy = static_j(component, units, ledger.seconds, costs, hardware);
        ledger.leakage_j[i] = energy.leakage_j;
        ledger.refresh_j[i] = energy.refresh_j;
        ledger.clock_j[i] = energy.clock_j;
        ledger.area_mm2[i] = area_mm2(component, units, costs);
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
        ledger.layers[l].dynamic_j = dynamic_j(activity.layers[l], costs);
    for (std::size_t i = 0; i < component_count; ++i) {
        const double unit_j = static_w(static_cast<Component>(i), 1.0, costs, hardware) * ledger.seconds;
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

Ledger ledger_of(const ActivityRecord& activity, double seconds, const HardwareConfig& hardware,
                 const Inventory& inventory, const UnitCosts& costs, const OwnedUnits& owned) {
    if (!std::isfinite(seconds) || seconds < 0)
        throw Error(fmt::format("a ledger needs a finite time of at least 0 s, got {}", seconds));
    Ledger ledger;
    ledger.seconds = seconds;
    // From the integer totals: a class does not depend on how its events are spread over instances.
    ledger.dynamic_j = dynamic_j(activity.total(), costs);
    for (const auto& [path, counters] : activity.instances)
        ledger.instance_dynamic_j[path] = sum_of(dynamic_j(counters, costs));
    add_hardware(ledger, hardware, inventory, costs);
    add_totals(ledger);
    add_layers(ledger, activity, hardware, inventory, costs, owned);
    return ledger;
}

void add(PerComponent& sum, const PerComponent& more) {
    for (std::size_t i = 0; i < component_count; ++i)
        sum[i] += more[i];
}

/// Another kind of hardware of the same chip.
void add(Ledger& sum, const Ledger& more) {
    for (PerComponent Ledger::*part :
         {&Ledger::dynamic_j, &Ledger::leakage_j, &Ledger::refresh_j, &Ledger::clock_j, &Ledger::area_mm2})
        add(sum.*part, more.*part);
    for (const auto& [path, energy] : more.instance_dynamic_j)
        sum.instance_dynamic_j[path] += energy;
    sum.layers.resize(std::max(sum.layers.size(), more.layers.size()));
    for (std::size_t l = 0; l < more.layers.size(); ++l) {
        add(sum.layers[l].dynamic_j, more.layers[l].dynamic_j);
        add(sum.layers[l].static_j, more.layers[l].static_j);
    }
}

/// What layers on tiles of a type own.
OwnedUnits owned_of_type(const OwnedUnits& owned, const HardwareKinds& kinds, int type) {
    OwnedUnits own = owned;
    for (std::size_t l = 0; l + 1 < own.size(); ++l)
        if (kinds.type_of_layer(static_cast<int>(l)) != type)
            own[l] = {};
    return own;
}

}  // namespace

Ledger make_ledger(const ActivityRecord& activity, double seconds, const HardwareConfig& hardware,
                   const ChipShape& chip, const UnitCosts& costs, const OwnedUnits& owned) {
    return ledger_of(activity, seconds, hardware, make_inventory(hardware, chip), costs, owned);
}

Ledger make_ledger(const ActivityRecord& activity, double seconds, const HardwareKinds& kinds, const ChipShape& chip,
                   const std::vector<UnitCosts>& types, const OwnedUnits& owned) {
    if (activity.kinds.empty())
        return make_ledger(activity, seconds, kinds[0], chip, types.front(), owned);
    Ledger ledger;
    ledger.seconds = seconds;
    for (int kind = 0; kind < kinds.count(); ++kind) {
        const UnitCosts& of_type = types[static_cast<std::size_t>(kinds.type_of(kind))];
        const ActivityRecord& events = activity.kinds[static_cast<std::size_t>(kind)];
        if (kind < kinds.types())
            add(ledger, ledger_of(events, seconds, kinds[kind], inventory_of_type(kinds, kind, chip), of_type,
                                  owned_of_type(owned, kinds, kind)));
        else
            add(ledger, ledger_of(events, seconds, kinds[kind], {}, costs_of_kind(of_type, kinds[kind]), {}));
    }
    add_totals(ledger);
    return ledger;
}

std::vector<PerComponent> image_energy(const Ledger& ledger, std::vector<PerComponent> data_j) {
    PerComponent alike = ledger.energy_j;
    for (const PerComponent& image : data_j)
        for (std::size_t c = 0; c < component_count; ++c)
            alike[c] -= image[c];
    for (PerComponent& image : data_j)
        for (std::size_t c = 0; c < component_count; ++c)
            image[c] += alike[c] / static_cast<double>(data_j.size());
    return data_j;
}

}  // namespace xloop
