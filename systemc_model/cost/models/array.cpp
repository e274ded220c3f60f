#include "systemc_model/cost/models/array_lines.hpp"
#include "systemc_model/cost/models/gates.hpp"

namespace xloop {
namespace {

/// The cell as far as its lines are concerned; both array models have these parameters first.
enum CellParameter : std::size_t { cell_, area_f2_, access_width_um_ };

CellLines lines_of(const ModelQuery& query) {
    return {query, static_cast<CellAccess>(static_cast<int>(query.parameter(cell_))), query.parameter(area_f2_),
            query.parameter(access_width_um_)};
}

std::vector<ModelParameter> cell_parameters(std::vector<std::string> accesses) {
    return {{"cell", "", 0, 0, static_cast<double>(accesses.size() - 1),
             "with an access transistor, or none; sram: the input drives the gate of a read transistor", accesses},
            {"area_f2", "F2", 40, 1, 1000, "area of a cell"},
            {"access_width_um", "um", 0.1, 0.01, 10, "width of the access transistor"}};
}

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
    if (hardware.device.kind == DeviceKind::pcm)
        query.remark("pulses are estimated for ReRAM, not for device.kind pcm");
    const double pulse_pj = 1e-3 * query.parameter(write_voltage_v_) * query.parameter(write_current_ua_) * pulse_ns;
    const double mean_ns = 1e9 * (hardware.device.g_on() + hardware.device.g_off()) / 2;
    const double verify_pj =
        mean_ns * nanosiemens_pj(hardware.crossbar.read_voltage_v, hardware.crossbar.read_time_ns) +
        query.parameter(conversion_pj_);
    return pulses * (pulse_pj + verify_pj);
}

Figures cell_array(const ModelQuery& query) {
    if (query.hardware.device.kind == DeviceKind::sram)
        query.remark("figures are those of a resistive cell; model sram_array has those of device.kind sram");
    const CellLines lines = lines_of(query);
    query.uses("area of a cell", lines.area_f2, "F2", 4, 130);
    Figures figures;
    figures.area_um2 = lines.pitch_um * lines.pitch_um;
    figures.latency_ns = row_latency_ns(query.hardware, lines);
    if (query.event == Event::read_conductance)
        figures.energy_pj = read_conductance_pj(query);
    else if (query.event == Event::cell_write)
        figures.energy_pj = write_pj(query);
    return figures;
}

enum DriverParameter : std::size_t { word_line_v_ = 3 };

/// row_drive: the word line of a row, from 0 V to full swing, and the choice of the row's digit in a multiplexer.
/// row_pulse: the input line from 0 V to the read voltage, charged from the supply, and a DAC of more than one bit.
Figures row_driver(const ModelQuery& query) {
    const HardwareConfig& hardware = query.hardware;
    const CellLines lines = lines_of(query);
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
    std::vector<ModelParameter> cell = cell_parameters({"1t1r", "crosspoint"}),
                                driver = cell_parameters({"1t1r", "crosspoint", "sram"});
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
        sram_array_model(),
    };
}

}  // namespace xloop
