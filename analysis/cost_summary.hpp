#pragma once

#include "core/chip_shape.hpp"
#include "core/hardware_config.hpp"
#include "systemc_model/cost/cost_table.hpp"
#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/nameplate.hpp"
#include "systemc_model/cost/unit_costs.hpp"

#include <string>

namespace xloop {

/// A cost table worked out for one piece of hardware, with what it makes of a whole chip.
struct CostReport {
    std::string table_name;
    std::string powers;  ///< what they hold
    double node_nm = 0;
    int tiles = 0;
    std::string type;                      ///< of the tiles; empty where there is one
    std::vector<std::string> other_types;  ///< of the same chip
    UnitCosts costs;
    Inventory tile_units, chip_units;
    Nameplate nameplate;
    double peak_operations_per_s = 0;

    double peak_tops() const { return 1e-12 * peak_operations_per_s; }
    /// 0 for a table without power, or without area.
    double tops_per_watt() const { return per(nameplate.chip.power_total_w()); }
    double tops_per_mm2() const { return per(nameplate.chip.area_total_mm2()); }

private:
    double per(double amount) const { return amount > 0 ? peak_tops() / amount : 0.0; }
};

CostReport make_cost_report(const CostTable& table, const HardwareConfig& hardware, const ChipShape& chip,
                            const NameplateAssumptions& assumed);

}  // namespace xloop
