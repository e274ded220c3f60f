#include "systemc_model/cost/models/array_lines.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

constexpr std::array<double, 4> nodes = {65, 45, 32, 22};
constexpr std::array<double, 4> wire_ff_per_um = {0.274, 0.258, 0.246, 0.239};
constexpr double crosspoint_ff = 0.1;  // NVSim's sample cell

}  // namespace

double local_wire_ff_per_um(const ModelQuery& query) {
    return NodePlace<4>(nodes, query.technology.node_nm)(wire_ff_per_um);
}

CellLines::CellLines(const ModelQuery& query, CellAccess access, double cell_f2, double access_width_um)
    : area_f2(cell_f2) {
    const double node_nm = query.node(nodes.back(), nodes.front());
    pitch_um = std::sqrt(area_f2) * node_nm * 1e-3;
    const double wire_ff = local_wire_ff_per_um(query) * pitch_um;
    switch (access) {
    case CellAccess::with_transistor:
        gate_line_ff = wire_ff + gate_ff_per_um * access_width_um;
        input_line_ff = wire_ff + drain_ff_per_um * access_width_um;
        break;
    case CellAccess::crosspoint: input_line_ff = wire_ff + crosspoint_ff; break;
    case CellAccess::read_transistor: input_line_ff = wire_ff + gate_ff_per_um * access_width_um; break;
    }
}

double row_latency_ns(const HardwareConfig& hardware, const CellLines& lines) {
    const CrossbarConfig& crossbar = hardware.crossbar;
    // ohm x fF = 1e-6 ns
    const double row_ff = crossbar.cols * lines.input_line_ff, row_ohm = crossbar.cols * crossbar.r_wire_row_ohm;
    return 1e-6 * row_ff * std::max(2.2 * crossbar.r_driver_ohm, 0.38 * row_ohm);
}

double nanosiemens_pj(double volts, double nanoseconds) {
    // 1 nS V^2 ns is 1e-6 pJ.
    return 1e-6 * volts * volts * nanoseconds;
}

double read_conductance_pj(const ModelQuery& query) {
    const CrossbarConfig& crossbar = query.hardware.crossbar;
    query.uses("crossbar.read_voltage_v", crossbar.read_voltage_v, "V");
    query.uses("crossbar.read_time_ns", crossbar.read_time_ns, "ns");
    return nanosiemens_pj(crossbar.read_voltage_v / ((1 << query.hardware.dac.bits) - 1), crossbar.read_time_ns);
}

}  // namespace xloop
