#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// What a kind of cell is, is a row of systemc_model/device/kinds/cell_kind.hpp.
enum class DeviceKind { reram, pcm, sram };
constexpr auto names_of(DeviceKind) { return std::array{"reram", "pcm", "sram"}; }

/// levels: bits_per_cell in each cell; analog: a whole weight in one cell.
enum class CellStorage { levels, analog };
constexpr auto names_of(CellStorage) { return std::array{"levels", "analog"}; }

enum class ProgrammingDistribution { normal, lognormal };
constexpr auto names_of(ProgrammingDistribution) { return std::array{"normal", "lognormal"}; }

enum class ProgrammingSpread { relative, absolute, state, table };
constexpr auto names_of(ProgrammingSpread) { return std::array{"relative", "absolute", "state", "table"}; }

/// How signed weights become conductances (systemc_model/crossbar/weight_slicing.hpp).
enum class WeightMapping { differential, offset, separate };
constexpr auto names_of(WeightMapping) { return std::array{"differential", "offset", "separate"}; }

/// How the currents of an array are computed.
///   ideal   V * G: no wires, no access resistance, no nonlinearity
///   linear  V * G_eff, wires and access resistance exact, cells at their slope at 0 V
///   secant  as linear, with each cell at the secant conductance that fits it best over a calibration batch
///   exact   the nonlinear circuit, input by input
enum class Circuit { ideal, linear, secant, exact };
constexpr auto names_of(Circuit) { return std::array{"ideal", "linear", "secant", "exact"}; }

/// fp64, or fp32 for G_eff (loops that sample many chips).
enum class Precision { fp64, fp32 };
constexpr auto names_of(Precision) { return std::array{"fp64", "fp32"}; }

enum class AdcRange { fixed, full_scale, calibrated };
constexpr auto names_of(AdcRange) { return std::array{"fixed", "full_scale", "calibrated"}; }

/// What a type is, is a row of systemc_model/cost/adc/adc_kind.hpp.
enum class AdcType { sar, flash, ramp };
constexpr auto names_of(AdcType) { return std::array{"sar", "flash", "ramp"}; }

/// What a digital multiplier corrects of the sums of each output of an array (systemc_model/crossbar/gain_correction.hpp).
enum class GainCorrectionKind { none, gain, gain_offset };
constexpr auto names_of(GainCorrectionKind) { return std::array{"none", "gain", "gain_offset"}; }

/// What computes in a tile: arrays of cells with converters, or multipliers with weights in SRAM beside them.
enum class TileEngine { analog, digital };
constexpr auto names_of(TileEngine) { return std::array{"analog", "digital"}; }

enum class NocTopology { mesh, torus };
constexpr auto names_of(NocTopology) { return std::array{"mesh", "torus"}; }

enum class Schedule { layer_by_layer, pipelined };
constexpr auto names_of(Schedule) { return std::array{"layer_by_layer", "pipelined"}; }

enum class Replication { none, automatic, list };
constexpr auto names_of(Replication) { return std::array{"none", "auto", "list"}; }

enum class Placement { snake, improved };
constexpr auto names_of(Placement) { return std::array{"snake", "improved"}; }

enum class TileSharing { exclusive, shared };
constexpr auto names_of(TileSharing) { return std::array{"exclusive", "shared"}; }

/// Groups of a convolution in the arrays: each in arrays of its own, or several on the diagonal of one.
enum class GroupPacking { none, diagonal };
constexpr auto names_of(GroupPacking) { return std::array{"none", "diagonal"}; }

enum class TileBlocks { outputs, rows };
constexpr auto names_of(TileBlocks) { return std::array{"outputs", "rows"}; }

enum class Oversubscribed { error, rounds };
constexpr auto names_of(Oversubscribed) { return std::array{"error", "rounds"}; }

enum class LineBuffers { safe, window };
constexpr auto names_of(LineBuffers) { return std::array{"safe", "window"}; }

/// Statistics of phase-change cells by x = target conductance / g_on; systemc_model/device/kinds/pcm.cpp has the equations.
/// The defaults are the fits of Nandakumar et al., ICECS 2019, to the cells of Joshi et al., Nature Communications 2020.
struct PcmConfig {
    double programming_0 = 0.26348 / 25, programming_1 = 1.9650 / 25, programming_2 = -1.1731 / 25, programming_3 = 0.0;
    double nu_on = 0.0244, nu_log = -0.0155, nu_least = 0.049, nu_most = 0.1;
    double nu_sigma_on = -0.0059, nu_sigma_log = -0.0125, nu_sigma_least = 0.008, nu_sigma_most = 0.045;
    double noise_on = 0.0088, noise_exponent = 0.65, noise_most = 0.2;
    double noise_read_time_ns = 250.0;
};

