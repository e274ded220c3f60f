#pragma once

#include "systemc_model/cost/cost_table.hpp"

#include <array>
#include <map>
#include <string>

namespace xloop {

/// One figure for each class of hardware, in the order of `Component`.
using PerComponent = std::array<double, component_count>;

/// The sum in the order of `Component`: the definition of every total below, so that totals close bit for bit.
double sum_of(const PerComponent& classes);

/// Energy of a run and area of the chip it ran on.
struct Ledger {
    double seconds = 0;  ///< time that the leakage was taken for

    PerComponent dynamic_j{};  ///< energy of the counted events, in J
    PerComponent leakage_j{};  ///< leakage power of all units on the chip x seconds, in J
    PerComponent energy_j{};   ///< dynamic + leakage
    PerComponent area_mm2{};

    double dynamic_total_j = 0;  ///< sum_of(dynamic_j)
    double leakage_total_j = 0;  ///< sum_of(leakage_j)
    double energy_total_j = 0;   ///< sum_of(energy_j); equals dynamic + leakage total up to rounding
    double area_total_mm2 = 0;   ///< sum_of(area_mm2)

    /// Energy of the counted events by instance path; the sum is dynamic_total_j up to rounding. Leakage belongs to
    /// classes only: hardware without any activity has no instance here, but leaks.
    std::map<std::string, double> instance_dynamic_j;
};

/// What an activity that took `seconds` costs on a chip of `tiles` tiles.
/// Throws Error for a time that is negative or not finite and for less than one tile.
Ledger make_ledger(const ActivityRecord& activity, double seconds, const HardwareConfig& hardware, int tiles,
                   const CostTable& table);

}  // namespace xloop
