#include "analysis/cost_summary.hpp"

#include "systemc_model/mapping/peak_throughput.hpp"

namespace xloop {

CostReport make_cost_report(const CostTable& table, const HardwareConfig& hardware, const ChipShape& chip,
                            const NameplateAssumptions& assumed) {
    CostReport report;
    report.table_name = table.name;
    report.node_nm = table.node_nm;
    report.tiles = chip.tiles;
    report.costs = unit_costs(table, hardware);
    report.powers = powers_of(table, report.costs);
    report.tile_units = tile_inventory(hardware);
    report.chip_units = make_inventory(hardware, chip);
    report.nameplate = make_nameplate(hardware, chip, report.costs, assumed);
    report.peak_operations_per_s = peak_operations_per_s(hardware, chip.tiles);
    return report;
}

}  // namespace xloop
