#include "apps/text/map_text.hpp"

#include "core/table.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xloop {
namespace {

constexpr int all_rounds = -1;

Table layer_table(const MapReport& report, int round) {
    Table table{"layers",
                {Column("name", "layer", -18, 2), Column("kind", "kind", -9, 1), Column("output", "output", -12),
                 Column("round", ""), Column("arrays", "arrays", 8), Column("copies", "copies", 8),
                 Column("tiles", "tiles", 7), Column("home", "home", -12, 2), Column("pace_cycles", "pace", 12)}};
    const bool several = !report.layers.front().type.empty();
    if (several) {
        table.columns.emplace_back("type", "type", -10, 2);
        table.columns.emplace_back("widths", "bits", -1, 2);
    }
    for (const MapReport::Layer& l : report.layers) {
        if (round != all_rounds && l.round != round)
            continue;
        table.add(l.name, l.kind, l.shape, l.round, l.arrays, l.copies, l.tiles, l.home, l.pace_cycles);
        if (several)
            for (const std::string& cell : {l.type, l.widths})
                table.rows.back().emplace_back(cell);
    }
    return table;
}

Table stream_table(const MapReport& report, int round) {
    Table table{"streams",
                {Column("round", ""), Column("producer", "stream of", -18, 2), Column("readers", "read by", -38, 1),
                 Column("tiles", "tiles", 7), Column("positions", "positions", 12), Column("bytes", "bytes", 12)}};
    for (const MapReport::Streams& s : report.streams)
        if (round == all_rounds || s.round == round)
            table.add(s.round, s.producer, s.readers, s.tiles, s.positions, s.bytes);
    return table;
}

}  // namespace

std::string map_text(const MapReport& report) {
    std::string text =
        fmt::format("mapping of {}\n  chip      {} x {} routers ({}), {} ({} used), {} used\n", report.network,
                    report.mesh_cols, report.mesh_rows, report.topology, counted(report.tiles, "tile"),
                    report.used_tiles, counted(report.used_arrays, "array"));
    text +=
        fmt::format("  cells     {:.1f} % of the cells of used arrays hold weights\n", 100.0 * report.cell_utilisation);
    if (!report.types.empty()) {
        std::vector<std::string> types;
        for (const MapReport::Type& type : report.types)
            types.push_back(fmt::format("{} {}{}", type.tiles, type.name, type.digital ? " (digital)" : ""));
        text += fmt::format("  tiles     {}\n", fmt::join(types, ", "));
    }
    text += fmt::format("  traffic   {:.4g} kB x links an image\n", 1e-3 * static_cast<double>(report.byte_hops));
    for (std::size_t r = 0; r < report.rounds.size(); ++r) {
        const MapReport::Round& round = report.rounds[r];
        if (report.rounds.size() > 1)
            text +=
                fmt::format("\nround {}: {}, {}\n", r, counted(round.tiles, "tile"), counted(round.arrays, "array"));
        text +=
            fmt::format("{}  buffer    {} of {} bytes in the fullest tile, {}\n", report.rounds.size() > 1 ? "" : "\n",
                        round.largest_buffer_bytes, round.buffer_bytes, round.largest_buffer_tile);
        text += "\n" + layer_table(report, static_cast<int>(r)).text();
        text += "\n" + stream_table(report, static_cast<int>(r)).text();
    }
    return text;
}

Json map_json(const MapReport& report) {
    Json json = {{"network", report.network},
                 {"topology", report.topology},
                 {"mesh_cols", report.mesh_cols},
                 {"mesh_rows", report.mesh_rows},
                 {"concentration", report.concentration},
                 {"tiles", report.tiles},
                 {"used_tiles", report.used_tiles},
                 {"used_arrays", report.used_arrays},
                 {"cell_utilisation", report.cell_utilisation},
                 {"byte_hops", report.byte_hops},
                 {"buffer_bytes", report.buffer_bytes}};
    for (const MapReport::Round& r : report.rounds)
        json["rounds"].push_back({{"tiles", r.tiles},
                                  {"arrays", r.arrays},
                                  {"largest_buffer_bytes", r.largest_buffer_bytes},
                                  {"largest_buffer_tile", r.largest_buffer_tile}});
    for (const MapReport::Type& type : report.types) {
        json["tile_types"].push_back({{"name", type.name}, {"tiles", type.tiles}});
        if (type.digital)
            json["tile_types"].back()["engine"] = name_of(TileEngine::digital);
    }
    json["layers"] = layer_table(report, all_rounds).json();
    json["streams"] = stream_table(report, all_rounds).json();
    return json;
}

std::string array_csv(const MappedNetwork& network) {
    const Mapping& mapping = network.mapping;
    const bool packed = network.hardware.mapping.group_packing != GroupPacking::none;
    Table table{"arrays",
                for_programs("round,layer,copy,tile,pe,array,group,row_begin,rows,output_begin,outputs,polarity")};
    if (packed)
        table.columns.push_back(for_programs("groups").front());
    for (std::size_t l = 0; l < mapping.layers.size(); ++l) {
        const LayerMapping& layer = mapping.layers[l];
        for (std::size_t copy = 0; copy < layer.copies.size(); ++copy)
            for (const PlacedBlock& b : layer.copies[copy].blocks) {
                table.add(layer.round, network.graph.layers[l].name, copy, mapping.tile_name(b.tile), b.pe, b.slot,
                          b.group, b.row_begin, b.rows, b.out_begin, b.outs, b.polarity);
                if (packed)
                    table.rows.back().push_back(b.groups);
            }
    }
    return table.csv();
}

}  // namespace xloop
