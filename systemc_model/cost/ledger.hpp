#pragma once

#include "core/activity.hpp"
#include "core/chip_shape.hpp"
#include "core/hardware_config.hpp"
#include "systemc_model/cost/unit_costs.hpp"

#include <map>
#include <string>
#include <vector>

namespace xloop {

/// Energy of a run and area of the chip it ran on. Energies in J, area in mm2.
struct Ledger {
    /// What a layer is charged.
    struct Layer {
        PerComponent dynamic_j{};
        PerComponent static_j{};  ///< of the hardware that it occupies, all through the run
        double total_j() const { return sum_of(dynamic_j) + sum_of(static_j); }
    };

    double seconds = 0;  ///< time that leakage, refresh and clock were taken for

    PerComponent dynamic_j{};  ///< energy of the counted events
    PerComponent leakage_j{};  ///< leakage power of all units on the chip x seconds
    PerComponent refresh_j{};  ///< of DRAM cells
    PerComponent clock_j{};    ///< of clocked circuits, working or not
    PerComponent energy_j{};   ///< the four together
    PerComponent area_mm2{};

    double dynamic_total_j = 0, leakage_total_j = 0, refresh_total_j = 0, clock_total_j = 0;
    double energy_total_j = 0;  ///< sum_of(energy_j); equals the four totals' sum up to rounding
    double area_total_mm2 = 0;  ///< sum_of(area_mm2)

    /// Energy of the counted events by instance path; the sum is dynamic_total_j up to rounding.
    std::map<std::string, double> instance_dynamic_j;
    /// The layers of the activity record, then what belongs to none of them: unused arrays and tiles, routers, links, i/o.
    /// The sum is energy_total_j up to rounding. Empty when the record has no layers.
    std::vector<Layer> layers;

    double static_total_j() const { return leakage_total_j + refresh_total_j + clock_total_j; }
    double static_power_w() const { return seconds > 0 ? static_total_j() / seconds : 0.0; }
};

/// Units of each class that belong to each layer of an activity record (fractions where layers share them).
using OwnedUnits = std::vector<PerComponent>;

/// What an activity that took `seconds` costs on a chip. Throws Error for a time that is negative or not finite, for less
/// than one tile, and where layers own more units than there are.
Ledger make_ledger(const ActivityRecord& activity, double seconds, const HardwareConfig& hardware,
                   const ChipShape& chip, const UnitCosts& costs, const OwnedUnits& owned = {});

/// The same on a chip of several kinds of hardware; `types`: type_costs.
Ledger make_ledger(const ActivityRecord& activity, double seconds, const HardwareKinds& kinds, const ChipShape& chip,
                   const std::vector<UnitCosts>& types, const OwnedUnits& owned = {});

/// Energy of each image of a run, by class; sums to ledger.energy_j up to rounding. An image has its own events that depend
/// on data (`data_j`: their energy, one entry for each image) and an equal share of all else.
std::vector<PerComponent> image_energy(const Ledger& ledger, std::vector<PerComponent> data_j);

}  // namespace xloop
