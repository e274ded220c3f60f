#include "core/hardware_config.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

constexpr const char* wire_source =
    "DNN+NeuroSim parameter file shipped with XPert (arXiv 2303.17646), 32 nm: 56 nm wide wire, aspect ratio 1.8, "
    "3.70e-8 ohm m, cell 4F x 12F";
constexpr const char* isaac = "ISAAC-CE (Shafiee et al., ISCA 2016)";

constexpr const char* off = "our choice: off";

void describe(config::Section& s, DeviceConfig& c) {
    s.affects(config::Affects::weights);
    s.value("r_on_ohm", c.r_on_ohm)
        .unit("ohm")
        .range(1e-3, 1e15)
        .doc("resistance of the lowest-resistance level (without level_table)")
        .source("GENIEx (arXiv 2003.06902): HSPICE sets use 50k, 100k and 300k");
    s.value("r_off_ohm", c.r_off_ohm)
        .unit("ohm")
        .range(1e-3, 1e15)
        .doc("resistance of the highest-resistance level (without level_table)")
        .source("ON/OFF ratio 10, upper value studied in GENIEx (arXiv 2003.06902)");
    s.value("storage", c.storage)
        .doc("levels: bits_per_cell bits in a cell, weights in slices; analog: a whole weight in one cell")
        .source(isaac);
    s.value("bits_per_cell", c.bits_per_cell)
        .only_with("device.storage", CellStorage::levels)
        .unit("bits")
        .range(1, 4)
        .doc("levels: 2^bits conductances; evenly spaced, or those of level_table")
        .source(isaac);
    s.value("level_table", c.level_table)
        .file_path()
        .doc("CSV file of measured levels: header mean_s,sigma_s, one line a level, lowest first; empty: evenly spaced")
        .source("our choice: evenly spaced");
    s.value("programming_distribution", c.programming_distribution)
        .doc("of a cell's conductance after programming (per device, per write); normal is cut off at 0")
        .source("our choice");
    s.value("programming_spread", c.programming_spread)
        .doc(
            "relative: programming_sigma x mean; absolute: programming_sigma_us; state: sigma over mean goes linearly "
            "in conductance from programming_sigma_off to programming_sigma; table: sigma_s of level_table")
        .source("our choice");
    s.value("programming_sigma", c.programming_sigma)
        .only_with("device.programming_spread", ProgrammingSpread::relative, ProgrammingSpread::state)
        .range(0, 1)
        .doc("standard deviation over mean of a programmed conductance; 0 = off (per device, per write)")
        .source("our choice: a write-verified cell; swept in the experiments");
    s.value("programming_sigma_off", c.programming_sigma_off)
        .only_with("device.programming_spread", ProgrammingSpread::state)
        .range(0, 1)
        .doc("the same at r_off, for spread `state`")
        .source("our choice: as at r_on");
    s.value("programming_sigma_us", c.programming_sigma_us)
        .only_with("device.programming_spread", ProgrammingSpread::absolute)
        .unit("uS")
        .range(0, 1e6)
        .doc("standard deviation for spread `absolute` (per device, per write)")
        .source(off);
    s.value("stuck_on_rate", c.stuck_on_rate)
        .range(0, 1)
        .doc("share of cells that stay at r_on (per device)")
        .source(off);
    s.value("stuck_off_rate", c.stuck_off_rate)
        .range(0, 1)
        .doc("share of cells that stay at r_off (per device)")
        .source(off);
    s.value("open_rate", c.open_rate)
        .range(0, 1)
        .doc("share of cells that do not conduct at all (per device)")
        .source(off);
    s.value("fault_map", c.fault_map)
        .file_path()
        .doc(
            "CSV file of faults: header array,row,column,fault; array a number (layer x 2^20 + array of the layer, "
            "from "
            "0) or *, fault on | off | open (per device)")
        .source("our choice: none");
    s.value("drift_time_s", c.drift_time_s)
        .only_beside({"device.drift_nu", "device.drift_nu_sigma"})
        .unit("s")
        .range(1e-12, 1e12)
        .doc("time from programming to the reads")
        .source("our choice: fresh, no drift");
    s.value("drift_t0_s", c.drift_t0_s)
        .only_beside({"device.drift_nu", "device.drift_nu_sigma"})
        .unit("s")
        .range(1e-12, 1e12)
        .doc("t0 of G(t) = G(t0) (t / t0)^-nu")
        .source("our choice: 1 s");
    s.value("drift_nu", c.drift_nu)
        .only_beside({"device.drift_time_s", "device.drift_t0_s"})
        .range(-1, 1)
        .doc("drift exponent; acts when drift_time_s is not drift_t0_s (per device)")
        .source(off);
    s.value("drift_nu_sigma", c.drift_nu_sigma)
        .only_beside({"device.drift_time_s", "device.drift_t0_s"})
        .range(0, 1)
        .doc("standard deviation of the exponent (normal, per device, per write)")
        .source(off);
    s.value("read_noise_sigma", c.read_noise_sigma)
        .affects(config::Affects::nothing)
        .range(0, 1)
        .doc("standard deviation over conductance of a cell's read noise (normal, per device, per read)")
        .source(off);
    s.value("r_access_ohm", c.r_access_ohm)
        .only_with("crossbar.circuit", Circuit::linear, Circuit::secant, Circuit::exact)
        .unit("ohm")
        .range(0, 1e12)
        .doc("access resistance in series with each cell")
        .source("our choice: part of r_on and r_off");
    s.value("nonlinearity_per_volt", c.nonlinearity_per_volt)
        .only_with("crossbar.circuit", Circuit::secant, Circuit::exact)
        .unit("1/V")
        .range(0, 50)
        .doc("a of the cell's current I = G sinh(a V) / a; acts in circuits secant and exact; 0 = linear")
        .source("our choice: linear");
}

