#include "analysis/map_summary.hpp"

#include "core/json.hpp"
#include "systemc_model/mapping/traffic.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <set>

namespace xloop {
namespace {

const std::string input_name = "input";

const GraphLayer& layer_at(const WorkloadGraph& graph, int index) {
    return graph.layers[static_cast<std::size_t>(index)];
}

std::int64_t pace(const GraphLayer& layer, const LayerMapping& placed, const HardwareConfig& hardware) {
    const Durations durations(hardware);
    std::int64_t cycles = 0;
    if (layer.on_crossbars()) {
        const int outputs = std::min(layer.out.channels / layer.groups, hardware.outputs_per_array());
        const int copies = placed.copy_count();
        return std::int64_t{(layer.positions() + copies - 1) / copies} * durations.vector_interval(outputs);
    }
    const LayerWindows windows(layer);
    for (int p = 0; p < layer.positions(); ++p)
        cycles += durations.vector_unit(digital_work(layer, windows.part(p), hardware).operations);
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
    report.pace_cycles = pace(layer, placed, network.hardware);
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
        if (bytes > report.largest_buffer_bytes) {
            report.largest_buffer_bytes = bytes;
            report.largest_buffer_tile = network.mapping.tile_name(tile);
        }
    }
    return report;
}

double cell_utilisation(const Mapping& mapping, const HardwareConfig& hardware) {
    std::int64_t used = 0, all = 0;
    for (const LayerMapping& layer : mapping.layers)
        for (const LayerCopy& copy : layer.copies)
            for (const PlacedBlock& block : copy.blocks) {
                used += std::int64_t{block.rows} * hardware.sampled_columns(block.outs);
                all += std::int64_t{hardware.crossbar.rows} * hardware.crossbar.cols;
            }
    return all == 0 ? 0.0 : static_cast<double>(used) / static_cast<double>(all);
}

}  // namespace

MapReport make_map_report(const MappedNetwork& network) {
    const auto& [graph, hardware, mapping] = network;
    MapReport report;
    report.network = graph.name;
    report.topology = name_of(hardware.noc.topology);
    report.mesh_cols = mapping.mesh_cols;
    report.mesh_rows = mapping.mesh_rows;
    report.concentration = mapping.concentration;
    report.tiles = mapping.tiles();
    report.used_tiles = mapping.used_tiles;
    report.used_arrays = mapping.used_arrays;
    report.cell_utilisation = cell_utilisation(mapping, hardware);
    report.byte_hops = traffic_byte_hops(network);
    report.buffer_bytes = hardware.buffer.bytes;
    for (int l = 0; l < static_cast<int>(graph.layers.size()); ++l)
        report.layers.push_back(report_layer(network, l));
    for (int round = 0; round < mapping.rounds; ++round) {
        const FlowPlan plan = make_flow_plan(network, round);
        add_streams(report.streams, graph, plan);
        report.rounds.push_back(report_round(network, plan));
    }
    return report;
}

std::string MapReport::table() const {
    std::string text =
        fmt::format("mapping of {}\n  chip      {} x {} routers ({}), {} tiles ({} used), {} arrays used\n", network,
                    mesh_cols, mesh_rows, topology, tiles, used_tiles, used_arrays);
    text += fmt::format("  cells     {:.1f} % of the cells of used arrays hold weights\n", 100.0 * cell_utilisation);
    text += fmt::format("  traffic   {:.4g} kB x links an image\n", 1e-3 * static_cast<double>(byte_hops));
    for (std::size_t r = 0; r < rounds.size(); ++r) {
        const Round& round = rounds[r];
        const int number = static_cast<int>(r);
        const std::string title =
            rounds.size() == 1 ? "" : fmt::format("round {}: {} tiles, {} arrays\n", r, round.tiles, round.arrays);
        text += fmt::format("\n{}  buffer    {} of {} bytes in the fullest tile, {}\n", title,
                            round.largest_buffer_bytes, buffer_bytes, round.largest_buffer_tile);
        text += fmt::format("\n  {:<18} {:<9}{:<12}{:>8}{:>8}{:>7}  {:<12}{:>12}\n", "layer", "kind", "output",
                            "arrays", "copies", "tiles", "home", "pace");
        for (const Layer& layer : layers)
            if (layer.round == number)
                text +=
                    fmt::format("  {:<18} {:<9}{:<12}{:>8}{:>8}{:>7}  {:<12}{:>12}\n", layer.name, layer.kind,
                                layer.shape, layer.arrays, layer.copies, layer.tiles, layer.home, layer.pace_cycles);
        text +=
            fmt::format("\n  {:<18} {:<38}{:>7}{:>12}{:>12}\n", "stream of", "read by", "tiles", "positions", "bytes");
        for (const Streams& s : streams)
            if (s.round == number)
                text += fmt::format("  {:<18} {:<38}{:>7}{:>12}{:>12}\n", s.producer,
                                    fmt::format("{}", fmt::join(s.readers, ", ")), s.tiles, s.positions, s.bytes);
    }
    text.pop_back();
    return text;
}

Json MapReport::json() const {
    Json json;
    json["network"] = network;
    json["topology"] = topology;
    json["mesh_cols"] = mesh_cols;
    json["mesh_rows"] = mesh_rows;
    json["concentration"] = concentration;
    json["tiles"] = tiles;
    json["used_tiles"] = used_tiles;
    json["used_arrays"] = used_arrays;
    json["cell_utilisation"] = cell_utilisation;
    json["byte_hops"] = byte_hops;
    json["buffer_bytes"] = buffer_bytes;
    for (const Round& r : rounds)
        json["rounds"].push_back({{"tiles", r.tiles},
                                  {"arrays", r.arrays},
                                  {"largest_buffer_bytes", r.largest_buffer_bytes},
                                  {"largest_buffer_tile", r.largest_buffer_tile}});
    for (const Layer& l : layers)
        json["layers"].push_back({{"name", l.name},
                                  {"kind", l.kind},
                                  {"output", l.shape},
                                  {"round", l.round},
                                  {"arrays", l.arrays},
                                  {"copies", l.copies},
                                  {"tiles", l.tiles},
                                  {"home", l.home},
                                  {"pace_cycles", l.pace_cycles}});
    for (const Streams& s : streams)
        json["streams"].push_back({{"round", s.round},
                                   {"producer", s.producer},
                                   {"readers", s.readers},
                                   {"tiles", s.tiles},
                                   {"positions", s.positions},
                                   {"bytes", s.bytes}});
    return json;
}

std::string array_table_csv(const MappedNetwork& network) {
    const auto& [graph, hardware, mapping] = network;
    std::string text = "round,layer,copy,tile,pe,array,group,row_begin,rows,output_begin,outputs,polarity\n";
    for (std::size_t l = 0; l < mapping.layers.size(); ++l) {
        const LayerMapping& layer = mapping.layers[l];
        for (std::size_t copy = 0; copy < layer.copies.size(); ++copy)
            for (const PlacedBlock& b : layer.copies[copy].blocks)
                text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", layer.round, graph.layers[l].name, copy,
                                    mapping.tile_name(b.tile), b.pe, b.slot, b.group, b.row_begin, b.rows, b.out_begin,
                                    b.outs, b.polarity);
    }
    return text;
}

}  // namespace xloop
