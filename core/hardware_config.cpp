#include "core/hardware_config.hpp"

#include "core/config/schema.hpp"
#include "core/hardware_variants.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

namespace xloop {

bool LayerRule::matches(const std::string& layer) const {
    // Most rules are names, and searches ask for each layer many times.
    if (name.find_first_of("*?[\\") == std::string::npos)
        return name == layer;
    return fnmatch(name.c_str(), layer.c_str(), 0) == 0;
}

namespace {

constexpr const char* wire_source =
    "DNN+NeuroSim parameter file shipped with XPert (arXiv 2303.17646), 32 nm: 56 nm wide wire, aspect ratio 1.8, "
    "3.70e-8 ohm m, cell 4F x 12F";
constexpr const char* isaac = "ISAAC-CE (Shafiee et al., ISCA 2016)";

constexpr const char* off = "our choice: off";

constexpr const char* pcm_fit =
    "Nandakumar et al., ICECS 2019, fitted to the million cells of Joshi et al., Nature Communications 11, 2473 (2020)";

void analog_only(config::Section& s) { s.only_with("tile.engine", TileEngine::analog); }

void describe(config::Section& s, PcmConfig& c) {
    s.affects(config::Affects::weights);
    analog_only(s);
    const auto add = [&s](const char* key, double& value, const char* doc, double low, double high,
                          const char* source = pcm_fit) -> config::Field& {
        return s.value(key, value, doc, source).only_with("device.kind", DeviceKind::pcm).range(low, high);
    };
    add("programming_0", c.programming_0,
        "standard deviation over g_on of a programmed conductance: max(0, sum of programming_i x^i), x = target / g_on "
        "(normal, cut off at 0; per device, per write)",
        -10, 10, "Nandakumar et al., ICECS 2019: 0.26348 uS of 25 uS");
    add("programming_1", c.programming_1, "the same: factor of x", -10, 10,
        "Nandakumar et al., ICECS 2019: 1.9650 uS of 25 uS");
    add("programming_2", c.programming_2, "the same: factor of x^2", -10, 10,
        "Nandakumar et al., ICECS 2019: -1.1731 uS of 25 uS");
    add("programming_3", c.programming_3, "the same: factor of x^3", -10, 10,
        "Nandakumar et al., ICECS 2019: a polynomial of degree 2");
    add("nu_on", c.nu_on,
        "mean drift exponent: nu_on + nu_log ln x, at least nu_least, at most nu_most; acts when drift_time_s is above "
        "drift_t0_s",
        -1, 1);
    add("nu_log", c.nu_log, "the same: factor of ln x", -1, 1);
    add("nu_least", c.nu_least, "least mean drift exponent", 0, 1);
    add("nu_most", c.nu_most, "largest mean drift exponent", 0, 1);
    add("nu_sigma_on", c.nu_sigma_on,
        "standard deviation of the exponent: nu_sigma_on + nu_sigma_log ln x, at least nu_sigma_least, at most "
        "nu_sigma_most (normal, cut off at 0; per device, per write)",
        -1, 1);
    add("nu_sigma_log", c.nu_sigma_log, "the same: factor of ln x", -1, 1);
    add("nu_sigma_least", c.nu_sigma_least, "least standard deviation of the exponent", 0, 1);
    add("nu_sigma_most", c.nu_sigma_most, "largest standard deviation of the exponent", 0, 1);
    add("noise_on", c.noise_on,
        "1/f noise since programming: min(noise_most, noise_on x^-noise_exponent) sqrt(ln((drift_time_s + t) / 2 t)) "
        "over conductance, t = noise_read_time_ns; 0 = off (normal, per device, per write)",
        0, 1);
    add("noise_exponent", c.noise_exponent, "the same: how fast it falls with the conductance", 0, 10);
    add("noise_most", c.noise_most, "the same: bound of the factor before the root", 0, 1);
    add("noise_read_time_ns", c.noise_read_time_ns, "width of the reading pulse that bounds the noise's bandwidth",
        1e-3, 1e9)
        .unit("ns");
}

void describe(config::Section& s, DeviceConfig& c) {
    s.affects(config::Affects::weights);
    analog_only(s);
    s.value(
        "kind", c.kind,
        "reram: resistive cells, spreads as set here; pcm: phase-change cells, spread, drift and 1/f noise by state; "
        "sram: bit cells of one bit that sink a current, whose on currents differ",
        "our choice: ReRAM");
    s.value("r_on_ohm", c.r_on_ohm, "resistance of the lowest-resistance level (without level_table)",
            "GENIEx (arXiv 2003.06902): HSPICE sets use 50k, 100k and 300k")
        .unit("ohm")
        .range(1e-3, 1e15);
    s.value("r_off_ohm", c.r_off_ohm, "resistance of the highest-resistance level (without level_table)",
            "ON/OFF ratio 10, upper value studied in GENIEx (arXiv 2003.06902)")
        .unit("ohm")
        .range(1e-3, 1e15);
    s.value("storage", c.storage,
            "levels: bits_per_cell bits in a cell, weights in slices; analog: a whole weight in one cell", isaac);
    s.value("bits_per_cell", c.bits_per_cell, "levels: 2^bits conductances; evenly spaced, or those of level_table",
            isaac)
        .only_with("device.storage", CellStorage::levels)
        .unit("bits")
        .range(1, 4);
    s.value("level_table", c.level_table,
            "CSV file of measured levels: header mean_s,sigma_s, one line a level, lowest first; empty: evenly spaced",
            "our choice: evenly spaced")
        .file_path();
    s.value("programming_distribution", c.programming_distribution,
            "of a cell's conductance after programming (per device, per write); normal is cut off at 0", "our choice")
        .only_with("device.kind", DeviceKind::reram);
    s.value("programming_spread", c.programming_spread,
            "relative: programming_sigma x mean; absolute: programming_sigma_us; state: sigma over mean goes linearly "
            "in conductance from programming_sigma_off to programming_sigma; table: sigma_s of level_table",
            "our choice")
        .only_with("device.kind", DeviceKind::reram);
    s.value("programming_sigma", c.programming_sigma,
            "standard deviation over mean of a programmed conductance; 0 = off (per device, per write)",
            "our choice: a write-verified cell; swept in the experiments")
        .only_with("device.kind", DeviceKind::reram)
        .only_with("device.programming_spread", ProgrammingSpread::relative, ProgrammingSpread::state)
        .range(0, 1);
    s.value("programming_sigma_off", c.programming_sigma_off, "the same at r_off, for spread `state`",
            "our choice: as at r_on")
        .only_with("device.kind", DeviceKind::reram)
        .only_with("device.programming_spread", ProgrammingSpread::state)
        .range(0, 1);
    s.value("programming_sigma_us", c.programming_sigma_us,
            "standard deviation for spread `absolute` (per device, per write)", off)
        .only_with("device.kind", DeviceKind::reram)
        .only_with("device.programming_spread", ProgrammingSpread::absolute)
        .unit("uS")
        .range(0, 1e6);
    s.value("stuck_on_rate", c.stuck_on_rate, "share of cells that stay at r_on (per device)", off).range(0, 1);
    s.value("stuck_off_rate", c.stuck_off_rate, "share of cells that stay at r_off (per device)", off).range(0, 1);
    s.value("open_rate", c.open_rate, "share of cells that do not conduct at all (per device)", off).range(0, 1);
    s.value("fault_map", c.fault_map,
            "CSV file of faults: header array,row,column,fault; array a number (layer x 2^20 + array of the layer, "
            "from "
            "0) or *, fault on | off | open (per device)",
            "our choice: none")
        .file_path();
    s.value("drift_time_s", c.drift_time_s, "time from programming to the reads", "our choice: fresh, no drift")
        .only_with("device.kind", DeviceKind::reram, DeviceKind::pcm)
        .only_beside({"device.drift_nu", "device.drift_nu_sigma", "device.kind"})
        .unit("s")
        .range(1e-12, 1e12);
    s.value("drift_t0_s", c.drift_t0_s, "t0 of G(t) = G(t0) (t / t0)^-nu", "our choice: 1 s")
        .only_with("device.kind", DeviceKind::reram, DeviceKind::pcm)
        .only_beside({"device.drift_nu", "device.drift_nu_sigma", "device.kind"})
        .unit("s")
        .range(1e-12, 1e12);
    s.value("drift_nu", c.drift_nu, "drift exponent; acts when drift_time_s is not drift_t0_s (per device)", off)
        .only_with("device.kind", DeviceKind::reram)
        .only_beside({"device.drift_time_s", "device.drift_t0_s"})
        .range(-1, 1);
    s.value("drift_nu_sigma", c.drift_nu_sigma, "standard deviation of the exponent (normal, per device, per write)",
            off)
        .only_with("device.kind", DeviceKind::reram)
        .only_beside({"device.drift_time_s", "device.drift_t0_s"})
        .range(0, 1);
    describe(s.section("pcm", "statistics of phase-change cells"), c.pcm);
    s.value("on_current_sigma", c.on_current_sigma,
            "standard deviation over mean of the current of a cell that is on, by mismatch of its read transistors "
            "(normal, cut off at 0; per device)",
            "Gonugondla et al., TCAD 2022 (arXiv 2012.13645), 65 nm: alpha sigma_Vt / (V_WL - V_t) = 1.8 x 23.8 mV / "
            "0.4 V")
        .only_with("device.kind", DeviceKind::sram)
        .range(0, 1);
    s.value("read_noise_sigma", c.read_noise_sigma,
            "standard deviation over conductance of a cell's read noise (normal, per device, per read)", off)
        .affects(config::Affects::nothing)
        .range(0, 1);
    s.value("r_access_ohm", c.r_access_ohm, "access resistance in series with each cell",
            "our choice: part of r_on and r_off")
        .only_with("crossbar.circuit", Circuit::linear, Circuit::secant, Circuit::exact)
        .unit("ohm")
        .range(0, 1e12);
    s.value("nonlinearity_per_volt", c.nonlinearity_per_volt,
            "a of the cell's current I = G sinh(a V) / a; acts in circuits secant and exact; 0 = linear",
            "our choice: linear")
        .only_with("crossbar.circuit", Circuit::secant, Circuit::exact)
        .unit("1/V")
        .range(0, 50);
}

void describe(config::Section& s, CrossbarConfig& c) {
    s.affects(config::Affects::weights);
    analog_only(s);
    s.value("rows", c.rows, "rows of an array", "our choice: 64 limits wire loss").range(1, 1024).unit("cells");
    s.value("cols", c.cols, "columns of an array", "our choice: as rows").range(1, 1024).unit("cells");
    s.value(
         "rows_per_read", c.rows_per_read,
         "rows driven at once; more take several reads, whose codes are added; 0, or no fewer than rows: all at once",
         "our choice: all; ReRAM macros drive 4 (Xue et al., ISSCC 2021), 8 (Hung et al., ISSCC 2022) or 9 (Xue et "
         "al., ISSCC 2019)")
        .range(0, 1024)
        .unit("rows");
    s.value(
         "spare_cols", c.spare_cols,
         "of cols: columns (differential: pairs) that hold no weights of their own and stand in for those whose stuck "
         "and open cells do most harm, array by array",
         off)
        .range(0, 1023)
        .unit("columns");
    s.value("skip_zero_reads", c.skip_zero_reads,
            "a read of an array, of one group of its rows, whose digits are all 0 is not made: its codes are 0", off);
    s.value("r_driver_ohm", c.r_driver_ohm, "output resistance of a row driver",
            "our choice: a wide driver, 1/1000 of r_on")
        .unit("ohm")
        .range(0, 1e12);
    s.value("r_wire_row_ohm", c.r_wire_row_ohm, "row wire between neighbouring cells", wire_source)
        .unit("ohm")
        .range(0, 1e12);
    s.value("r_wire_col_ohm", c.r_wire_col_ohm, "column wire between neighbouring cells", wire_source)
        .only_with("crossbar.circuit", Circuit::linear, Circuit::secant, Circuit::exact)
        .unit("ohm")
        .range(0, 1e12);
    s.value("r_sense_ohm", c.r_sense_ohm, "input resistance of a column's sense circuit", "our choice: as the driver")
        .only_with("crossbar.circuit", Circuit::linear, Circuit::secant, Circuit::exact)
        .unit("ohm")
        .range(0, 1e12);
    s.value("read_time_ns", c.read_time_ns, "time of one array read, until the columns are held", isaac)
        .affects(config::Affects::nothing)
        .unit("ns")
        .range(1e-3, 1e6);
    s.value("read_voltage_v", c.read_voltage_v, "row voltage of the largest DAC value; matters to nonlinear cells only",
            "our choice")
        .unit("V")
        .range(0.001, 5);
    s.value("weights", c.weights,
            "differential: positive and negative column for each slice; offset: weight + 128, one reference column; "
            "separate: positive and negative parts in two arrays, subtracted after their ADCs",
            "our choice: differential keeps small weights at low conductance");
    s.value("circuit", c.circuit,
            "ideal: no wires; linear: wires exact, linear cells; secant: cells at their secant conductance; exact: the "
            "nonlinear circuit solved for each read",
            "our choice");
    s.value("precision", c.precision, "of the solution of the wires",
            "our choice: exact to 1e-12; fp32 to 1e-6 in half the time")
        .only_with("crossbar.circuit", Circuit::ideal, Circuit::linear, Circuit::secant);
    s.value("secant_first_order", c.secant_first_order,
            "circuit secant: first-order correction of the cells' nonlinearity at each read", off)
        .only_with("crossbar.circuit", Circuit::secant);
    s.value("sample_hold", c.sample_hold,
            "column currents are held, so that the next read overlaps the conversion of the last", isaac)
        .affects(config::Affects::nothing);
    s.value("write_time_ns", c.write_time_ns,
            "programming of one row of cells, all pulses and verifications; arrays are written at the same time",
            "our choice: 2-bit cells, 5 pulses of 100 ns in each of two phases (SET, RESET)")
        .affects(config::Affects::nothing)
        .unit("ns")
        .range(1e-3, 1e9);
}

void describe(config::Section& s, DacConfig& c) {
    s.affects(config::Affects::weights);
    analog_only(s);
    s.value("bits", c.bits,
            "input bits that a row driver puts on its row in one read; activation_bits / bits reads, rounded up", isaac)
        .unit("bits")
        .range(1, 8);
}

void describe(config::Section& s, AdcConfig& c) {
    s.affects(config::Affects::nothing);
    analog_only(s);
    s.value("bits", c.bits, "resolution; differential: signed codes, else unsigned", isaac).unit("bits").range(1, 12);
    s.value("range", c.range,
            "fixed: a step is lsb_levels; full_scale: the last code is the sum of a full array of largest cells and "
            "inputs; calibrated: the last code is the percentile of a layer's sums on calibration images",
            "our choice");
    s.value("lsb_levels", c.lsb_levels,
            "ADC step of range fixed, in column currents of one conductance level step at one DAC step",
            "our choice: 1 keeps sums exact until they saturate")
        .only_with("adc.range", AdcRange::fixed)
        .unit("level steps")
        .range(1e-3, 1e6);
    s.value("percentile", c.percentile, "share of a layer's sums that range calibrated does not clip", "our choice")
        .only_with("adc.range", AdcRange::calibrated)
        .unit("%")
        .range(50, 100);
    s.value("calibration_images", c.calibration_images, "images that range calibrated is measured on", "our choice")
        .only_with("adc.range", AdcRange::calibrated)
        .range(1, 100000);
    s.value("columns_per_adc", c.columns_per_adc, "conversions that one ADC does for each read, one after the other",
            "our choice: one ADC an array")
        .affects(config::Affects::weights)
        .range(1, 4096)
        .unit("conversions");
    s.value("type", c.type,
            "sar: one conversion after the other; flash: so, but each code comes flash_latency_samples later; ramp: "
            "all columns at once, 2^bits steps of ramp_clock_ghz",
            isaac);
    s.value("flash_latency_samples", c.flash_latency_samples,
            "type flash: sample periods from the end of a sample to its code", "our choice: one pipeline stage")
        .only_with("adc.type", AdcType::flash)
        .unit("samples")
        .range(0, 64);
    s.value("ramp_clock_ghz", c.ramp_clock_ghz, "type ramp: steps per ns", "our choice: as the sample rate")
        .only_with("adc.type", AdcType::ramp)
        .unit("GHz")
        .range(0.001, 10);
    s.value("sample_rate_gsps", c.sample_rate_gsps, "conversions per ns of one ADC",
            "ISAAC-CE: 8-bit SAR of Kull et al., ISSCC 2013")
        .only_with("adc.type", AdcType::sar, AdcType::flash)
        .unit("GS/s")
        .range(0.001, 10);
    s.value(
         "bits_by_column", c.bits_by_column,
         "a layer's conversions stop one bit earlier each time that its fullest column has half as many weights that "
         "are not zero as rows are read at once; steps stay as large",
         "off; the rule is that of D.U.B. pruning (Ibrayev et al., arXiv 2403.13082)")
        .only_with("crossbar.weights", WeightMapping::differential);
    s.value("noise_sigma_lsb", c.noise_sigma_lsb, "standard deviation of the noise at an ADC input (normal, per read)",
            off)
        .unit("LSB")
        .range(0, 16);
    s.value("gain_sigma", c.gain_sigma, "standard deviation of an ADC's gain about 1 (normal, per ADC)", off)
        .affects(config::Affects::weights)
        .range(0, 0.5);
    s.value("offset_sigma_lsb", c.offset_sigma_lsb, "standard deviation of an ADC's offset (normal, per ADC)", off)
        .unit("LSB")
        .range(0, 64);
    s.value("inl_sigma_lsb", c.inl_sigma_lsb,
            "integral nonlinearity: standard deviation of the height of a parabola over the range (normal, per ADC)",
            off)
        .unit("LSB")
        .range(0, 64);
    s.value("gain_correction", c.gain_correction,
            "digital factor (gain), or factor and offset (gain_offset), for each output of an array, fitted after "
            "programming to reads of random vectors",
            off)
        .affects(config::Affects::weights);
    s.value("correction_bits", c.correction_bits, "of the factor, behind the binary point",
            "our choice: an error of 0.2 % at most")
        .only_with("adc.gain_correction", GainCorrectionKind::gain, GainCorrectionKind::gain_offset)
        .affects(config::Affects::weights)
        .unit("bits")
        .range(1, 20);
    s.value("correction_vectors", c.correction_vectors, "vectors that the correction is fitted to", "our choice")
        .only_with("adc.gain_correction", GainCorrectionKind::gain, GainCorrectionKind::gain_offset)
        .affects(config::Affects::weights)
        .unit("vectors")
        .range(2, 65536);
}

void describe(config::Section& s, DigitalConfig& c) {
    s.affects(config::Affects::nothing);
    s.only_with("tile.engine", TileEngine::digital);
    constexpr const char* primitive =
        "4 KB of weights, as the primitives of Sharma et al. (arXiv 2312.15896), of which 64 x 4 work at once";
    s.value("rows", c.rows, "inputs of a unit's multipliers", primitive).range(1, 1024).unit("rows");
    s.value("cols", c.cols, "outputs that a unit computes in a step: rows x cols multipliers", primitive)
        .range(1, 1024)
        .unit("outputs");
    s.value("weight_sets", c.weight_sets, "sets of rows x cols weights that a unit's SRAM holds, one for each step",
            primitive)
        .range(1, 1024)
        .unit("sets");
    s.value("rate_ghz", c.rate_ghz, "steps per ns", "our choice: one a cycle of the default clock, as Sharma et al.")
        .range(0.001, 10)
        .unit("GHz");
    s.value("bits", c.bits, "inputs of a multiplier: activations and weights of layers here have at most as many",
            "our choice: 8")
        .range(1, 16)
        .unit("bits");
    s.value("latency_cycles", c.latency_cycles, "from a vector's last step to its sums in the output register",
            "our choice: a stage of multipliers and one of adders")
        .range(0, 1024)
        .unit("cycles");
}

void describe(config::Section& s, PeConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("arrays", c.arrays, "arrays in a processing element", "our choice: one").range(1, 1024);
    s.value("input_vectors", c.input_vectors,
            "input vectors that an array's input register holds; 2: the next is fetched while one is read",
            "our choice: double buffering")
        .unit("vectors")
        .range(1, 64);
    s.value("output_vectors", c.output_vectors, "results that an array's output register holds until they are gathered",
            "our choice: single")
        .unit("vectors")
        .range(1, 64);
    s.value("shift_add_cycles", c.shift_add_cycles, "from the last code of a vector to its sums in the output register",
            "our choice: one adder stage")
        .only_with("tile.engine", TileEngine::analog)
        .unit("cycles")
        .range(0, 1024);
}

void describe(config::Section& s, BufferConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("bytes", c.bytes, "capacity", isaac).unit("bytes").range(64, 1 << 26);
    s.value("banks", c.banks, "banks; the words of one access are spread over them", isaac).range(1, 64);
    s.value("ports", c.ports, "accesses served at the same time", "our choice: single-ported").range(1, 16);
    s.value("width_bits", c.width_bits, "word of a bank", isaac).unit("bits").range(8, 4096);
    s.value("latency_cycles", c.latency_cycles, "from an access to its first word", "our choice: 1 ns at 32 nm")
        .unit("cycles")
        .range(1, 1024);
}

void describe(config::Section& s, TileConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("engine", c.engine,
            "analog: arrays of cells with converters; digital: multiply-accumulate units that compute exact sums, with "
            "weights in SRAM",
            "our choice: analog")
        .affects(config::Affects::weights);
    s.value("pes", c.pes, "processing elements in a tile", "our choice: as ISAAC-CE's 12 units").range(1, 1024);
    s.value("bus_bits", c.bus_bits, "width of the tile's shared bus", isaac).unit("bits").range(8, 4096);
    s.value("accumulator_positions", c.accumulator_positions,
            "output positions of a layer that an accumulate unit holds until they are finished and sent",
            "our choice: hides the network's round trip")
        .unit("positions")
        .range(1, 4096);
    s.value("accumulator_latency_cycles", c.accumulator_latency_cycles,
            "from the last partial sum of a position to its total", "our choice: one adder stage")
        .unit("cycles")
        .range(0, 1024);
    s.value("vector_lanes", c.vector_lanes, "activations finished per cycle", "our choice").range(1, 4096);
    s.value("vector_latency_cycles", c.vector_latency_cycles, "pipeline stages of the vector unit", "our choice: one")
        .unit("cycles")
        .range(1, 1024);
    s.value("stage_cycles", c.stage_cycles,
            "static pipeline: every step of a position in a tile takes a multiple of this", "our choice: dynamic")
        .unit("cycles")
        .range(1, 100000);
    s.value("window_reuse", c.window_reuse,
            "input registers keep the values of the window before that the next one of the same copy needs as well; "
            "only the "
            "others are fetched",
            off);
}

void describe(config::Section& s, NocConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("topology", c.topology, "torus: rows and columns are rings (needs 2 vcs or more)", "our choice");
    s.value("mesh_cols", c.mesh_cols, "columns of the mesh; 0 = as many as needed",
            "our choice: a chip made for the network")
        .range(0, 64)
        .unit("routers");
    s.value("mesh_rows", c.mesh_rows, "rows of the mesh; 0 = as many as needed",
            "our choice: a chip made for the network")
        .range(0, 64)
        .unit("routers");
    s.value("concentration", c.concentration, "tiles on a router", "our choice: one").unit("tiles").range(1, 16);
    s.value("clock_ghz", c.clock_ghz, "clock of routers and links; 0 = clock.frequency_ghz", "our choice: one clock")
        .unit("GHz")
        .range(0, 10);
    s.value("flit_bits", c.flit_bits, "width of a link; one flit a cycle", isaac).unit("bits").range(8, 1024);
    s.value("vcs", c.vcs, "virtual channels of an input port", "our choice").range(1, 16);
    s.value("vc_buffer_flits", c.vc_buffer_flits, "buffer of a virtual channel",
            "our choice: covers the credit round trip")
        .unit("flits")
        .range(1, 1024);
    s.value("routing_delay_cycles", c.routing_delay_cycles, "route computation; 0: done in the router before",
            "our choice: look-ahead routing")
        .unit("cycles")
        .range(0, 64);
    s.value("vc_alloc_delay_cycles", c.vc_alloc_delay_cycles, "virtual-channel allocation", "our choice: one stage")
        .unit("cycles")
        .range(1, 64);
    s.value("switch_alloc_delay_cycles", c.switch_alloc_delay_cycles, "switch allocation", "our choice: one stage")
        .unit("cycles")
        .range(1, 64);
    s.value("switch_delay_cycles", c.switch_delay_cycles, "traversal of the crossbar switch", "our choice: one stage")
        .unit("cycles")
        .range(1, 64);
    s.value("link_delay_cycles", c.link_delay_cycles, "cycles on a link", "our choice").unit("cycles").range(1, 64);
    s.value("credit_delay_cycles", c.credit_delay_cycles, "processing of a credit", "our choice: one stage")
        .unit("cycles")
        .range(1, 64);
    s.value("speculative", c.speculative, "switch allocation in the cycle of virtual-channel allocation", off);
    s.value("multicast", c.multicast,
            "one packet for all tiles that read a position, copied by the routers; else one each", "our choice");
    s.value("interface_packets", c.interface_packets,
            "packets that wait in a network interface; the sender waits when it is full", "our choice")
        .unit("packets")
        .range(1, 4096);
    s.value("io_links", c.io_links, "off-chip links, at tile 0; for area only",
            "our choice: one of the four of ISAAC's larger chip")
        .unit("links")
        .range(1, 64);
}

void describe(config::Section& s, MappingConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("schedule", c.schedule,
            "layer_by_layer: a layer starts when its input maps are complete, images one by one; pipelined: a position "
            "starts when the inputs of its window have arrived, images follow one another",
            "our choice");
    s.value("replication", c.replication,
            "copies of a layer on other arrays, which share its positions; auto: balances the pipeline within "
            "array_budget",
            "our choice: none");
    s.value("replicas", c.replicas, "replication list: layer=copies, as in [conv1=8, conv2=4]", "our choice: none")
        .only_with("mapping.replication", Replication::list);
    s.value("array_budget", c.array_budget, "replication auto: arrays to fill; 0 = those of the given mesh",
            "our choice")
        .only_with("mapping.replication", Replication::automatic)
        .unit("arrays")
        .range(0, 1 << 24);
    s.value("placement", c.placement,
            "snake: layers in order along the rows of the mesh, turning back; improved: then swapped while bytes x "
            "hops fall",
            "our choice");
    s.value("tiles", c.tiles,
            "exclusive: a layer starts on a tile of its own; shared: on the next free processing element",
            "our choice");
    s.value("group_packing", c.group_packing,
            "groups of a convolution: none: each in arrays of its own; diagonal: as many as fit side by side in one "
            "array, each with rows and columns of its own, the other cells off",
            off)
        .affects(config::Affects::weights);
    s.value("skip_zero_weights", c.skip_zero_weights,
            "rows and outputs of a layer's matrix whose weights are all zero, in every group, take no place in arrays",
            off);
    s.value("tile_blocks", c.tile_blocks,
            "which arrays of a layer come together on a tile: outputs: those of the same output channels, whose sums "
            "are then added in the tile; rows: those of the same inputs, which are then fetched once",
            "our choice: partial sums are four bytes, inputs one");
    s.value("oversubscribed", c.oversubscribed,
            "network larger than the mesh: an error, or rounds of layers with the cells written anew in between",
            "our choice: say it");
    s.value("line_buffers", c.line_buffers,
            "pipelined: safe: as many positions as the layer's window and branches that rejoin need; window: the "
            "window alone, which can deadlock where branches rejoin",
            "our choice")
        .only_with("mapping.schedule", Schedule::pipelined);
    s.value("line_buffer_slack_rows", c.line_buffer_slack_rows,
            "pipelined: rows of a line buffer beyond what is needed, to run ahead", "our choice: one row")
        .only_with("mapping.schedule", Schedule::pipelined)
        .unit("rows")
        .range(0, 1024);
}

/// What types of tiles may differ in.
void describe_tile(config::Section& root, HardwareConfig& h) {
    describe(root.section("device", "the memory cell"), h.device);
    describe(root.section("crossbar", "one array and its wires"), h.crossbar);
    describe(root.section("dac", "digital-to-analog converters: the row drivers"), h.dac);
    describe(root.section("adc", "analog-to-digital converters"), h.adc);
    describe(root.section("digital", "a digital tile's unit, in the place of an array: multipliers and their weights"),
             h.digital);
    describe(root.section("pe", "one processing element: arrays and their registers"), h.pe);
    describe(root.section("buffer", "the activation buffer of a tile"), h.buffer);
    describe(root.section("tile", "one tile: processing elements, bus, accumulate unit, vector unit"), h.tile);
}

void describe_type(config::Section& root, TileType& type) { describe_tile(root, type.hardware); }

constexpr const char* of_type = "convention: what the layer's tiles have";

void describe_rule(config::Section& s, LayerRule& rule) {
    s.affects(config::Affects::weights);
    s.value("tile", rule.tile, "a name of tile_types; empty = the base", "convention: the base");
    s.value("weight_bits", rule.weight_bits, "signed weights, 1: only -1 and 1; 0 = numerics.weight_bits",
            "convention: those of the network")
        .unit("bits")
        .range(0, 16);
    s.value("activation_bits", rule.activation_bits,
            "unsigned activations that the layer reads; a map that several layers read has the most bits that one of "
            "them asks for; 0 = numerics.activation_bits",
            "convention: those of the network")
        .unit("bits")
        .range(0, 16);
    auto& adc = s.section("adc", "how this layer uses its converters");
    adc.affects(config::Affects::weights);
    adc.value("bits", rule.adc_bits, "bits of the codes, at most those of the converters; 0 = all", of_type)
        .unit("bits")
        .range(0, 16);
    adc.value("lsb_levels", rule.adc_lsb_levels, "adc.lsb_levels of this layer; 0 = as its tiles", of_type)
        .unit("level steps")
        .range(0, 1e6);
    adc.value("percentile", rule.adc_percentile, "adc.percentile of this layer; 0 = as its tiles", of_type)
        .unit("%")
        .range(0, 100);
}

}  // namespace

void describe(config::Section& root, HardwareConfig& h) {
    describe_tile(root, h);
    describe(root.section("noc", "the network of routers that joins the tiles"), h.noc);
    describe(root.section("mapping", "layers to tiles, and their schedule"), h.mapping);
    auto& clock = root.section("clock", "the digital clock");
    clock
        .value("frequency_ghz", h.clock.frequency_ghz,
               "digital clock of tiles; array reads and conversions end on its edges",
               "our choice: 1 GHz, within reach at 32 nm")
        .affects(config::Affects::nothing)
        .unit("GHz")
        .range(0.01, 10);
    auto& numerics = root.section("numerics", "widths of the integers");
    numerics.affects(config::Affects::weights);
    numerics
        .value("activation_bits", h.numerics.activation_bits,
               "unsigned activations; more than 8: cycles and counts only (simulation.values: counts)", "our choice: 8")
        .unit("bits")
        .range(1, 16);
    numerics
        .value("weight_bits", h.numerics.weight_bits,
               "signed weights, 1: only -1 and 1; more than 8: cycles and counts only (simulation.values: counts)",
               "our choice: 8")
        .unit("bits")
        .range(1, 16);
    root.named_sections<TileType>(
            "tile_types", h.tile_types,
            "types of tiles beside the base: NAME: {keys of device, crossbar, dac, adc, digital, pe, buffer, tile that "
            "differ}",
            [&h](const std::string& name) {
                TileType type{name, h};
                type.hardware.tile_types.clear();
                type.hardware.layers.clear();
                return type;
            },
            describe_type)
        .repeats_others = true;
    root.named_sections<LayerRule>(
        "layers", h.layers,
        "layers, by name or pattern, on tiles of a type or with widths of their own; of several that match, the last "
        "decides: NAME: {tile, weight_bits, activation_bits, adc: {bits, lsb_levels, percentile}}",
        [](const std::string& name) {
            LayerRule rule;
            rule.name = name;
            return rule;
        },
        describe_rule);
    root.value("chip_seed", h.chip_seed, "which instance of the chip: its device variation and its noise", "our choice")
        .affects(config::Affects::weights);
}

namespace {

void validate_tile(const HardwareConfig& h, const config::Origins& origins) {
    if (h.is_digital())
        return;  // units of any size hold a weight; keys of cells and converters have no effect
    if (h.device.r_off_ohm <= h.device.r_on_ohm)
        fail_check(origins, "device.r_off_ohm",
                   fmt::format("a resistance above device.r_on_ohm = {} ohm", h.device.r_on_ohm));
    if (h.outputs_per_array() < 1)
        fail_check(origins, "crossbar.cols",
                   fmt::format("at least {} columns: one {}-bit weight in {} cells of {} bits, {} mapping{}",
                               h.columns_per_conversion() * (h.slices() + h.crossbar.spare_cols) + (h.offset() ? 1 : 0),
                               h.numerics.weight_bits, h.slices(), h.cell_bits(), name_of(h.crossbar.weights),
                               h.crossbar.spare_cols > 0 ? ", besides crossbar.spare_cols" : ""));
    if (h.device.stuck_on_rate + h.device.stuck_off_rate + h.device.open_rate > 1.0)
        fail_check(origins, "device.stuck_on_rate", "stuck_on_rate + stuck_off_rate + open_rate of at most 1");
    if (h.device.analog() && !h.device.level_table.empty())
        fail_check(origins, "device.level_table",
                   "no table with device.storage: analog, whose levels are evenly spaced");
    if (h.device.kind == DeviceKind::sram && (h.device.analog() || h.device.bits_per_cell != 1))
        fail_check(origins, h.device.analog() ? "device.storage" : "device.bits_per_cell",
                   h.device.analog() ? "levels, of one bit, with device.kind: sram" : "1 with device.kind: sram");
    if (h.device.kind == DeviceKind::pcm) {
        const PcmConfig& pcm = h.device.pcm;
        if (h.device.drift_time_s < h.device.drift_t0_s)
            fail_check(
                origins, "device.drift_time_s",
                fmt::format("at least device.drift_t0_s = {:g} s, which the statistics of device.kind: pcm begin at",
                            h.device.drift_t0_s));
        if (pcm.nu_most < pcm.nu_least)
            fail_check(origins, "device.pcm.nu_most", "at least device.pcm.nu_least");
        if (pcm.nu_sigma_most < pcm.nu_sigma_least)
            fail_check(origins, "device.pcm.nu_sigma_most", "at least device.pcm.nu_sigma_least");
    }
    if (h.device.kind == DeviceKind::reram && h.device.programming_spread == ProgrammingSpread::table &&
        h.device.level_table.empty())
        fail_check(origins, "device.programming_spread",
                   "a device.level_table for spread `table`, which takes the spread from the table's column sigma_s");
}

void validate_layers(const HardwareConfig& h, const config::Origins& origins) {
    std::vector<std::string> names;
    for (const TileType& type : h.tile_types)
        names.push_back(type.name);
    for (const LayerRule& rule : h.layers) {
        const std::string path = "layers." + rule.name;
        const auto type = std::find(names.begin(), names.end(), rule.tile);
        if (!rule.tile.empty() && type == names.end())
            fail_check(origins, path + ".tile",
                       names.empty() ? "no type of tile, as tile_types names none"
                                     : fmt::format("one of tile_types: {}", fmt::join(names, ", ")));
        const HardwareConfig& tile =
            type == names.end() ? h : h.tile_types[static_cast<std::size_t>(type - names.begin())].hardware;
        for (const auto& [key, given] :
             {std::pair{".adc.bits", rule.adc_bits > 0}, std::pair{".adc.lsb_levels", rule.adc_lsb_levels > 0},
              std::pair{".adc.percentile", rule.adc_percentile > 0}})
            if (given && tile.is_digital())
                fail_check(origins, path + key, "nothing, as its tiles are digital and have no converters");
        if (!tile.is_digital() && rule.adc_bits > tile.adc.bits)
            fail_check(origins, path + ".adc.bits",
                       fmt::format("at most {}, the bits of the converters of its tiles", tile.adc.bits));
    }
}

}  // namespace

void validate(const HardwareConfig& h, const config::Origins& origins) {
    validate_tile(h, origins);
    for (const TileType& type : h.tile_types) {
        // What the base's file says of cells has no effect there; a type must not inherit it unseen.
        if (h.is_digital() && !type.hardware.is_digital())
            fail_check(origins, "tile_types." + type.name + ".tile.engine",
                       "digital, as the base is; make analog tiles the base and digital ones a type");
        validate_tile(type.hardware, config::origins_of(origins, "tile_types." + type.name));
    }
    validate_layers(h, origins);
    if ((h.noc.mesh_cols == 0) != (h.noc.mesh_rows == 0))
        fail_check(origins, h.noc.mesh_cols == 0 ? "noc.mesh_cols" : "noc.mesh_rows",
                   "noc.mesh_cols and noc.mesh_rows both 0 (sized for the network) or both at least 1");
    if (h.noc.topology == NocTopology::torus && h.noc.vcs < 2)
        fail_check(origins, "noc.vcs", "at least 2 virtual channels for noc.topology: torus");
    const bool sized = h.noc.mesh_cols > 0;
    if (h.mapping.replication == Replication::automatic && h.mapping.array_budget == 0 && !sized)
        fail_check(origins, "mapping.array_budget",
                   "a number of arrays, or a mesh given by noc.mesh_cols and noc.mesh_rows");
    if (h.mapping.oversubscribed == Oversubscribed::rounds && !sized)
        fail_check(origins, "mapping.oversubscribed", "a mesh given by noc.mesh_cols and noc.mesh_rows for `rounds`");
}

bool looks_at_weights(const HardwareConfig& h) {
    return h.mapping.skip_zero_weights || h.spares_bits() ||
           std::any_of(h.tile_types.begin(), h.tile_types.end(),
                       [](const TileType& type) { return type.hardware.spares_bits(); });
}

HardwareConfig load_hardware(const std::string& path, const std::vector<std::string>& overrides) {
    config::Node root;
    root.kind = config::Node::Kind::map;
    return HardwareVariants(path.empty() ? root : config::load_file(path)).with(overrides);
}

}  // namespace xloop
