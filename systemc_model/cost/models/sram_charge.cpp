#include "systemc_model/cost/models/array_lines.hpp"
#include "systemc_model/cost/models/memory.hpp"
#include "systemc_model/cost/models/wires.hpp"

// SRAM cells whose product is a charge on a capacitor of their own, which a column shares or sums. No current flows, so
// `cell_read` has the energy and `read_conductance` none.
namespace xloop {
namespace {

enum Parameter : std::size_t { area_f2_, capacitor_ff_ };

Figures sram_charge(const ModelQuery& query) {
    if (query.hardware.device.kind != DeviceKind::sram)
        query.remark("figures are those of SRAM cells; model cell_array has those of resistive ones");
    const double supply = query.technology.supply_v;
    const CellLines lines(query, CellAccess::read_transistor, query.parameter(area_f2_), 0.1);
    query.uses("area of a cell", lines.area_f2, "F2", 120, 4000);
    constexpr double bytes = 65536;
    Figures figures;
    figures.area_um2 = lines.pitch_um * lines.pitch_um;
    figures.leakage_uw = memory_of(query, MemoryKind::low_standby, bytes, 256).leakage_uw / (8 * bytes);
    figures.latency_ns = row_latency_ns(query.hardware, lines);
    if (query.event == Event::cell_read) {
        query.uses("capacitor", query.parameter(capacitor_ff_), "fF");
        figures.energy_pj = 1e-3 * random_data * query.parameter(capacitor_ff_) * supply * supply;
    }
    return figures;
}

}  // namespace

CostModel sram_charge_model() {
    return {
        "sram_charge",
        {Component::crossbar},
        sram_charge,
        {{"area_f2", "F2", 290, 1, 10000, "area of a cell with its product and the capacitor above it"},
         {"capacitor_ff", "fF", 1.2, 0.01, 1000, "of a cell"}},
        "read: C V^2 of each cell for a quarter of the reads (random products: half differ from the one before, half "
        "of these draw from the supply); area: CACTI 7's 6T cell of 146 F2 x 2; capacitor: our estimate, a metal "
        "finger capacitor over the cell; leakage as model sram_array"};
}

}  // namespace xloop
