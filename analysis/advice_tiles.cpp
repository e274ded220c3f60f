#include "analysis/advice_tiles.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/installed.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace xloop {
namespace {

void add(AdviceTiles& tiles, AdviceTile tile, const std::string& where) {
    const bool there = std::any_of(tiles.tiles.begin(), tiles.tiles.end(),
                                   [&](const AdviceTile& other) { return other.name == tile.name; });
    if (there)
        throw InputError(fmt::format("{}: there is a tile `{}` already; give it another name", where, tile.name));
    tiles.tiles.push_back(std::move(tile));
}

}  // namespace

AdviceTiles load_advice_tiles(const std::string& path) {
    AdviceTiles tiles;
    config::Node rows, baseline;
    config::Section s("a list of tiles");
    s.raw("baseline", baseline, "the digital tile that all are held against");
    s.raw("tiles", rows, "one for each kind");
    const config::Node root = config::load_file(path);
    config::read(root, s);
    if (baseline.kind != config::Node::Kind::map)
        throw InputError(path +
                         ": baseline: expected the hardware of a digital tile, {hardware: FILE, set: [KEY=VALUE]}");
    config::Section of_baseline("the baseline");
    of_baseline.value("hardware", tiles.baseline.hardware, "its file").required().file_path();
    of_baseline.value("set", tiles.baseline.overrides, "keys of it: key=value");
    config::read(baseline, of_baseline);
    if (rows.kind != config::Node::Kind::sequence || rows.items.empty())
        throw InputError(path + ": tiles: expected a list of one or more, each with name, hardware and cost_table");
    for (const auto& item : rows.items) {
        AdviceTile tile;
        config::Section row("a kind of tile");
        row.value("name", tile.name, "of the kind").required().filled();
        row.value("hardware", tile.hardware, "its file").required().file_path();
        row.value("cost_table", tile.cost_table, "what it costs").required().file_path();
        row.value("set", tile.overrides, "keys of the hardware: key=value");
        config::read(item.second, row);
        add(tiles, std::move(tile), item.second.location.str());
    }
    return tiles;
}

void add_advice_tile(AdviceTiles& tiles, const std::string& files) {
    const std::size_t comma = files.find(',');
    if (comma == 0 || comma == std::string::npos || comma + 1 == files.size())
        throw InputError(fmt::format("{}: expected the files of a kind of tile, HARDWARE,COST_TABLE", files));
    const std::string hardware = files.substr(0, comma);
    add(tiles,
        {std::filesystem::path(hardware).stem().string(), installed(hardware), installed(files.substr(comma + 1)), {}},
        files);
}

}  // namespace xloop
