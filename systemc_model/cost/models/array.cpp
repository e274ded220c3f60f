#include "systemc_model/cost/models/gates.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// Capacitance of local wires in fF/um: our runs of CACTI 7, conservative, 2.5 F pitch. Gate and drain of transistors:
/// DSENT 0.91.
constexpr std::array<double, 4> nodes = {65, 45, 32, 22};
constexpr std::array<double, 4> wire_ff_per_um = {0.274, 0.258, 0.246, 0.239};
constexpr double gate_ff_per_um = 0.95, drain_ff_per_um = 0.62;
constexpr double crosspoint_ff = 0.1;  // NVSim's sample cell

/// The cell as far as its lines are concerned; both array models have these parameters first.
enum CellParameter : std::size_t { cell_, area_f2_, access_width_um_ };
enum CellKind { with_transistor, crosspoint };

struct CellLines {
    explicit CellLines(const ModelQuery& query) {
        const double node_nm = query.node(nodes.back(), nodes.front());
        area_f2 = query.parameter(area_f2_);
        pitch_um = std::sqrt(area_f2) * node_nm * 1e-3;
        has_transistor = query.parameter(cell_) == with_transistor;
        const double wire_ff = NodePlace<4>(nodes, node_nm)(wire_ff_per_um) * pitch_um;
        const double width_um = query.parameter(access_width_um_);
        gate_line_ff = has_transistor ? wire_ff + gate_ff_per_um * width_um : 0;
        input_line_ff = wire_ff + (has_transistor ? drain_ff_per_um * width_um : crosspoint_ff);
    }
    double area_f2 = 0, pitch_um = 0;
    bool has_transistor = true;
    double gate_line_ff = 0, input_line_ff = 0;  ///< of one cell
};

std::vector<ModelParameter> cell_parameters() {
    return {{"cell", "", with_transistor, 0, 1, "with an access transistor, or none", {"1t1r", "crosspoint"}},
            {"area_f2", "F2", 40, 1, 1000, "area of a cell"},
            {"access_width_um", "um", 0.1, 0.01, 10, "width of the access transistor"}};
}

double read_voltage_of_digit_one(const HardwareConfig& hardware) {
    return hardware.crossbar.read_voltage_v / ((1 << hardware.dac.bits) - 1);
}

/// V^2 G t of one nanosiemens: 1 nS V^2 ns is 1e-6 pJ.
double nanosiemens_pj(double volts, double nanoseconds) { return 1e-6 * volts * volts * nanoseconds; }

enum WriteParameter : std::size_t { write_voltage_v_ = 3, write_current_ua_, pulse_ns_, pulses_, conversion_pj_ };

/// Pulses and, after each, a read of the cell at mean conductance and a conversion.
double write_pj(const ModelQuery& query) {
    const HardwareConfig& hardware = query.hardware;
    const double cell_bits = hardware.cell_bits();
    query.uses("bits of a cell", cell_bits, "", 1, 4);
    const double pulses = query.parameter(pulses_) > 0 ? query.parameter(pulses_) : 2.5 * cell_bits;
    const double pulse_ns = query.parameter(pulse_ns_);
    query.uses("pulses", pulses, "");
    if (pulses * pulse_ns > hardware.crossbar.write_time_ns)
        query.remark("crossbar.write_time_ns is shorter than the pulses of one cell");
    const double pulse_pj = 1e-3 * query.parameter(write_voltage_v_) * query.parameter(write_current_ua_) * pulse_ns;
    const double mean_ns = 1e9 * (hardware.device.g_on() + hardware.device.g_off()) / 2;
    const double verify_pj =
        mean_ns * nanosiemens_pj(hardware.crossbar.read_voltage_v, hardware.crossbar.read_time_ns) +
        query.parameter(conversion_pj_);
    return pulses * (pulse_pj + verify_pj);
}

