#include "core/hardware_config.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

constexpr const char* wire_source =
    "DNN+NeuroSim parameter file shipped with XPert (arXiv 2303.17646), 32 nm: 56 nm wide wire, aspect ratio 1.8, "
    "3.70e-8 ohm m, cell 4F x 12F";
constexpr const char* isaac = "ISAAC-CE (Shafiee et al., ISCA 2016)";

void describe(config::Section& s, DeviceConfig& c) {
    s.value("r_on_ohm", c.r_on_ohm).unit("ohm").above(0).doc("resistance of the lowest-resistance level")
        .source("GENIEx (arXiv 2003.06902): HSPICE sets use 50k, 100k and 300k");
    s.value("r_off_ohm", c.r_off_ohm).unit("ohm").above(0).doc("resistance of the highest-resistance level")
        .source("ON/OFF ratio 10, upper value studied in GENIEx (arXiv 2003.06902)");
    s.value("bits_per_cell", c.bits_per_cell).unit("bits").range(1, 4).doc("levels are evenly spaced in conductance")
        .source(isaac);
    s.value("programming_sigma", c.programming_sigma).range(0, 1)
        .doc("standard deviation over mean of a cell's conductance after programming (normal, per device, per write)")
        .source("our choice: a write-verified cell; swept in the experiments");
}

void describe(config::Section& s, CrossbarConfig& c) {
    s.value("rows", c.rows).range(1, 1024).unit("cells").doc("rows of an array").source("our choice: 64 limits wire loss");
    s.value("cols", c.cols).range(1, 1024).unit("cells").doc("columns of an array").source("our choice: as rows");
    s.value("r_driver_ohm", c.r_driver_ohm).unit("ohm").at_least(0).doc("output resistance of a row driver")
        .source("our choice: a wide driver, 1/1000 of r_on");
    s.value("r_wire_row_ohm", c.r_wire_row_ohm).unit("ohm").at_least(0).doc("row wire between neighbouring cells")
        .source(wire_source);
    s.value("r_wire_col_ohm", c.r_wire_col_ohm).unit("ohm").at_least(0).doc("column wire between neighbouring cells")
        .source(wire_source);
    s.value("r_sense_ohm", c.r_sense_ohm).unit("ohm").at_least(0).doc("input resistance of a column's sense circuit")
        .source("our choice: as the driver");
    s.value("read_time_ns", c.read_time_ns).unit("ns").above(0).doc("time of one array read, until the columns are held")
        .source(isaac);
    s.value("weights", c.weights).one_of({"differential", "offset"})
        .doc("differential: positive and negative column for each slice; offset: weight + 128, one reference column")
        .source("our choice: differential keeps small weights at low conductance");
}

void describe(config::Section& s, AdcConfig& c) {
    s.value("bits", c.bits).unit("bits").range(1, 12).doc("resolution; differential: signed codes, offset: unsigned")
        .source(isaac);
    s.value("lsb_levels", c.lsb_levels).unit("level steps").range(1, 8)
        .doc("ADC step, in column currents of one conductance level step").source("our choice: 1 keeps sums exact until they saturate");
    s.value("columns_per_adc", c.columns_per_adc).range(1, 4096).unit("conversions")
        .doc("conversions that one ADC does for each read, one after the other").source("our choice: one ADC an array");
    s.value("sample_rate_gsps", c.sample_rate_gsps).unit("GS/s").range(0.001, 10).doc("conversions per ns of one ADC")
        .source("ISAAC-CE: 8-bit SAR of Kull et al., ISSCC 2013");
    s.value("noise_sigma_lsb", c.noise_sigma_lsb).unit("LSB").range(0, 16)
        .doc("standard deviation of the noise at an ADC input (normal, per read)").source("our choice: off");
}

void describe(config::Section& s, TileConfig& c) {
    s.value("arrays", c.arrays).range(1, 4096).doc("arrays in a tile").source("our choice: as ISAAC-CE's 12 units");
    s.value("buffer_bytes", c.buffer_bytes).unit("bytes").range(64, 1 << 26).doc("activation buffer of a tile")
        .source(isaac);
    s.value("bus_bits", c.bus_bits).unit("bits").range(8, 4096).doc("width of the tile's shared bus").source(isaac);
    s.value("vector_lanes", c.vector_lanes).range(1, 4096).doc("activations finished per cycle").source("our choice");
}

