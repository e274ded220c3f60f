#pragma once

#include "core/activity.hpp"
#include "core/hardware_kinds.hpp"
#include "systemc_model/cost/cost_table.hpp"

#include <array>
#include <string>
#include <vector>

namespace xloop {

/// A cost table worked out for one piece of hardware.
struct UnitCosts {
    /// One event.
    struct Action {
        double energy_pj = 0;
        std::string origin;  ///< source of the row, or the model with its parameters
    };
    /// One unit of a component (see `unit_of`).
    struct Unit {
        double area_um2 = 0;
        double leakage_uw = 0;
        double refresh_uw = 0;  ///< of DRAM cells
        double clock_pj = 0;    ///< per cycle of its clock, working or not (router, link: the network's clock)
        double latency_ns = 0;  ///< of one action, as the model says; 0: it does not say
        std::string origin;
    };
    std::array<Action, event_count> events;
    std::array<Unit, component_count> components;
    /// Rows whose numbers are for other hardware, each with every key that differs; empty without origins.
    std::vector<OtherHardware> other_hardware;
    /// These rows in words, rows and models outside the range that their sources cover, and latencies that the hardware's
    /// timing does not allow.
    std::vector<std::string> warnings;

    const Action& operator[](Event e) const { return events[static_cast<std::size_t>(e)]; }
    const Unit& operator[](Component c) const { return components[static_cast<std::size_t>(c)]; }
    /// Leakage, refresh and clock of one unit.
    double static_uw(Component component, const HardwareConfig& hardware) const;
    double clock_uw(Component component, const HardwareConfig& hardware) const;
};

enum class CostDetail {
    figures,  ///< origins and `other_hardware` stay empty
    origins,
};

/// Works out every row of a table: numbers as they are (with `per_bits` in proportion to noc.flit_bits), models for this
/// hardware at the table's node, supply and temperature; numbers that are for other hardware by the model that the row names
/// for that, if it does. Wires that cross a tile are as long as its area makes them.
UnitCosts unit_costs(const CostTable& table, const HardwareConfig& hardware, CostDetail detail = CostDetail::origins);

/// The costs of every type of tile of a chip, in the order of HardwareKinds; what tiles share costs as with the base. Warnings
/// and rows for other hardware of another type begin with its name.
std::vector<UnitCosts> type_costs(const CostTable& table, const HardwareKinds& kinds,
                                  CostDetail detail = CostDetail::origins);
/// For layers that use less of their converters than the type has.
UnitCosts costs_of_kind(const UnitCosts& type, const HardwareConfig& kind);

/// What the powers worked out with these costs hold, in one line: "dynamic, leakage, clock; no refresh".
std::string powers_of(const CostTable& table, const UnitCosts& costs);

}  // namespace xloop
