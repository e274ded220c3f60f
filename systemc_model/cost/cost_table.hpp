#pragma once

#include "core/activity.hpp"
#include "systemc_model/cost/node_scaling.hpp"
#include "systemc_model/cost/row_hardware.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

struct CostModel;

/// A model with its parameters, in its order.
struct ModelUse {
    const CostModel* model = nullptr;
    std::vector<double> parameters;
};

/// Where the figures of a row come from: numbers with their source, or a model that works them out for the hardware.
struct CostOrigin {
    std::string source;  ///< of the numbers; with a model: why this one
    int per_bits = 0;    ///< flit width that the numbers are for; 0: they do not depend on the width
    ModelUse use;        ///< what works the figures out; null: numbers
    ModelUse otherwise;  ///< what works them out on hardware that the numbers are not for; null: the numbers stay
    std::vector<RowDemand> demands;  ///< what the numbers are for; what they hold for in general is left out
    std::string remark;              ///< a fault of the row itself, such as another node than the table's; mostly empty
    /// How uncertain the figures are: 90 % of true ones are within this factor of them, up and down; 1: not stated. Energy of an
    /// event; area and static power (leakage, refresh, clock) of a component.
    double within = 1, area_within = 1, power_within = 1;
    std::string within_source;  ///< where the factors come from
};

/// What one event costs.
struct EventCost {
    double energy_pj = 0;
    CostOrigin origin;
};

/// What one unit of a component (see `unit_of`) costs. With a model, numbers that are set replace its figures; without,
/// those that are not set are 0.
struct ComponentCost {
    std::optional<double> area_um2;
    std::optional<double> leakage_uw;
    std::optional<double> refresh_uw;
    std::optional<double> clock_pj;    ///< per cycle, working or not
    std::optional<double> latency_ns;  ///< of one action; 0: not known
    CostOrigin origin;
};

/// Energy of every event, area and static power of every component, as numbers at the table's node or as models of it.
/// docs/cost_tables.md describes the file.
struct CostTable {
    std::string name;
    std::string powers;  ///< what the figures of its sources hold besides, such as leakage; empty: nothing to tell
    double node_nm = 0;
    double supply_v = 0;
    double temperature_k = 0;
    std::array<EventCost, event_count> events;
    std::array<ComponentCost, component_count> components;

    const EventCost& operator[](Event e) const { return events[static_cast<std::size_t>(e)]; }
    const ComponentCost& operator[](Component c) const { return components[static_cast<std::size_t>(c)]; }
    Technology technology() const { return {node_nm, supply_v}; }
};

/// Reads a cost table. Numbers of rows for another node are scaled to the table's here. Throws InputError with file,
/// line and column of every problem: unknown or repeated events, components, models, parameters and keys, values that
/// are negative or not finite, a unit that is not the inventory's, a row without a source, `per_bits` on other rows
/// than the router's, numbers that do not state the hardware they are for, and events or components without a row.
CostTable load_cost_table(const std::string& path);

/// The same for text in memory; `name` stands for the file in messages.
CostTable parse_cost_table(const std::string& text, const std::string& name);

}  // namespace xloop