void describe(config::Section& s, NocConfig& c) {
    s.value("mesh_cols", c.mesh_cols).range(0, 64).unit("tiles").doc("columns of the mesh; 0 = as many as needed")
        .source("our choice: a chip made for the network");
    s.value("mesh_rows", c.mesh_rows).range(0, 64).unit("tiles").doc("rows of the mesh; 0 = as many as needed")
        .source("our choice: a chip made for the network");
    s.value("flit_bits", c.flit_bits).unit("bits").range(8, 1024).doc("width of a link; one flit a cycle").source(isaac);
    s.value("router_delay_cycles", c.router_delay_cycles).unit("cycles").range(1, 64)
        .doc("cycles of a head flit in a router without contention").source("our choice: route, allocate, traverse");
    s.value("link_delay_cycles", c.link_delay_cycles).unit("cycles").range(1, 64).doc("cycles on a link")
        .source("our choice");
    s.value("io_links", c.io_links).unit("links").range(1, 64).doc("off-chip links, at tile 0; for area only")
        .source("our choice: one of the four of ISAAC's larger chip");
    s.value("buffer_flits", c.buffer_flits).unit("flits").range(1, 1024).doc("input buffer of a router port")
        .source("our choice");
}

}  // namespace

int HardwareConfig::slices() const {
    const int bits = differential() ? numerics.weight_bits - 1 : numerics.weight_bits;
    return (bits + device.bits_per_cell - 1) / device.bits_per_cell;
}

int HardwareConfig::outputs_per_array() const {
    return differential() ? crossbar.cols / (2 * slices()) : (crossbar.cols - 1) / slices();
}

void describe(config::Section& root, HardwareConfig& h) {
    describe(root.section("device", "the ReRAM cell"), h.device);
    describe(root.section("crossbar", "one array and its wires"), h.crossbar);
    describe(root.section("adc", "analog-to-digital converters"), h.adc);
    describe(root.section("tile", "one tile: arrays, buffer, bus, vector unit"), h.tile);
    describe(root.section("noc", "the mesh of routers that joins the tiles"), h.noc);
    auto& clock = root.section("clock", "the digital clock");
    clock.value("frequency_ghz", h.clock.frequency_ghz).unit("GHz").range(0.01, 10).doc("clock of tiles and routers")
        .source("our choice: 1 GHz, within reach at 32 nm");
    auto& numerics = root.section("numerics", "widths of the integers");
    numerics.value("activation_bits", h.numerics.activation_bits).unit("bits").range(8, 8)
        .doc("unsigned activations; one read for each bit").source("our choice: 8");
    numerics.value("weight_bits", h.numerics.weight_bits).unit("bits").range(8, 8).doc("signed weights")
        .source("our choice: 8");
    root.value("chip_seed", h.chip_seed).doc("which instance of the chip: its device variation and its noise")
        .source("our choice");
}

void validate(const HardwareConfig& h, const config::Origins& origins) {
    if (h.device.r_off_ohm <= h.device.r_on_ohm)
        fail_check(origins, "device.r_off_ohm",
                   fmt::format("a resistance above device.r_on_ohm = {} ohm", h.device.r_on_ohm));
    if (h.outputs_per_array() < 1)
        fail_check(origins, "crossbar.cols",
                   fmt::format("at least {} columns: one {}-bit weight in {} cells of {} bits, {} mapping",
                               h.differential() ? 2 * h.slices() : h.slices() + 1, h.numerics.weight_bits, h.slices(),
                               h.device.bits_per_cell, h.crossbar.weights));
    if ((h.noc.mesh_cols == 0) != (h.noc.mesh_rows == 0))
        fail_check(origins, h.noc.mesh_cols == 0 ? "noc.mesh_cols" : "noc.mesh_rows",
                   "noc.mesh_cols and noc.mesh_rows both 0 (sized for the network) or both at least 1");
}

}  // namespace xloop
