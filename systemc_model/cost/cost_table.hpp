#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"

#include <array>
#include <string>

namespace xloop {

/// What one event costs.
struct EventCost {
    double energy_pj = 0;
    int per_bits = 0;    ///< flit width that the energy is for; 0: it does not depend on the width
    std::string source;  ///< where the figure comes from
};

/// What one unit of a component (see `unit_of`) costs.
struct ComponentCost {
    double area_um2 = 0;
    double leakage_uw = 0;
    int per_bits = 0;    ///< flit width that area and leakage are for; 0: they do not depend on the width
    std::string source;  ///< where the figures come from
};

/// Energy of every event, area and leakage of every component. docs/cost_tables.md describes the file.
struct CostTable {
    std::string name;
    double node_nm = 0;
    std::array<EventCost, event_count> events;
    std::array<ComponentCost, component_count> components;

    const EventCost& operator[](Event e) const { return events[static_cast<std::size_t>(e)]; }
    const ComponentCost& operator[](Component c) const { return components[static_cast<std::size_t>(c)]; }

    /// Energy of one event on this hardware. A row with `per_bits` is scaled linearly to noc.flit_bits.
    double energy_pj(Event event, const HardwareConfig& hardware) const;
    /// Area and leakage of one unit on this hardware, scaled likewise.
    double area_um2(Component component, const HardwareConfig& hardware) const;
    double leakage_uw(Component component, const HardwareConfig& hardware) const;
};

/// Reads a cost table. Throws InputError with file, line and column of every problem: unknown or repeated events,
/// components and keys, values that are negative or not finite, a unit that is not the inventory's, a row without a
/// source, `per_bits` on other rows than the router's, and events or components without a row.
CostTable load_cost_table(const std::string& path);

/// The same for text in memory; `name` stands for the file in messages.
CostTable parse_cost_table(const std::string& text, const std::string& name);

}  // namespace xloop
