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
            {"area_f2", "F2", 40, 1, 10000, "area of a cell"},
            {"access_width_um", "um", 0.1, 0.01, 10, "width of the access transistor"}};
}

enum WriteParameter : std::size_t { write_voltage_v_ = 3, write_current_ua_, pulse_ns_, pulses_, conversion_pj_ };
enum ReadParameter : std::size_t { drive_ns_ = 8, conducting_, rail_v_ };

/// What a read draws of its rows' drivers for 1 nS x (DAC digit)^2. `drive_ns`: the cells conduct for a part of the read
/// only, as where the columns are sampled; `conducting`: so many of the columns at a time, as where the others are not switched
/// to a converter. `rail_v`: the drivers lead the current from a supply above the read voltage; a
/// digit d then draws d / (largest digit) of rail x V G t, on average over digits 1 ... largest.
double driven_read_pj(const ModelQuery& query) {
    const double drive_ns = query.parameter(drive_ns_), rail_v = query.parameter(rail_v_);
    double energy_pj = read_conductance_pj(query) * query.parameter(conducting_);
    if (drive_ns > 0) {
        query.uses("drive_ns", drive_ns, "ns", 0, query.hardware.crossbar.read_time_ns);
        energy_pj *= drive_ns / query.hardware.crossbar.read_time_ns;
    }
    if (rail_v > 0) {
        const double largest = (1 << query.hardware.dac.bits) - 1, volts = query.hardware.crossbar.read_voltage_v;
        query.uses("rail_v", rail_v, "V", volts);
        // d over largest instead of d^2 over largest^2: their sums over 1 ... largest.
        energy_pj *= rail_v / volts * 3 * largest / (2 * largest + 1);
    }
    return energy_pj;
}

// Of a pulse, where a row does not say.
constexpr double reram_ua = 50, reram_pulse_ns = 100;

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
    if (hardware.device.kind == DeviceKind::pcm && query.parameter(write_current_ua_) == reram_ua &&
        pulse_ns == reram_pulse_ns)
        query.remark(
            "device.kind pcm is priced with pulses of ReRAM; published ones, 300 uA for 40 ns and 150 uA for 150 "
            "ns at 90 nm (Lee et al., ISCA 2009, as NVSim has them), take 2.4 and 4.5 times as much from the "
            "same voltage: set write_current_ua and pulse_ns");
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
        figures.energy_pj = driven_read_pj(query);
    else if (query.event == Event::cell_write)
        figures.energy_pj = write_pj(query);
    return figures;
}

enum DriverParameter : std::size_t { word_line_v_ = 3, driver_ff_ };

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
        const double line_ff = columns * lines.gate_line_ff + query.parameter(driver_ff_);
        query.uses("word line", line_ff, "fF");
        figures.energy_pj = 1e-3 * (line_ff * word_line_v * word_line_v + dac_bits * 8 * gates.mux_input.energy_fj);
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
          ModelParameter{"write_current_ua", "uA", reram_ua, 0, 1000, "of a pulse"},
          ModelParameter{"pulse_ns", "ns", reram_pulse_ns, 0, 1e6, "length of a pulse"},
          ModelParameter{"pulses", "", 0, 0, 1000, "for a cell; 0: 2.5 for each bit"},
          ModelParameter{"conversion_pj", "pJ", 1.7, 0, 1000, "of the verification after each pulse"},
          ModelParameter{"drive_ns", "ns", 0, 0, 1e6, "that cells conduct in a read; 0: all of it"},
          ModelParameter{"conducting", "", 1, 0, 1, "share of the columns that conduct at a time"},
          ModelParameter{"rail_v", "V", 0, 0, 10, "supply that the rows' current is drawn from; 0: the read voltage"}})
        cell.push_back(parameter);
    driver.push_back({"word_line_v", "V", 2, 0, 5, "swing of the word line"});
    driver.push_back({"driver_ff", "fF", 0, 0, 1e5, "that swings with the word line beside the cells"});
    return {
        {"cell_array",
         {Component::crossbar},
         cell_array,
         cell,
         "read: V^2 G t, or rail x V G t; write: pulses x (V I t + verification), 2 V x 50 uA x 100 ns and 2.5 pulses "
         "a bit are our "
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
        sram_charge_model(),
    };
}

}  // namespace xloop