void describe(config::Section& s, CrossbarConfig& c) {
    s.affects(config::Affects::weights);
    s.value("rows", c.rows)
        .range(1, 1024)
        .unit("cells")
        .doc("rows of an array")
        .source("our choice: 64 limits wire loss");
    s.value("cols", c.cols).range(1, 1024).unit("cells").doc("columns of an array").source("our choice: as rows");
    s.value("r_driver_ohm", c.r_driver_ohm)
        .unit("ohm")
        .range(0, 1e12)
        .doc("output resistance of a row driver")
        .source("our choice: a wide driver, 1/1000 of r_on");
    s.value("r_wire_row_ohm", c.r_wire_row_ohm)
        .unit("ohm")
        .range(0, 1e12)
        .doc("row wire between neighbouring cells")
        .source(wire_source);
    s.value("r_wire_col_ohm", c.r_wire_col_ohm)
        .only_with("crossbar.circuit", Circuit::linear, Circuit::secant, Circuit::exact)
        .unit("ohm")
        .range(0, 1e12)
        .doc("column wire between neighbouring cells")
        .source(wire_source);
    s.value("r_sense_ohm", c.r_sense_ohm)
        .only_with("crossbar.circuit", Circuit::linear, Circuit::secant, Circuit::exact)
        .unit("ohm")
        .range(0, 1e12)
        .doc("input resistance of a column's sense circuit")
        .source("our choice: as the driver");
    s.value("read_time_ns", c.read_time_ns)
        .affects(config::Affects::nothing)
        .unit("ns")
        .range(1e-3, 1e6)
        .doc("time of one array read, until the columns are held")
        .source(isaac);
    s.value("read_voltage_v", c.read_voltage_v)
        .unit("V")
        .range(0.001, 5)
        .doc("row voltage of the largest DAC value; matters to nonlinear cells only")
        .source("our choice");
    s.value("weights", c.weights)
        .doc(
            "differential: positive and negative column for each slice; offset: weight + 128, one reference column; "
            "separate: positive and negative parts in two arrays, subtracted after their ADCs")
        .source("our choice: differential keeps small weights at low conductance");
    s.value("circuit", c.circuit)
        .doc(
            "ideal: no wires; linear: wires exact, linear cells; secant: cells at their secant conductance; exact: the "
            "nonlinear circuit solved for each read")
        .source("our choice");
    s.value("precision", c.precision)
        .only_with("crossbar.circuit", Circuit::ideal, Circuit::linear, Circuit::secant)
        .doc("of the solution of the wires")
        .source("our choice: exact to 1e-12; fp32 to 1e-6 in half the time");
    s.value("secant_first_order", c.secant_first_order)
        .only_with("crossbar.circuit", Circuit::secant)
        .doc("circuit secant: first-order correction of the cells' nonlinearity at each read")
        .source(off);
    s.value("sample_hold", c.sample_hold)
        .affects(config::Affects::nothing)
        .doc("column currents are held, so that the next read overlaps the conversion of the last")
        .source(isaac);
    s.value("write_time_ns", c.write_time_ns)
        .affects(config::Affects::nothing)
        .unit("ns")
        .range(1e-3, 1e9)
        .doc("programming of one row of cells, all pulses and verifications; arrays are written at the same time")
        .source("our choice: 2-bit cells, 5 pulses of 100 ns in each of two phases (SET, RESET)");
}

