#include "systemc_model/cost/models/array_lines.hpp"
#include "systemc_model/cost/models/memory.hpp"

namespace xloop {
namespace {

enum Parameter : std::size_t { area_f2_, access_width_um_ };

/// A write swings one of a cell's two bit lines, which all rows load, and its two gates of the write word line.
double write_pj(const ModelQuery& query, double wire_ff, double width_um) {
    const double bit_line_ff = query.hardware.crossbar.rows * (wire_ff + drain_ff_per_um * width_um),
                 word_line_ff = wire_ff + 2 * gate_ff_per_um * width_um;
    return 1e-3 * (bit_line_ff + word_line_ff) * query.technology.supply_v * query.technology.supply_v;
}

/// Leakage of a cell: its share of a whole memory of low-standby cells.
double leakage_uw(const ModelQuery& query) {
    constexpr double bytes = 65536;
    return memory_of(query, MemoryKind::low_standby, bytes, 256).leakage_uw / (8 * bytes);
}

Figures sram_array(const ModelQuery& query) {
    if (query.hardware.device.kind != DeviceKind::sram)
        query.remark("figures are those of SRAM cells; model cell_array has those of resistive ones");
    const double width_um = query.parameter(access_width_um_);
    const CellLines lines(query, CellAccess::read_transistor, query.parameter(area_f2_), width_um);
    query.uses("area of a cell", lines.area_f2, "F2", 120, 400);
    Figures figures;
    figures.area_um2 = lines.pitch_um * lines.pitch_um;
    figures.leakage_uw = leakage_uw(query);
    figures.latency_ns = row_latency_ns(query.hardware, lines);
    if (query.event == Event::read_conductance)
        figures.energy_pj = read_conductance_pj(query);
    else if (query.event == Event::cell_write)
        figures.energy_pj = write_pj(query, local_wire_ff_per_um(query) * lines.pitch_um, width_um);
    return figures;
}

}  // namespace

CostModel sram_array_model() {
    return {"sram_array",
            {Component::crossbar},
            sram_array,
            {{"area_f2", "F2", 206, 1, 10000, "area of a cell, its read port included"},
             {"access_width_um", "um", 0.1, 0.01, 10, "width of the access and read transistors"}},
            "read: V^2 G t of the current that the cell sinks; write: C V^2 of a bit line and two gates; area: CACTI "
            "7's 6T "
            "cell of 146 F2 x 1.41, the 8T1C cell over a 6T one in MC2-RAM (ISLPED 2021, 65 nm); leakage: that of our "
            "CACTI 7 runs of 64 KB with low-standby devices, by bit"};
}

}  // namespace xloop
