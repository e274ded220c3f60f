#pragma once

#include "core/activity.hpp"
#include "core/chip_shape.hpp"
#include "core/hardware_kinds.hpp"

#include <array>
#include <cstdint>

namespace xloop {

/// How much hardware of each class is on a chip, used or not, in the units of `unit_of`.
struct Inventory {
    std::array<std::uint64_t, component_count> units{};

    std::uint64_t operator[](Component c) const { return units[static_cast<std::size_t>(c)]; }
};

/// Whether tiles of such hardware may have the component: cells and converters are of analog tiles, multipliers and their weights
/// of digital ones.
bool has(const HardwareConfig& hardware, Component component);

/// The hardware of one tile; 0 for what tiles share (router, link, io_link). Its arrays are tile.pes x pe.arrays:
/// - crossbar: cells of all arrays; dac: rows of all arrays; sample_hold, column_mux: columns of all arrays;
/// - adc: HardwareConfig::adcs_per_array; shift_add: one for each ADC, so that it never waits;
/// - mac_array: rows x cols multipliers of all digital units; weight_memory: the bytes of their weight_sets sets;
/// - input_register: an activation's bytes for each row of an array and each of pe.input_vectors vectors;
/// - output_register: 4 bytes, a 32-bit sum, for each output of a full array and each of pe.output_vectors vectors;
/// - buffer: buffer.bytes; bus: tile.bus_bits wires;
/// - accumulator and vector_unit: tile.vector_lanes lanes each, one adder and one finishing unit;
/// - controller and clock_tree: one.
Inventory tile_inventory(const HardwareConfig& hardware);

/// The hardware of a chip: its tiles, used or not, its routers, the links between them, and noc.io_links.
/// Throws Error unless there is at least one tile.
Inventory make_inventory(const HardwareConfig& hardware, const ChipShape& chip);
/// Of a chip of several types: the tiles of one of them, with the base (type 0) also what tiles share. Throws Error as above.
Inventory inventory_of_type(const HardwareKinds& kinds, int type, const ChipShape& chip);

}  // namespace xloop