void describe(config::Section& s, DacConfig& c) {
    s.affects(config::Affects::weights);
    s.value("bits", c.bits)
        .unit("bits")
        .range(1, 8)
        .doc("input bits that a row driver puts on its row in one read; activation_bits / bits reads, rounded up")
        .source(isaac);
}

void describe(config::Section& s, AdcConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("bits", c.bits)
        .unit("bits")
        .range(1, 12)
        .doc("resolution; differential: signed codes, else unsigned")
        .source(isaac);
    s.value("range", c.range)
        .doc(
            "fixed: a step is lsb_levels; full_scale: the last code is the sum of a full array of largest cells and "
            "inputs; calibrated: the last code is the percentile of a layer's sums on calibration images")
        .source("our choice");
    s.value("lsb_levels", c.lsb_levels)
        .only_with("adc.range", AdcRange::fixed)
        .unit("level steps")
        .range(1e-3, 1e6)
        .doc("ADC step of range fixed, in column currents of one conductance level step at one DAC step")
        .source("our choice: 1 keeps sums exact until they saturate");
    s.value("percentile", c.percentile)
        .only_with("adc.range", AdcRange::calibrated)
        .unit("%")
        .range(50, 100)
        .doc("share of a layer's sums that range calibrated does not clip")
        .source("our choice");
    s.value("calibration_images", c.calibration_images)
        .only_with("adc.range", AdcRange::calibrated)
        .range(1, 100000)
        .doc("images that range calibrated is measured on")
        .source("our choice");
    s.value("columns_per_adc", c.columns_per_adc)
        .affects(config::Affects::weights)
        .range(1, 4096)
        .unit("conversions")
        .doc("conversions that one ADC does for each read, one after the other")
        .source("our choice: one ADC an array");
    s.value("type", c.type)
        .doc(
            "sar: one conversion after the other; flash: so, but each code comes flash_latency_samples later; ramp: "
            "all columns at once, 2^bits steps of ramp_clock_ghz")
        .source(isaac);
    s.value("flash_latency_samples", c.flash_latency_samples)
        .only_with("adc.type", AdcType::flash)
        .unit("samples")
        .range(0, 64)
        .doc("type flash: sample periods from the end of a sample to its code")
        .source("our choice: one pipeline stage");
    s.value("ramp_clock_ghz", c.ramp_clock_ghz)
        .only_with("adc.type", AdcType::ramp)
        .unit("GHz")
        .range(0.001, 10)
        .doc("type ramp: steps per ns")
        .source("our choice: as the sample rate");
    s.value("sample_rate_gsps", c.sample_rate_gsps)
        .only_with("adc.type", AdcType::sar, AdcType::flash)
        .unit("GS/s")
        .range(0.001, 10)
        .doc("conversions per ns of one ADC")
        .source("ISAAC-CE: 8-bit SAR of Kull et al., ISSCC 2013");
    s.value("noise_sigma_lsb", c.noise_sigma_lsb)
        .unit("LSB")
        .range(0, 16)
        .doc("standard deviation of the noise at an ADC input (normal, per read)")
        .source(off);
    s.value("gain_sigma", c.gain_sigma)
        .affects(config::Affects::weights)
        .range(0, 0.5)
        .doc("standard deviation of an ADC's gain about 1 (normal, per ADC)")
        .source(off);
    s.value("offset_sigma_lsb", c.offset_sigma_lsb)
        .unit("LSB")
        .range(0, 64)
        .doc("standard deviation of an ADC's offset (normal, per ADC)")
        .source(off);
    s.value("inl_sigma_lsb", c.inl_sigma_lsb)
        .unit("LSB")
        .range(0, 64)
        .doc("integral nonlinearity: standard deviation of the height of a parabola over the range (normal, per ADC)")
        .source(off);
}