Figures cell_array(const ModelQuery& query) {
    const HardwareConfig& hardware = query.hardware;
    const CrossbarConfig& crossbar = hardware.crossbar;
    const CellLines lines(query);
    query.uses("area of a cell", lines.area_f2, "F2", 4, 130);
    Figures figures;
    figures.area_um2 = lines.pitch_um * lines.pitch_um;
    // The slower end of a row: driver and whole line, or the line's own distributed delay; ohm x fF = 1e-6 ns.
    const double row_ff = crossbar.cols * lines.input_line_ff, row_ohm = crossbar.cols * crossbar.r_wire_row_ohm;
    figures.latency_ns = 1e-6 * row_ff * std::max(2.2 * crossbar.r_driver_ohm, 0.38 * row_ohm);
    if (query.event == Event::read_conductance) {
        query.uses("crossbar.read_voltage_v", crossbar.read_voltage_v, "V");
        query.uses("crossbar.read_time_ns", crossbar.read_time_ns, "ns");
        figures.energy_pj = nanosiemens_pj(read_voltage_of_digit_one(hardware), crossbar.read_time_ns);
    } else if (query.event == Event::cell_write) {
        figures.energy_pj = write_pj(query);
    }
    return figures;
}

enum DriverParameter : std::size_t { word_line_v_ = 3 };

/// row_drive: the word line of a row, from 0 V to full swing, and the choice of the row's digit in a multiplexer.
/// row_pulse: the input line from 0 V to the read voltage, charged from the supply, and a DAC of more than one bit.
Figures row_driver(const ModelQuery& query) {
    const HardwareConfig& hardware = query.hardware;
    const CellLines lines(query);
    const Gates gates(query, 1);
    const double columns = hardware.crossbar.cols, supply = query.technology.supply_v;
    const double dac_bits = hardware.dac.bits;
    Figures figures;
    if (query.event == Event::row_drive) {
        const double word_line_v = query.parameter(word_line_v_);
        query.uses("word line", columns * lines.gate_line_ff, "fF");
        figures.energy_pj = 1e-3 * (columns * lines.gate_line_ff * word_line_v * word_line_v +
                                    dac_bits * 8 * gates.mux_input.energy_fj);
    } else {
        const double volts = hardware.crossbar.read_voltage_v;
        query.uses("input line", columns * lines.input_line_ff, "fF");
        const double dac_fj = dac_bits > 1 ? 50 * dac_bits * supply * supply : 0;
        figures.energy_pj = 1e-3 * (columns * lines.input_line_ff * volts * std::max(volts, supply) + dac_fj);
    }
    // The DAC of BRAHMS (8 bits, 40 nm, 438 um2) by bits where there is one; an 8:1 multiplexer for each bit.
    const double dac_um2 =
        dac_bits > 1 ? 438.0 / 8 * dac_bits * stillmaker_baas_2017({40, 1.0}, query.technology).area : 0;
    figures.area_um2 = dac_bits * 8 * gates.mux_input.area_um2 + dac_um2;
    return figures;
}

}  // namespace

std::vector<CostModel> array_models() {
    std::vector<ModelParameter> cell = cell_parameters(), driver = cell_parameters();
    for (const ModelParameter& parameter :
         {ModelParameter{"write_voltage_v", "V", 2, 0.1, 10, "of a pulse"},
          ModelParameter{"write_current_ua", "uA", 50, 0, 1000, "of a pulse"},
          ModelParameter{"pulse_ns", "ns", 100, 0, 1e6, "length of a pulse"},
          ModelParameter{"pulses", "", 0, 0, 1000, "for a cell; 0: 2.5 for each bit"},
          ModelParameter{"conversion_pj", "pJ", 1.7, 0, 1000, "of the verification after each pulse"}})
        cell.push_back(parameter);
    driver.push_back({"word_line_v", "V", 2, 0, 5, "swing of the word line"});
    return {
        {"cell_array",
         {Component::crossbar},
         cell_array,
         cell,
         "read: V^2 G t; write: pulses x (V I t + verification), 2 V x 50 uA x 100 ns and 2.5 pulses a bit are our "
         "estimate (published pulses: 0.6 pJ, NVSim, to 160 pJ, PRIME's figures); area F2 of embedded 1T1R: 20 (0.13 "
         "um CuSiO), 100 (Intel 22FFL)"},
        {"row_driver",
         {Component::dac},
         row_driver,
         driver,
         "C V^2 of the lines: wires of our CACTI 7 runs, gates and drains of DSENT 0.91's technology files; DAC above "
         "1 bit: 50 fF a bit (ZigZag, MIT), area of BRAHMS; multiplexers of DSENT; no level shifter, for want of an "
         "open figure"},
    };
}

}  // namespace xloop
