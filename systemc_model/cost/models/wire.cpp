#include "systemc_model/cost/models/wires.hpp"

#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/models/gates.hpp"
#include "systemc_model/cost/models/logic.hpp"

#include <cmath>

namespace xloop {
namespace {

constexpr std::array<double, 4> nodes = {65, 45, 32, 22};

struct WireTable {
    std::array<double, 4> swing_pj_per_mm, ns_per_mm, leakage_uw_per_mm;
};
constexpr std::array<WireTable, 3> tables = {{
    {{0.622, 0.438, 0.350, 0.280}, {0.157, 0.162, 0.193, 0.217}, {23, 25, 12.6, 10.9}},
    {{0.399, 0.327, 0.245, 0.182}, {0.165, 0.168, 0.202, 0.227}, {8.3, 14, 6.1, 4.4}},
    {{0.330, 0.249, 0.197, 0.156}, {0.201, 0.207, 0.249, 0.281}, {3.8, 4.9, 2.2, 2.6}},
}};

enum WireParameter : std::size_t { repeaters_, length_mm_, leakage_divisor_ };
constexpr double um_per_mm = 1e3;

Wire wire_of(const ModelQuery& query) {
    return repeated_wire(query, static_cast<Repeaters>(static_cast<int>(query.parameter(repeaters_))));
}

/// The given length, or that of a square's side times `sides`.
double length_mm(const ModelQuery& query, double square_um2, double sides, double longest = 10) {
    const double given = query.parameter(length_mm_);
    const double length = given > 0 ? given : sides * std::sqrt(square_um2) / um_per_mm;
    query.uses("length", length, "mm", 0, longest);
    return length;
}

/// Every transfer charges the whole bus; its length is half the perimeter of the tile, the usual bound of a net's.
Figures bus_wire(const ModelQuery& query) {
    const Wire wire = wire_of(query);
    const double length = length_mm(query, query.tile_um2, 2);
    Figures figures;
    figures.energy_pj = 8 * random_data * wire.swing_pj_per_mm * length;
    figures.area_um2 = wire.um2_per_mm * length;
    figures.leakage_uw = wire.leakage_uw_per_mm * length;
    figures.latency_ns = wire.ns_per_mm * length;
    return figures;
}

/// From the middle of one router's tiles to that of the next; a register for each cycle beyond the first.
Figures link_wire(const ModelQuery& query) {
    const HardwareConfig& hardware = query.hardware;
    const Wire wire = wire_of(query);
    const double length = length_mm(query, hardware.noc.concentration * query.tile_um2 + query.router_um2, 1);
    const double bits = hardware.noc.flit_bits;
    const double registers = bits * (hardware.noc.link_delay_cycles - 1);
    const Cell bit = registers > 0 ? Gates(query, query.parameter(leakage_divisor_)).register_bit : Cell{};
    Figures figures;
    figures.energy_pj = query.event == Event::link_toggle ? one_toggle * wire.swing_pj_per_mm * length
                                                          : 1e-3 * registers * bit.energy_fj;
    figures.area_um2 = bits * wire.um2_per_mm * length + registers * bit.area_um2;
    figures.leakage_uw = bits * wire.leakage_uw_per_mm * length + registers * bit.leakage_uw;
    figures.latency_ns = wire.ns_per_mm * length;
    return figures;
}

/// An H tree over the tile (its first H has 1.5 sides of wire, each further level twice the one before), charged each
/// cycle, and the clock pins of flip-flops that are not gated.
Figures clock_tree(const ModelQuery& query) {
    const double levels = query.parameter(3), gated = query.parameter(4);
    const HardwareConfig& hardware = query.hardware;
    const Wire wire = wire_of(query);
    const double length = length_mm(query, query.tile_um2, 1.5 * (std::pow(2, levels) - 1), 1000);
    const Inventory tile = tile_inventory(hardware);
    const double lane_bits = 2 * partial_sum_bits + hardware.numerics.activation_bits;
    const int registers = hardware.adc.corrects_gain() ? 2 : 1;  // sum, corrected sum
    const double flip_flops = static_cast<double>(tile[Component::shift_add]) * registers * shifted_sum_bits(hardware) +
                              static_cast<double>(tile[Component::mac_array]) * hardware.digital.bits +
                              static_cast<double>(tile[Component::vector_unit]) * lane_bits;
    // Two inverter inputs of 0.7 fF at 28 nm (ZigZag's gate), in proportion to the node.
    const double pin_ff = 2 * 0.7 * query.technology.node_nm / 28;
    const double supply = query.technology.supply_v;
    query.uses("flip-flops", flip_flops, "");
    Figures figures;
    figures.clock_pj = wire.swing_pj_per_mm * length + 1e-3 * (1 - gated) * flip_flops * pin_ff * supply * supply;
    figures.area_um2 = wire.um2_per_mm * length;
    figures.leakage_uw = wire.leakage_uw_per_mm * length;
    return figures;
}

constexpr const char* wire_source =
    "our runs of CACTI 7, repeated semi-global wires, 65/45/32/22 nm; tracks of four half-pitches count as area";

}  // namespace

Wire repeated_wire(const ModelQuery& query, Repeaters repeaters) {
    const WireTable& table = tables[static_cast<std::size_t>(repeaters)];
    const double node_nm = query.node(nodes.back(), nodes.front());
    const NodePlace<4> place(nodes, node_nm);
    return {place(table.swing_pj_per_mm) * query.supply_factor(), place(table.ns_per_mm),
            place(table.leakage_uw_per_mm), 4e-3 * node_nm * um_per_mm};
}

std::vector<CostModel> wire_models() {
    const ModelParameter repeaters = {"repeaters",
                                      "",
                                      static_cast<double>(Repeaters::low_energy),
                                      0,
                                      2,
                                      "least delay, 5 % or 30 % slower",
                                      {"optimal", "near", "low_energy"}};
    const auto length = [](const char* doc) { return ModelParameter{"length_mm", "mm", 0, 0, 100, doc}; };
    return {
        {"bus_wire",
         {Component::bus},
         bus_wire,
         {repeaters, length("0: half the perimeter of a square tile")},
         wire_source,
         true},
        {"link_wire",
         {Component::link},
         link_wire,
         {repeaters, length("0: the side of a square that holds a router and its tiles"), leakage_divisor_parameter()},
         wire_source,
         true},
        {"clock_tree",
         {Component::clock_tree},
         clock_tree,
         {repeaters,
          length("0: an H tree over a square tile"),
          leakage_divisor_parameter(),
          {"levels", "", 3, 1, 6, "of the H tree: 4^levels leaves"},
          {"gated", "", 0.9, 0, 1, "share of flip-flops whose clock is off: our estimate"}},
         "our estimate: wire of our CACTI 7 runs, clock pins of 1.4 fF at 28 nm (ZigZag's gate, MIT)",
         true},
    };
}

}  // namespace xloop