void describe(config::Section& s, PeConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("arrays", c.arrays).range(1, 1024).doc("arrays in a processing element").source("our choice: one");
    s.value("input_vectors", c.input_vectors)
        .unit("vectors")
        .range(1, 64)
        .doc("input vectors that an array's input register holds; 2: the next is fetched while one is read")
        .source("our choice: double buffering");
    s.value("output_vectors", c.output_vectors)
        .unit("vectors")
        .range(1, 64)
        .doc("results that an array's output register holds until they are gathered")
        .source("our choice: single");
    s.value("shift_add_cycles", c.shift_add_cycles)
        .unit("cycles")
        .range(0, 1024)
        .doc("from the last code of a vector to its sums in the output register")
        .source("our choice: one adder stage");
}

void describe(config::Section& s, BufferConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("bytes", c.bytes).unit("bytes").range(64, 1 << 26).doc("capacity").source(isaac);
    s.value("banks", c.banks).range(1, 64).doc("banks; the words of one access are spread over them").source(isaac);
    s.value("ports", c.ports).range(1, 16).doc("accesses served at the same time").source("our choice: single-ported");
    s.value("width_bits", c.width_bits).unit("bits").range(8, 4096).doc("word of a bank").source(isaac);
    s.value("latency_cycles", c.latency_cycles)
        .unit("cycles")
        .range(1, 1024)
        .doc("from an access to its first word")
        .source("our choice: 1 ns at 32 nm");
}

void describe(config::Section& s, TileConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("pes", c.pes)
        .range(1, 1024)
        .doc("processing elements in a tile")
        .source("our choice: as ISAAC-CE's 12 units");
    s.value("bus_bits", c.bus_bits).unit("bits").range(8, 4096).doc("width of the tile's shared bus").source(isaac);
    s.value("accumulator_positions", c.accumulator_positions)
        .unit("positions")
        .range(1, 4096)
        .doc("output positions of a layer that an accumulate unit holds until they are finished and sent")
        .source("our choice: hides the network's round trip");
    s.value("accumulator_latency_cycles", c.accumulator_latency_cycles)
        .unit("cycles")
        .range(0, 1024)
        .doc("from the last partial sum of a position to its total")
        .source("our choice: one adder stage");
    s.value("vector_lanes", c.vector_lanes).range(1, 4096).doc("activations finished per cycle").source("our choice");
    s.value("vector_latency_cycles", c.vector_latency_cycles)
        .unit("cycles")
        .range(1, 1024)
        .doc("pipeline stages of the vector unit")
        .source("our choice: one");
    s.value("stage_cycles", c.stage_cycles)
        .unit("cycles")
        .range(1, 100000)
        .doc("static pipeline: every step of a position in a tile takes a multiple of this")
        .source("our choice: dynamic");
}