/// The memory cell. `per write`: drawn once for each cell when an array is programmed; `per read`: drawn at each read.
struct DeviceConfig {
    DeviceKind kind = DeviceKind::reram;
    double r_on_ohm = 100e3;
    double r_off_ohm = 1e6;
    CellStorage storage =
        CellStorage::levels;  ///< levels: bits_per_cell in each cell | analog: a whole weight in one cell
    int bits_per_cell = 2;
    std::string level_table;  ///< CSV file: mean and sigma of each level, in siemens; empty: evenly spaced levels

    ProgrammingDistribution programming_distribution = ProgrammingDistribution::normal;
    ProgrammingSpread programming_spread = ProgrammingSpread::relative;
    double programming_sigma = 0.05;      ///< relative, state: sigma over mean (state: at g_on)
    double programming_sigma_off = 0.05;  ///< state: sigma over mean at g_off
    double programming_sigma_us = 0.0;    ///< absolute: sigma in microsiemens

    double stuck_on_rate = 0.0, stuck_off_rate = 0.0, open_rate = 0.0;  ///< share of cells
    std::string fault_map;                                              ///< CSV file of single faults

    double drift_time_s = 1.0, drift_t0_s = 1.0;
    double drift_nu = 0.0, drift_nu_sigma = 0.0;

    PcmConfig pcm;                    ///< kind pcm
    double on_current_sigma = 0.107;  ///< kind sram: sigma over mean of an on cell's current

    double read_noise_sigma = 0.0;  ///< sigma over conductance, per read
    double r_access_ohm = 0.0;
    double nonlinearity_per_volt = 0.0;  ///< a of I = G sinh(a V) / a; 0: linear

    double g_on() const { return 1.0 / r_on_ohm; }
    double g_off() const { return 1.0 / r_off_ohm; }
    bool analog() const { return storage == CellStorage::analog; }
};

/// One array and its wires; the circuit is that of docs/modelling.md, "The analog array".
struct CrossbarConfig {
    int rows = 64;
    int cols = 64;
    int rows_per_read = 0;  ///< that are driven at once, at most; 0: all
    int spare_cols = 0;     ///< of cols: pairs (differential) or columns that stand in for bad ones
    double r_driver_ohm = 100.0;
    double r_wire_row_ohm = 1.47;
    double r_wire_col_ohm = 4.40;
    double r_sense_ohm = 100.0;
    double read_time_ns = 100.0;
    double read_voltage_v = 0.2;
    WeightMapping weights = WeightMapping::differential;
    Circuit circuit = Circuit::linear;
    Precision precision = Precision::fp64;
    bool secant_first_order = false;
    bool skip_zero_reads = false;   ///< a read whose digits are all 0 is not made
    bool sample_hold = true;        ///< the next read overlaps the conversion of the last one
    double write_time_ns = 1000.0;  ///< one row of cells programmed, pulses and verification

    /// Rows that one read drives, at most.
    int rows_at_once() const { return rows_per_read > 0 ? std::min(rows_per_read, rows) : rows; }
};

struct DacConfig {
    int bits = 1;
};

struct AdcConfig {
    int bits = 8;
    AdcRange range = AdcRange::fixed;
    double lsb_levels = 1.0;   ///< of range fixed
    double percentile = 99.9;  ///< of range calibrated
    int calibration_images = 16;
    int columns_per_adc = 32;
    bool bits_by_column = false;
    int used_bits = 0;    ///< of a layer that stops its converters earlier; 0: all
    int spared_bits = 0;  ///< of a layer whose fullest column leaves the upper codes unused (bits_by_column)
    AdcType type = AdcType::sar;
    double sample_rate_gsps = 1.28;
    int flash_latency_samples = 1;
    double ramp_clock_ghz = 1.28;
    double noise_sigma_lsb = 0.0;
    double gain_sigma = 0.0;
    double offset_sigma_lsb = 0.0;
    double inl_sigma_lsb = 0.0;
    GainCorrectionKind gain_correction = GainCorrectionKind::none;
    int correction_bits = 8;  ///< of the factor, behind the point
    int correction_vectors = 64;

    bool corrects_gain() const { return gain_correction != GainCorrectionKind::none; }
    /// Of the codes for a full column, which the size of a step follows from.
    int range_bits() const { return used_bits > 0 ? used_bits : bits; }
    /// Of the codes.
    int code_bits() const { return range_bits() - spared_bits; }
};

/// What a digital tile has in the place of each array: rows x cols multiply-accumulate units, which take one set of weights
/// from the SRAM beside them in each step and compute exact sums. A vector takes one step for every `cols` outputs.
struct DigitalConfig {
    int rows = 64;
    int cols = 4;
    int weight_sets = 16;
    double rate_ghz = 1.0;  ///< steps per ns
    int bits = 8;           ///< of the multipliers' both inputs, and of a stored weight
    int latency_cycles = 2;

