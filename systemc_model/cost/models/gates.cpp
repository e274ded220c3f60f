#include "systemc_model/cost/models/gates.hpp"

namespace xloop {
namespace {

constexpr std::array<double, 4> nodes = {45, 32, 22, 11};
constexpr std::array<double, 4> supplies = {1.0, 0.9, 0.8, 0.6};

struct CellTable {
    std::array<double, 4> energy_fj, area_um2, leakage_uw;
};
// A register bit is one of the 32 in a register file of 2 x 16 bits, written 16 at a time; a multiplexer's input one
// of 8.
constexpr CellTable adder_bit = {{4.29, 2.35, 1.08, 0.34}, {6.69, 3.68, 1.61, 0.67}, {2.0, 1.70, 1.45, 0.44}};
constexpr CellTable register_bit = {{150 / 16.0, 83 / 16.0, 40 / 16.0, 12.4 / 16},
                                    {237 / 32.0, 130 / 32.0, 57 / 32.0, 23.7 / 32},
                                    {71 / 32.0, 60 / 32.0, 51 / 32.0, 15 / 32.0}};
constexpr CellTable mux_input = {{15.4 / 8, 8.5 / 8, 3.8 / 8, 1.1 / 8}, {21 / 8.0, 12 / 8.0, 5.2 / 8, 2.1 / 8}, {}};

}  // namespace

Gates::Gates(const ModelQuery& query, double leakage_divisor) {
    const double node_nm = query.node(nodes.back(), nodes.front());
    query.uses("temperature", query.temperature_k, "K", 300, 360);
    const NodePlace<4> place(nodes, node_nm);
    NodeScaling beyond;
    if (place.upper == place.lower && node_nm != nodes[place.lower])
        beyond =
            stillmaker_baas_2017({nodes[place.lower], supplies[place.lower]}, {node_nm, nominal_supply_v(node_nm)});
    const double energy = beyond.energy * query.supply_factor();
    const auto cell = [&](const CellTable& table) {
        return Cell{energy * place(table.energy_fj), beyond.area * place(table.area_um2),
                    table.leakage_uw[0] > 0 ? place(table.leakage_uw) / leakage_divisor : 0.0};
    };
    adder_bit = cell(xloop::adder_bit);
    register_bit = cell(xloop::register_bit);
    mux_input = cell(xloop::mux_input);
}

ModelParameter leakage_divisor_parameter() {
    return {"leakage_divisor", "", 20, 1, 1e4, "low-threshold leakage over that of the library's cells"};
}

}  // namespace xloop