void describe(config::Section& s, NocConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("topology", c.topology).doc("torus: rows and columns are rings (needs 2 vcs or more)").source("our choice");
    s.value("mesh_cols", c.mesh_cols)
        .range(0, 64)
        .unit("routers")
        .doc("columns of the mesh; 0 = as many as needed")
        .source("our choice: a chip made for the network");
    s.value("mesh_rows", c.mesh_rows)
        .range(0, 64)
        .unit("routers")
        .doc("rows of the mesh; 0 = as many as needed")
        .source("our choice: a chip made for the network");
    s.value("concentration", c.concentration)
        .unit("tiles")
        .range(1, 16)
        .doc("tiles on a router")
        .source("our choice: one");
    s.value("clock_ghz", c.clock_ghz)
        .unit("GHz")
        .range(0, 10)
        .doc("clock of routers and links; 0 = clock.frequency_ghz")
        .source("our choice: one clock");
    s.value("flit_bits", c.flit_bits)
        .unit("bits")
        .range(8, 1024)
        .doc("width of a link; one flit a cycle")
        .source(isaac);
    s.value("vcs", c.vcs).range(1, 16).doc("virtual channels of an input port").source("our choice");
    s.value("vc_buffer_flits", c.vc_buffer_flits)
        .unit("flits")
        .range(1, 1024)
        .doc("buffer of a virtual channel")
        .source("our choice: covers the credit round trip");
    s.value("routing_delay_cycles", c.routing_delay_cycles)
        .unit("cycles")
        .range(0, 64)
        .doc("route computation; 0: done in the router before")
        .source("our choice: look-ahead routing");
    s.value("vc_alloc_delay_cycles", c.vc_alloc_delay_cycles)
        .unit("cycles")
        .range(1, 64)
        .doc("virtual-channel allocation")
        .source("our choice: one stage");
    s.value("switch_alloc_delay_cycles", c.switch_alloc_delay_cycles)
        .unit("cycles")
        .range(1, 64)
        .doc("switch allocation")
        .source("our choice: one stage");
    s.value("switch_delay_cycles", c.switch_delay_cycles)
        .unit("cycles")
        .range(1, 64)
        .doc("traversal of the crossbar switch")
        .source("our choice: one stage");
    s.value("link_delay_cycles", c.link_delay_cycles)
        .unit("cycles")
        .range(1, 64)
        .doc("cycles on a link")
        .source("our choice");
    s.value("credit_delay_cycles", c.credit_delay_cycles)
        .unit("cycles")
        .range(1, 64)
        .doc("processing of a credit")
        .source("our choice: one stage");
    s.value("speculative", c.speculative)
        .doc("switch allocation in the cycle of virtual-channel allocation")
        .source(off);
    s.value("multicast", c.multicast)
        .doc("one packet for all tiles that read a position, copied by the routers; else one each")
        .source("our choice");
    s.value("interface_packets", c.interface_packets)
        .unit("packets")
        .range(1, 4096)
        .doc("packets that wait in a network interface; the sender waits when it is full")
        .source("our choice");
    s.value("io_links", c.io_links)
        .unit("links")
        .range(1, 64)
        .doc("off-chip links, at tile 0; for area only")
        .source("our choice: one of the four of ISAAC's larger chip");
}

void describe(config::Section& s, MappingConfig& c) {
    s.affects(config::Affects::nothing);
    s.value("schedule", c.schedule)
        .doc(
            "layer_by_layer: a layer starts when its input maps are complete, images one by one; pipelined: a position "
            "starts when the inputs of its window have arrived, images follow one another")
        .source("our choice");
    s.value("replication", c.replication)
        .doc(
            "copies of a layer on other arrays, which share its positions; auto: balances the pipeline within "
            "array_budget")
        .source("our choice: none");
    s.value("replicas", c.replicas)
        .only_with("mapping.replication", Replication::list)
        .doc("replication list: layer=copies, as in [conv1=8, conv2=4]")
        .source("our choice: none");
    s.value("array_budget", c.array_budget)
        .only_with("mapping.replication", Replication::automatic)
        .unit("arrays")
        .range(0, 1 << 24)
        .doc("replication auto: arrays to fill; 0 = those of the given mesh")
        .source("our choice");
    s.value("placement", c.placement)
        .doc(
            "snake: layers in order along the rows of the mesh, turning back; improved: then swapped while bytes x "
            "hops fall")
        .source("our choice");
    s.value("tiles", c.tiles)
        .doc("exclusive: a layer starts on a tile of its own; shared: on the next free processing element")
        .source("our choice");
    s.value("tile_blocks", c.tile_blocks)
        .doc(
            "which arrays of a layer come together on a tile: outputs: those of the same output channels, whose sums "
            "are then added in the tile; rows: those of the same inputs, which are then fetched once")
        .source("our choice: partial sums are four bytes, inputs one");
    s.value("oversubscribed", c.oversubscribed)
        .doc("network larger than the mesh: an error, or rounds of layers with the cells written anew in between")
        .source("our choice: say it");
    s.value("line_buffers", c.line_buffers)
        .only_with("mapping.schedule", Schedule::pipelined)
        .doc(
            "pipelined: safe: as many positions as the layer's window and branches that rejoin need; window: the "
            "window alone, which can deadlock where branches rejoin")
        .source("our choice");
    s.value("line_buffer_slack_rows", c.line_buffer_slack_rows)
        .only_with("mapping.schedule", Schedule::pipelined)
        .unit("rows")
        .range(0, 1024)
        .doc("pipelined: rows of a line buffer beyond what is needed, to run ahead")
        .source("our choice: one row");
}

}  // namespace

