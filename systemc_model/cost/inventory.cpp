#include "systemc_model/cost/inventory.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

constexpr std::uint64_t partial_sum_bytes = 4;

std::uint64_t count(int value) { return static_cast<std::uint64_t>(value); }

/// Units of one tile; 0 for what tiles share.
std::uint64_t units_in_tile(Component component, const HardwareConfig& h) {
    const std::uint64_t arrays = count(h.arrays_per_tile());
    if (!has(h, component))
        return 0;
    switch (component) {
    case Component::crossbar: return arrays * count(h.crossbar.rows) * count(h.crossbar.cols);
    case Component::dac: return arrays * count(h.crossbar.rows);
    case Component::sample_hold: return h.crossbar.sample_hold ? arrays * count(h.crossbar.cols) : 0;
    case Component::column_mux: return arrays * count(h.crossbar.cols);
    case Component::adc:
    case Component::shift_add: return arrays * count(h.adcs_per_array());
    case Component::mac_array: return arrays * count(h.digital.rows) * count(h.digital.cols);
    case Component::weight_memory: return arrays * count(h.digital.weight_sets) * count(h.digital.set_bytes());
    case Component::input_register:
        return arrays * count(h.array_rows()) * count(h.activation_bytes()) * count(h.pe.input_vectors);
    case Component::output_register:
        return arrays * count(h.built_outputs()) * partial_sum_bytes * count(h.pe.output_vectors);
    case Component::buffer: return count(h.buffer.bytes);
    case Component::bus: return count(h.tile.bus_bits);
    case Component::accumulator:
    case Component::vector_unit: return count(h.tile.vector_lanes);
    case Component::controller:
    case Component::clock_tree: return 1;
    case Component::router:
    case Component::link:
    case Component::io_link: break;
    }
    return 0;
}

Inventory tiles_inventory(const HardwareConfig& h, int tiles) {
    Inventory inventory = tile_inventory(h);
    for (std::uint64_t& units : inventory.units)
        units *= count(tiles);
    return inventory;
}

void add_shared(Inventory& inventory, const HardwareConfig& h, const ChipShape& chip) {
    inventory.units[static_cast<std::size_t>(Component::router)] = count(chip.routers());
    inventory.units[static_cast<std::size_t>(Component::link)] = count(chip.links());
    inventory.units[static_cast<std::size_t>(Component::io_link)] = count(h.noc.io_links);
}

}  // namespace

bool has(const HardwareConfig& h, Component component) {
    const bool of_digital = component == Component::mac_array || component == Component::weight_memory;
    return place_of(component) != Place::array || of_digital == h.is_digital();
}

Inventory tile_inventory(const HardwareConfig& h) {
    Inventory inventory;
    for (std::size_t i = 0; i < component_count; ++i)
        inventory.units[i] = units_in_tile(static_cast<Component>(i), h);
    return inventory;
}

Inventory make_inventory(const HardwareConfig& h, const ChipShape& chip) {
    if (chip.tiles < 1)
        throw Error(fmt::format("a chip has at least one tile, got {}", chip.tiles));
    Inventory inventory = tiles_inventory(h, chip.tiles);
    add_shared(inventory, h, chip);
    return inventory;
}

Inventory inventory_of_type(const HardwareKinds& kinds, int type, const ChipShape& chip) {
    if (chip.tiles < 1)
        throw Error(fmt::format("a chip has at least one tile, got {}", chip.tiles));
    Inventory inventory = tiles_inventory(kinds[type], chip.tiles_of_type(type));
    if (type == 0)
        add_shared(inventory, kinds[type], chip);
    return inventory;
}

}  // namespace xloop