    int outputs() const { return cols * weight_sets; }
    int steps(int outputs) const { return (outputs + cols - 1) / cols; }
    /// One set as it is read: whole, used or not.
    int set_bytes() const { return (rows * cols * bits + 7) / 8; }
};

/// A processing element: arrays with their row drivers, sample-and-hold, ADCs, shift-and-add, and registers.
struct PeConfig {
    int arrays = 1;
    int input_vectors = 2;   ///< that an array's input register holds
    int output_vectors = 1;  ///< that an array's output register holds
    int shift_add_cycles = 1;
};

/// The activation buffer of a tile.
struct BufferConfig {
    int bytes = 65536;
    int banks = 4;
    int ports = 1;
    int width_bits = 256;
    int latency_cycles = 1;
};

struct TileConfig {
    TileEngine engine = TileEngine::analog;
    int pes = 12;
    int bus_bits = 384;
    int accumulator_positions = 4;
    int accumulator_latency_cycles = 1;
    int vector_lanes = 16;
    int vector_latency_cycles = 1;
    int stage_cycles = 1;
    bool window_reuse = false;  ///< input registers keep what of a window the next one has as well
};

/// The pipeline of a router of the network on chip. Delays in cycles of the network.
struct RouterConfig {
    int vcs = 4;                   ///< virtual channels of every input port
    int vc_buffer_flits = 8;       ///< buffer of every virtual channel, shared with no other
    int routing_delay_cycles = 0;  ///< 0: the route is known when a head flit arrives
    int vc_alloc_delay_cycles = 1;
    int switch_alloc_delay_cycles = 1;
    int switch_delay_cycles = 1;
    int link_delay_cycles = 1;
    int credit_delay_cycles = 1;  ///< from the end of the credit's wire to its use
    bool speculative = false;     ///< heads ask for the switch while they ask for a virtual channel
};

struct NocConfig : RouterConfig {
    NocTopology topology = NocTopology::mesh;
    int mesh_cols = 0;  ///< routers; 0: the smallest near-square mesh that fits the network
    int mesh_rows = 0;
    int concentration = 1;
    double clock_ghz = 0.0;  ///< 0: the digital clock
    int flit_bits = 32;
    bool multicast = true;
    int interface_packets = 8;
    int io_links = 1;
};

/// Who sits where, and in which order layers run.
struct MappingConfig {
    Schedule schedule = Schedule::layer_by_layer;
    Replication replication = Replication::none;
    std::vector<std::string> replicas;  ///< of replication list: "conv1=4"
    int array_budget = 0;               ///< of replication auto; 0: the arrays of the given mesh
    Placement placement = Placement::snake;
    TileSharing tiles = TileSharing::exclusive;
    GroupPacking group_packing = GroupPacking::none;
    bool skip_zero_weights = false;  ///< rows and outputs of a layer's matrix that are all zero take no array
    TileBlocks tile_blocks = TileBlocks::outputs;
    Oversubscribed oversubscribed = Oversubscribed::error;
    LineBuffers line_buffers = LineBuffers::safe;
    int line_buffer_slack_rows = 1;
};

struct ClockConfig {
    double frequency_ghz = 1.0;
    double period_ns() const { return 1.0 / frequency_ghz; }
};

struct NumericsConfig {
    int activation_bits = 8;
    int weight_bits = 8;
};

/// Bytes that an integer of so many bits takes in buffers, on buses and in packets.
constexpr int bytes_of(int bits) { return (bits + 7) / 8; }

/// What layers whose name matches ask of the hardware; 0, or an empty text: what their type of tile has.
struct LayerRule {
    std::string name;  ///< of a layer, or a pattern: * for any characters, ? for one, [...] for one of a set
    std::string tile;  ///< type; empty: the base
    int weight_bits = 0, activation_bits = 0;
    int adc_bits = 0;
    double adc_lsb_levels = 0.0, adc_percentile = 0.0;

    bool matches(const std::string& layer) const;
};

struct TileType;

/// The accelerator, as the model needs it. Immutable once validated. Itself it is the base type of its tiles; where tiles or
/// layers differ, each kind of hardware is a HardwareConfig of its own (core/hardware_kinds.hpp).
struct HardwareConfig {
    DeviceConfig device;
    CrossbarConfig crossbar;
    DacConfig dac;
    AdcConfig adc;
    DigitalConfig digital;
    PeConfig pe;
    BufferConfig buffer;
    TileConfig tile;
    NocConfig noc;
    MappingConfig mapping;
    ClockConfig clock;
    NumericsConfig numerics;
    std::uint64_t chip_seed = 1;       ///< which instance of the chip: device variation and noise
    std::vector<TileType> tile_types;  ///< besides the base
    std::vector<LayerRule> layers;     ///< those that match a layer hold one after the other, the last one decides
    /// What arrays of this type are built for, where a layer on them needs more than a full array of `numerics` would.
    int most_outputs = 0, most_conversions = 0;

