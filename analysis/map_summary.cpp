#include "analysis/map_summary.hpp"

#include "systemc_model/mapping/traffic.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace xloop {
namespace {

const std::string input_name = "input";

const GraphLayer& layer_at(const WorkloadGraph& graph, int index) {
    return graph.layers[static_cast<std::size_t>(index)];
}

std::int64_t pace(const MappedNetwork& network, int l) {
    const GraphLayer& layer = layer_at(network.graph, l);
    const LayerMapping& placed = network.mapping.layers[static_cast<std::size_t>(l)];
    std::int64_t cycles = 0;
    if (layer.on_crossbars()) {
        const BlockSize most =
            largest_block(layer.groups, layer.held_outputs(), layer.held_rows(), network.layer_hardware(l));
        const int copies = placed.copy_count();
        return std::int64_t{(layer.positions() + copies - 1) / copies} *
               network.layer_durations(l).vector_interval(most.rows, most.outs);
    }
    const Durations& durations = network.tile_durations(placed.copies.front().home);
    const LayerWindows windows(layer);
    for (int p = 0; p < layer.positions(); ++p)
        cycles += durations.vector_unit(digital_work(network.graph, layer, windows.part(p)).operations);
    return cycles;
}

MapReport::Layer report_layer(const MappedNetwork& network, int l) {
    const GraphLayer& layer = layer_at(network.graph, l);
    const LayerMapping& placed = network.mapping.layers[static_cast<std::size_t>(l)];
    std::set<int> tiles;
    for (const LayerCopy& copy : placed.copies)
        tiles.insert(copy.tiles.begin(), copy.tiles.end());
    MapReport::Layer report;
    report.name = layer.name;
    report.kind = name_of(layer.kind);
    report.shape = layer.out.str();
    report.round = placed.round;
    report.arrays = static_cast<int>(placed.copies.front().blocks.size());
    report.copies = placed.copy_count();
    report.tiles = std::max(static_cast<int>(tiles.size()), 1);
    report.home = network.mapping.tile_name(placed.copies.front().home);
    report.pace_cycles = pace(network, l);
    if (network.kinds.count() == 1)
        return report;
    report.type = network.kinds.name_of_type(network.mapping.type_of(placed.copies.front().home));
    if (!layer.on_crossbars())
        return report;
    report.widths = fmt::format("{}w {}a", layer.weight_bits, network.graph.edge(layer.inputs.front()).bits);
    const HardwareConfig& hardware = network.layer_hardware(l);
    report.widths += hardware.is_digital() ? " digital" : fmt::format(" {}adc", hardware.adc.code_bits());
    return report;
}

void add_streams(std::vector<MapReport::Streams>& streams, const WorkloadGraph& graph, const FlowPlan& plan) {
    const std::size_t first = streams.size();
    for (const Stream& stream : plan.streams) {
        MapReport::Streams group;
        group.round = plan.round;
        group.producer = stream.producer < 0 ? input_name : layer_at(graph, stream.producer).name;
        for (int t : stream.tasks) {
            const std::string& reader = layer_at(graph, plan.tasks[static_cast<std::size_t>(t)].layer).name;
            if (group.readers.empty() || group.readers.back() != reader)
                group.readers.push_back(reader);
        }
        group.positions = stream.capacity;
        group.bytes = stream.bytes();
        const auto same =
            std::find_if(streams.begin() + static_cast<std::ptrdiff_t>(first), streams.end(), [&](const auto& s) {
                return s.producer == group.producer && s.readers == group.readers && s.positions == group.positions;
            });
        const auto entry = same == streams.end() ? streams.insert(same, std::move(group)) : same;
        ++entry->tiles;
    }
}

MapReport::Round report_round(const MappedNetwork& network, const FlowPlan& plan) {
    MapReport::Round report;
    std::set<int> tiles;
    for (const FlowTask& task : plan.tasks) {
        tiles.insert(task.tile);
        report.arrays += static_cast<int>(task.work.blocks.size());
    }
    report.tiles = static_cast<int>(tiles.size());
    for (int tile : tiles) {
        const std::int64_t bytes = plan.buffer_bytes(network, tile);
        const std::int64_t room = network.tile_hardware(tile).buffer.bytes;
        if (report.buffer_bytes == 0 || bytes * report.buffer_bytes > report.largest_buffer_bytes * room) {
            report.largest_buffer_bytes = bytes;
            report.buffer_bytes = room;
            report.largest_buffer_tile = network.mapping.tile_name(tile);
        }
    }
    return report;
}

double cell_utilisation(const MappedNetwork& network) {
    std::int64_t used = 0, all = 0;
    for (std::size_t l = 0; l < network.mapping.layers.size(); ++l)
        for (const LayerCopy& copy : network.mapping.layers[l].copies)
            for (const PlacedBlock& block : copy.blocks) {
                const HardwareConfig& hardware = network.layer_hardware(static_cast<int>(l));
                if (hardware.is_digital()) {
                    used += std::int64_t{block.rows_of_group()} * block.outs * hardware.digital.bits;
                    all += 8 * std::int64_t{hardware.digital.weight_sets} * hardware.digital.set_bytes();
                    continue;
                }
                // Of several groups the cells off the diagonal hold nothing; all rows have a cell of a reference column.
                const int reference = hardware.sampled_columns(0);
                used += std::int64_t{block.rows_of_group()} * (hardware.sampled_columns(block.outs) - reference) +
                        std::int64_t{block.rows} * reference;
                all += std::int64_t{hardware.crossbar.rows} * hardware.crossbar.cols;
            }
    return all == 0 ? 0.0 : static_cast<double>(used) / static_cast<double>(all);
}

}  // namespace

MapReport make_map_report(const MappedNetwork& network) {
    const WorkloadGraph& graph = network.graph;
    const HardwareConfig& hardware = network.hardware;
    const Mapping& mapping = network.mapping;
    MapReport report;
    report.network = graph.name;
    report.topology = name_of(hardware.noc.topology);
    report.mesh_cols = mapping.mesh_cols;
    report.mesh_rows = mapping.mesh_rows;
    report.concentration = mapping.concentration;
    report.tiles = mapping.tiles();
    report.used_tiles = mapping.used_tiles;
    report.used_arrays = mapping.used_arrays;
    report.cell_utilisation = cell_utilisation(network);
    report.byte_hops = traffic_byte_hops(network);
    report.buffer_bytes = hardware.buffer.bytes;
    for (int type = 0; type < network.kinds.types() && network.kinds.types() > 1; ++type)
        report.types.push_back(
            {network.kinds.name_of_type(type), mapping.chip().tiles_of_type(type), network.kinds[type].is_digital()});
    for (int l = 0; l < static_cast<int>(graph.layers.size()); ++l)
        report.layers.push_back(report_layer(network, l));
    for (int round = 0; round < mapping.rounds; ++round) {
        const FlowPlan plan = make_flow_plan(network, round);
        add_streams(report.streams, graph, plan);
        report.rounds.push_back(report_round(network, plan));
    }
    return report;
}

}  // namespace xloop
