#pragma once

#include "core/config/schema.hpp"

#include <cstdint>
#include <string>

namespace xloop {

/// The ReRAM cell.
struct DeviceConfig {
    double r_on_ohm = 100e3;
    double r_off_ohm = 1e6;
    int bits_per_cell = 2;
    double programming_sigma = 0.05;

    double g_on() const { return 1.0 / r_on_ohm; }
    double g_off() const { return 1.0 / r_off_ohm; }
    int levels() const { return 1 << bits_per_cell; }
    /// Conductance between neighbouring levels, in siemens.
    double level_step() const { return (g_on() - g_off()) / (levels() - 1); }
};

/// One array and its wires; the circuit is that of docs/modelling.md, "The analog array".
struct CrossbarConfig {
    int rows = 64;
    int cols = 64;
    double r_driver_ohm = 100.0;
    double r_wire_row_ohm = 1.47;
    double r_wire_col_ohm = 4.40;
    double r_sense_ohm = 100.0;
    double read_time_ns = 100.0;
    std::string weights = "differential";  ///< differential | offset
};

struct AdcConfig {
    int bits = 8;
    int lsb_levels = 1;
    int columns_per_adc = 32;
    double sample_rate_gsps = 1.28;
    double noise_sigma_lsb = 0.0;
};

struct TileConfig {
    int arrays = 12;
    int buffer_bytes = 65536;
    int bus_bits = 384;
    int vector_lanes = 16;
};

struct NocConfig {
    int mesh_cols = 0;  ///< 0: the smallest near-square mesh that fits the network
    int mesh_rows = 0;
    int flit_bits = 32;
    int router_delay_cycles = 3;
    int link_delay_cycles = 1;
    int buffer_flits = 8;
    int io_links = 1;
};

struct ClockConfig {
    double frequency_ghz = 1.0;
    double period_ns() const { return 1.0 / frequency_ghz; }
};

struct NumericsConfig {
    int activation_bits = 8;
    int weight_bits = 8;
};

/// The accelerator, as the model needs it. Immutable once validated.
struct HardwareConfig {
    DeviceConfig device;
    CrossbarConfig crossbar;
    AdcConfig adc;
    TileConfig tile;
    NocConfig noc;
    ClockConfig clock;
    NumericsConfig numerics;
    std::uint64_t chip_seed = 1;  ///< which instance of the chip: device variation and noise

    bool differential() const { return crossbar.weights == "differential"; }
    /// Cells that hold one weight's magnitude (differential: weight_bits - 1 bits) or offset value (weight_bits bits).
    int slices() const;
    /// Weights of one row that fit side by side into an array, one for each output channel.
    int outputs_per_array() const;
    /// Conversions of an array that holds `outputs` output channels, for each read.
    int conversions(int outputs) const { return outputs * slices(); }
};

/// Declares every hardware key in `root` (sections device, crossbar, adc, tile, noc, clock, numerics).
void describe(config::Section& root, HardwareConfig& hardware);

/// Checks between keys. Throws InputError that names the file, line and key path to change.
void validate(const HardwareConfig& hardware, const config::Origins& origins);

}  // namespace xloop