    /// Its "arrays" are digital units, without cells, row drivers and converters.
    bool is_digital() const { return tile.engine == TileEngine::digital; }
    bool differential() const { return crossbar.weights == WeightMapping::differential; }
    bool offset() const { return crossbar.weights == WeightMapping::offset; }
    /// Positive and negative parts of the weights in two arrays of their own.
    bool separate() const { return !is_digital() && crossbar.weights == WeightMapping::separate; }
    bool pipelined() const { return mapping.schedule == Schedule::pipelined; }
    int arrays_per_tile() const { return tile.pes * pe.arrays; }
    double noc_clock_ghz() const { return noc.clock_ghz > 0.0 ? noc.clock_ghz : clock.frequency_ghz; }
    /// Bytes of one activation in buffers, on the bus and in packets.
    int activation_bytes() const { return bytes_of(numerics.activation_bits); }
    /// Bits of what the cells of one weight store: offset value, or magnitude, which takes one bit for 1 and for 2 bits.
    int stored_bits() const { return offset() ? numerics.weight_bits : std::max(1, numerics.weight_bits - 1); }
    /// Bits in one cell: bits_per_cell, or all of them (analog).
    int cell_bits() const { return device.analog() ? stored_bits() : device.bits_per_cell; }
    /// Cells that hold one weight's stored value.
    int slices() const { return (stored_bits() + cell_bits() - 1) / cell_bits(); }
    bool spares_bits() const { return !is_digital() && differential() && adc.bits_by_column; }
    bool skips_zero_reads() const { return !is_digital() && crossbar.skip_zero_reads; }
    /// Digits of an input value: reads of a group of rows for one input vector. A digital unit takes values and rows whole.
    int digits() const { return is_digital() ? 1 : (numerics.activation_bits + dac.bits - 1) / dac.bits; }
    /// Groups of rows that are driven one after the other, when `rows` rows of an array are used.
    int read_groups(int rows) const {
        return is_digital() ? 1 : (rows + crossbar.rows_at_once() - 1) / crossbar.rows_at_once();
    }
    /// Reads of an array of which `rows` rows are used, for one input vector.
    int reads(int rows) const { return digits() * read_groups(rows); }
    /// Rows, used or not, that one read of each of these groups puts its voltage on, all groups together.
    int read_rows(int rows) const { return std::min(read_groups(rows) * crossbar.rows_at_once(), crossbar.rows); }
    /// Columns that one conversion reads: two for differential, else one (offset has one reference column besides).
    int columns_per_conversion() const { return differential() ? 2 : 1; }
    /// Columns, or pairs of them, that a conversion could read, spare ones included.
    int conversion_places() const { return (crossbar.cols - (offset() ? 1 : 0)) / columns_per_conversion(); }
    /// Inputs of an array or a digital unit.
    int array_rows() const { return is_digital() ? digital.rows : crossbar.rows; }
    /// Weights of one row that fit side by side into an array, one for each output channel; a digital unit's in all its sets.
    int outputs_per_array() const {
        return is_digital() ? digital.outputs() : (conversion_places() - crossbar.spare_cols) / slices();
    }
    /// Output channels that the output registers of an array have room for.
    int built_outputs() const { return std::max(outputs_per_array(), most_outputs); }
    /// Converters of one array: each does up to adc.columns_per_adc of the conversions of a full array.
    int adcs_per_array() const {
        return (std::max(conversions(outputs_per_array()), most_conversions) + adc.columns_per_adc - 1) /
               adc.columns_per_adc;
    }
    /// Conversions of an array that holds `outputs` output channels, for each read.
    int conversions(int outputs) const { return is_digital() ? 0 : outputs * slices(); }
    /// Columns that are sampled for them.
    int sampled_columns(int outputs) const {
        return columns_per_conversion() * conversions(outputs) + (offset() ? 1 : 0);
    }
};

/// A type of tile beside the base: the whole hardware with what the type changes of it, without types and layers of its own.
struct TileType {
    std::string name;
    HardwareConfig hardware;
};

/// Whether weights decide which arrays a network takes, or what its conversions cost.
bool looks_at_weights(const HardwareConfig& hardware);

/// Declares every hardware key in `root` (one section for each member).
void describe(config::Section& root, HardwareConfig& hardware);

/// A hardware file with its bases, and `-s key=value` overrides in order, validated; without a file the built-in hardware. Throws
/// InputError.
HardwareConfig load_hardware(const std::string& path, const std::vector<std::string>& overrides);

/// Checks between keys. Throws InputError that names the file, line and key path to change.
void validate(const HardwareConfig& hardware, const config::Origins& origins);

}  // namespace xloop
