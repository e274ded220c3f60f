#pragma once

#include "core/error.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <fmt/format.h>
#include <algorithm>
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

/// Several types of tiles, analog and digital ones, and layers with widths and converters of their own, whose values can be computed.
inline RandomHardware random_kinds(int seed, const WorkloadGraph& graph) {
    RandomHardware drawn = random_hardware(seed, graph);
    HardwareConfig& hw = drawn.hardware;
    Draw draw(static_cast<unsigned>(seed) + 100'000u);
    Draw reuse(static_cast<unsigned>(seed) + 300'000u);
    const auto vary = [&draw, &reuse](HardwareConfig& type) {
        type.tile.window_reuse = reuse.one_in(2);
        type.crossbar.rows = draw.of({16, 32, 64, 128});
        type.crossbar.cols = draw.of({32, 64, 64, 128});
        type.crossbar.rows_per_read = draw.of({0, 0, 0, 9, 16});
        type.crossbar.skip_zero_reads = draw.one_in(3);
        type.crossbar.weights = draw.of({WeightMapping::differential, WeightMapping::offset, WeightMapping::separate});
        type.crossbar.sample_hold = !draw.one_in(4);
        type.crossbar.read_time_ns = draw.of({20, 50, 100});
        type.device.bits_per_cell = draw.of({1, 2, 2, 4});
        type.dac.bits = draw.of({1, 1, 2, 3});
        type.adc.type = draw.of({AdcType::sar, AdcType::sar, AdcType::flash, AdcType::ramp});
        type.adc.bits = draw.of({6, 8, 10});
        type.adc.columns_per_adc = draw.of({4, 8, 32, 128});
        type.adc.gain_correction =
            draw.of({GainCorrectionKind::none, GainCorrectionKind::none, GainCorrectionKind::gain_offset});
        type.adc.noise_sigma_lsb = draw.of({0.0, 0.0, 0.4});
        type.pe = {draw.of({2, 4, 8}), draw.of({1, 2, 4}), draw.of({1, 2}), draw.of({1, 2})};
        type.buffer.banks = draw.of({1, 2, 4});
        type.buffer.ports = draw.of({1, 2});
        type.buffer.latency_cycles = draw.of({1, 2, 3});
        type.tile.pes = draw.of({4, 8, 12});
        type.tile.bus_bits = draw.of({64, 128, 384});
        type.tile.accumulator_positions = draw.of({2, 4, 8});
        type.tile.vector_lanes = draw.of({8, 16, 32});
        type.tile.stage_cycles = draw.of({1, 1, 10});
        type.tile.engine = draw.one_in(4) ? TileEngine::digital : TileEngine::analog;
        type.digital.rows = draw.of({8, 9, 32, 64});
        type.digital.cols = draw.of({1, 3, 4, 8});
        type.digital.weight_sets = draw.of({1, 2, 5, 16});
        type.digital.rate_ghz = draw.of({0.3, 1.0, 1.0, 4.0});
        type.digital.latency_cycles = draw.of({0, 2, 5});
    };
    hw.mapping.replication = Replication::none;
    hw.mapping.array_budget = 0;
    Draw packing(static_cast<unsigned>(seed) + 200'000u);
    hw.mapping.group_packing = packing.of({GroupPacking::none, GroupPacking::diagonal});
    vary(hw);
    const int types = draw.of({0, 1, 2, 3});
    for (int t = 0; t < types; ++t) {
        TileType type{fmt::format("type{}", t), hw};
        type.hardware.tile_types.clear();
        vary(type.hardware);
        hw.tile_types.push_back(std::move(type));
    }
    for (const GraphLayer& layer : graph.layers) {
        LayerRule rule;
        rule.name = layer.name;
        if (const int type = draw.of({0, 1, 2, 3}); type > 0 && type <= types)
            rule.tile = hw.tile_types[static_cast<std::size_t>(type) - 1].name;
        rule.weight_bits = draw.of({0, 0, 1, 2, 3, 4, 6, 8});
        rule.activation_bits = draw.of({0, 0, 1, 2, 4, 5, 8});
        rule.adc_bits = draw.of({0, 0, 4, 5});
        hw.layers.push_back(std::move(rule));
    }
    if (draw.one_in(4)) {
        hw.mapping.array_budget = static_cast<int>(1.4 * map_network(graph, hw).mapping.used_arrays);
        hw.mapping.replication = Replication::automatic;
    } else if (draw.one_in(4)) {
        const Mapping all = map_network(graph, hw).mapping;
        hw.noc.concentration = 1;
        hw.noc.mesh_cols = std::max(2, (2 * all.used_tiles + 2) / 3);
        hw.noc.mesh_rows = 1;
        hw.mapping.oversubscribed = Oversubscribed::rounds;
        const auto fits = [&] {
            try {
                map_network(graph, hw);
                return true;
            } catch (const KeyError&) {  // one layer alone needs more
                return false;
            }
        };
        while (!fits())
            ++hw.noc.mesh_cols;
    }
    return drawn;
}

/// Makes the hardware leave out zero weights and spare bits of conversions, on all types of tiles.
inline void look_at_weights(HardwareConfig& hardware) {
    hardware.mapping.skip_zero_weights = true;
    hardware.adc.bits_by_column = true;
    for (TileType& type : hardware.tile_types)
        type.hardware.adc.bits_by_column = true;
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
