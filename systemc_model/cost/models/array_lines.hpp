#pragma once

#include "systemc_model/cost/models/cost_model.hpp"

namespace xloop {

/// What the input of a row drives in each cell: a source line beside a word line with the gate of an access transistor, the
/// devices themselves, or the gate of a read transistor.
enum class CellAccess { with_transistor, crosspoint, read_transistor };

/// Capacitance of local wires at the query's node in fF/um: our runs of CACTI 7, conservative, 2.5 F pitch.
double local_wire_ff_per_um(const ModelQuery& query);
/// Gate and drain of transistors: DSENT 0.91.
constexpr double gate_ff_per_um = 0.95, drain_ff_per_um = 0.62;

/// Lines of an array at one cell, a square of `area_f2` squares of the node. Remarks on nodes outside 22 ... 65 nm.
struct CellLines {
    CellLines(const ModelQuery& query, CellAccess access, double cell_f2, double access_width_um);

    double area_f2, pitch_um;
    double gate_line_ff = 0, input_line_ff = 0;  ///< of one cell
};

/// The slower end of a row: driver and whole line, or the line's own distributed delay.
double row_latency_ns(const HardwareConfig& hardware, const CellLines& lines);

/// V^2 G t of one nanosiemens.
double nanosiemens_pj(double volts, double nanoseconds);
/// That of a digit 1 for the time of a read.
double read_conductance_pj(const ModelQuery& query);

CostModel sram_array_model();
CostModel sram_charge_model();

}  // namespace xloop