void describe(config::Section& root, HardwareConfig& h) {
    describe(root.section("device", "the ReRAM cell"), h.device);
    describe(root.section("crossbar", "one array and its wires"), h.crossbar);
    describe(root.section("dac", "digital-to-analog converters: the row drivers"), h.dac);
    describe(root.section("adc", "analog-to-digital converters"), h.adc);
    describe(root.section("pe", "one processing element: arrays and their registers"), h.pe);
    describe(root.section("buffer", "the activation buffer of a tile"), h.buffer);
    describe(root.section("tile", "one tile: processing elements, bus, accumulate unit, vector unit"), h.tile);
    describe(root.section("noc", "the network of routers that joins the tiles"), h.noc);
    describe(root.section("mapping", "layers to tiles, and their schedule"), h.mapping);
    auto& clock = root.section("clock", "the digital clock");
    clock.value("frequency_ghz", h.clock.frequency_ghz)
        .affects(config::Affects::nothing)
        .unit("GHz")
        .range(0.01, 10)
        .doc("digital clock of tiles; array reads and conversions end on its edges")
        .source("our choice: 1 GHz, within reach at 32 nm");
    auto& numerics = root.section("numerics", "widths of the integers");
    numerics.affects(config::Affects::weights);
    numerics.value("activation_bits", h.numerics.activation_bits)
        .unit("bits")
        .range(1, 16)
        .doc("unsigned activations; other than 8: cycles and counts only (simulation.values: counts)")
        .source("our choice: 8");
    numerics.value("weight_bits", h.numerics.weight_bits)
        .unit("bits")
        .range(2, 16)
        .doc("signed weights; other than 8: cycles and counts only (simulation.values: counts)")
        .source("our choice: 8");
    root.value("chip_seed", h.chip_seed)
        .affects(config::Affects::weights)
        .doc("which instance of the chip: its device variation and its noise")
        .source("our choice");
}

void validate(const HardwareConfig& h, const config::Origins& origins) {
    if (h.device.r_off_ohm <= h.device.r_on_ohm)
        fail_check(origins, "device.r_off_ohm",
                   fmt::format("a resistance above device.r_on_ohm = {} ohm", h.device.r_on_ohm));
    if (h.outputs_per_array() < 1)
        fail_check(origins, "crossbar.cols",
                   fmt::format("at least {} columns: one {}-bit weight in {} cells of {} bits, {} mapping",
                               h.columns_per_conversion() * h.slices() + (h.offset() ? 1 : 0), h.numerics.weight_bits,
                               h.slices(), h.cell_bits(), name_of(h.crossbar.weights)));
    if (h.device.stuck_on_rate + h.device.stuck_off_rate + h.device.open_rate > 1.0)
        fail_check(origins, "device.stuck_on_rate", "stuck_on_rate + stuck_off_rate + open_rate of at most 1");
    if (h.device.analog() && !h.device.level_table.empty())
        fail_check(origins, "device.level_table",
                   "no table with device.storage: analog, whose levels are evenly spaced");
    if (h.device.programming_spread == ProgrammingSpread::table && h.device.level_table.empty())
        fail_check(origins, "device.programming_spread",
                   "a device.level_table for spread `table`, which takes the spread from the table's column sigma_s");
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

}  // namespace xloop
