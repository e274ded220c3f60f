#pragma once

#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <fmt/format.h>
#include <initializer_list>
#include <random>
#include <string>

namespace xloop::test {

/// Draws from lists, by seed.
class Draw {
public:
    explicit Draw(unsigned seed) : generator_(seed) {}

    template <class T>
    T of(std::initializer_list<T> values) {
        return values.begin()[generator_() % values.size()];
    }
    bool one_in(unsigned n) { return generator_() % n == 0; }

private:
    std::mt19937 generator_;
};

/// A chip as one might build it, for some network: fast and slow arrays, converters, buffers, buses and networks in any
/// combination, some of which hold each other up.
struct RandomHardware {
    HardwareConfig hardware;
    int images = 1;
    std::string text() const;  ///< what was drawn, without commas
};

/// `rows`: of its arrays; none: they are square.
inline RandomHardware random_hardware(int seed, const WorkloadGraph& graph, std::initializer_list<int> rows = {}) {
    Draw draw(static_cast<unsigned>(seed));
    RandomHardware drawn;
    HardwareConfig& hw = drawn.hardware;
    hw.crossbar.rows = hw.crossbar.cols = draw.of({64, 128, 128, 256});
    if (rows.size() > 0)
        hw.crossbar.rows = draw.of(rows);
    hw.crossbar.read_time_ns = draw.of({20, 50, 100, 100});
    hw.crossbar.sample_hold = !draw.one_in(4);
    hw.dac.bits = draw.of({1, 1, 2});
    hw.adc.type = draw.of({AdcType::sar, AdcType::sar, AdcType::flash, AdcType::ramp});
    hw.adc.columns_per_adc = draw.of({8, 32, 128});
    hw.pe = {draw.of({4, 8, 8}), draw.of({1, 2, 2, 4}), draw.of({1, 1, 2}), draw.of({1, 2})};
    hw.buffer.bytes = 1 << 24;
    hw.buffer.banks = draw.of({1, 2, 4});
    hw.buffer.ports = draw.of({1, 1, 2, 4});
    hw.buffer.width_bits = draw.of({64, 128, 256});
    hw.buffer.latency_cycles = draw.of({1, 2, 3});
    hw.tile.pes = draw.of({8, 12, 16});
    hw.tile.bus_bits = draw.of({64, 128, 256, 384});
    hw.tile.accumulator_positions = draw.of({2, 4, 4, 8});
    hw.tile.vector_lanes = draw.of({8, 16, 32});
    hw.tile.stage_cycles = draw.of({1, 1, 1, 10});
    hw.noc.topology = draw.one_in(3) ? NocTopology::torus : NocTopology::mesh;
    hw.noc.concentration = draw.of({1, 1, 4});
    hw.noc.clock_ghz = draw.of({0.0, 0.0, 0.5, 2.0});
    hw.noc.flit_bits = draw.of({32, 64, 128});
    hw.noc.vc_buffer_flits = draw.of({4, 8, 16});
    hw.noc.multicast = !draw.one_in(5);
    hw.mapping.schedule = draw.one_in(3) ? Schedule::layer_by_layer : Schedule::pipelined;
    hw.mapping.tiles = draw.of({TileSharing::exclusive, TileSharing::exclusive, TileSharing::shared});
    hw.mapping.tile_blocks = draw.of({TileBlocks::outputs, TileBlocks::outputs, TileBlocks::rows});
    hw.mapping.line_buffer_slack_rows = draw.of({0, 1, 1, 2});
    drawn.images = draw.of({1, 2, 3});
    const double copies = draw.of({0.0, 0.0, 1.2, 1.5});
    if (copies > 0) {
        hw.mapping.array_budget = static_cast<int>(copies * map_network(graph, hw).mapping.used_arrays);
        hw.mapping.replication = Replication::automatic;
    }
    return drawn;
}

inline std::string RandomHardware::text() const {
    const HardwareConfig& hw = hardware;
    return fmt::format(
        "{} {} {} arrays {}x{} read {:.0f}{} dac {} {}/{} pe {}/{}/{} buffer {}x{}p{} bus {} pes {} entries {} lanes "
        "{} "
        "stage {} noc {}/{}/{}{} conc {} {} {} slack {}",
        name_of(hw.mapping.schedule), name_of(hw.mapping.replication), name_of(hw.noc.topology), hw.crossbar.rows,
        hw.crossbar.cols, hw.crossbar.read_time_ns, hw.crossbar.sample_hold ? "" : " no_hold", hw.dac.bits,
        name_of(hw.adc.type), hw.adc.columns_per_adc, hw.pe.arrays, hw.pe.input_vectors, hw.pe.output_vectors,
        hw.buffer.width_bits, hw.buffer.banks, hw.buffer.ports, hw.tile.bus_bits, hw.tile.pes,
        hw.tile.accumulator_positions, hw.tile.vector_lanes, hw.tile.stage_cycles, hw.noc.clock_ghz, hw.noc.flit_bits,
        hw.noc.vc_buffer_flits, hw.noc.multicast ? "" : "/unicast", hw.noc.concentration, name_of(hw.mapping.tiles),
        name_of(hw.mapping.tile_blocks), hw.mapping.line_buffer_slack_rows);
}

}  // namespace xloop::test
