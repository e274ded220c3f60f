#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>

namespace xloop::page {
namespace {

/// Busy shares of the servers of each tile, by kind, in percent; empty without a timed run.
std::map<std::string, std::map<std::string, double>> busy_of_tiles(const Json& json) {
    std::map<std::string, std::map<std::string, double>> busy;
    for (const Json& component : field(json, "components")) {
        const std::string path = text(component, "path");
        const std::size_t begin = path.find('.') + 1, end = path.find('.', begin);
        if (const double share = number(component, "busy_percent"); std::isfinite(share))
            busy[path.substr(begin, end - begin)][text(component, "kind")] = share;
    }
    return busy;
}

/// Those of a mesh with one router for each tile.
Json links_of(const Json& json, const Json& tiles) {
    Json links = Json::array();
    for (const Json& link : field(json, "links")) {
        int x = 0, y = 0;
        char direction[16] = "";
        if (std::sscanf(text(link, "path").c_str(), "chip.noc.router_%d_%d.%15s", &x, &y, direction) == 3)
            links.push_back({{"x", x}, {"y", y}, {"to", direction}, {"busy", drawn(number(link, "busy_percent"))}});
    }
    int most = 0, tile_cols = 0;
    for (const Json& link : links)
        most = std::max(most, link["x"].get<int>());
    for (const Json& tile : tiles)
        tile_cols = std::max(tile_cols, tile.at("x").get<int>());
    return most == tile_cols ? links : Json::array();
}

/// What the colour of a tile may say.
struct Measure {
    std::string name;
    std::function<double(const Json& tile)> of;
};

}  // namespace

std::vector<Figure> floor_plans(const Json& json) {
    const Json& tiles = field(json, "tile_figures");
    if (!tiles.is_array() || tiles.empty())
        return {};
    const double images = number(json, "images");
    const double seconds = number(json, "latency_s") * number(json, "cycles") / number(json, "latency_cycles");
    const auto energy = [](const Json& t) { return number(t, "dynamic_j") + number(t, "static_j"); };
    std::vector<Measure> measures = {
        {"energy, nJ an image", [&](const Json& t) { return 1e9 * energy(t) / images; }},
        {"dynamic energy, nJ an image", [&](const Json& t) { return 1e9 * number(t, "dynamic_j") / images; }},
        {"router and links, nJ an image", [&](const Json& t) { return 1e9 * number(t, "network_j") / images; }},
        {"mean power, mW", [&](const Json& t) { return 1e3 * energy(t) / seconds; }},
        {"power density, mW/mm2", [&](const Json& t) { return 1e3 * energy(t) / seconds / number(t, "area_mm2"); }},
        {"arrays in use, %",
         [&](const Json& t) { return 100 * number(t, "used_arrays") / std::max(1.0, number(t, "arrays")); }}};
    const auto busy = busy_of_tiles(json);
    for (const char* kind : {"bus", "buffer", "vector_unit"})
        if (!busy.empty())
            measures.push_back({std::string(kind) + " busy, % of the run", [&busy, kind](const Json& t) {
                                    const auto tile = busy.find(text(t, "tile"));
                                    if (tile == busy.end())
                                        return 0.0;
                                    const auto found = tile->second.find(kind);
                                    return found == tile->second.end() ? 0.0 : found->second;
                                }});
    Json data = {{"measures", Json::array()}, {"tiles", Json::array()}, {"links", links_of(json, tiles)}};
    for (const Measure& measure : measures)
        data["measures"].push_back(measure.name);
    for (const Json& tile : tiles) {
        Json values = Json::array();
        for (const Measure& measure : measures)
            values.push_back(drawn(measure.of(tile)));
        data["tiles"].push_back({{"name", tile.at("tile")},
                                 {"x", tile.at("x")},
                                 {"y", tile.at("y")},
                                 {"type", tile.at("type")},
                                 {"layers", tile.at("layers")},
                                 {"values", values}});
    }
    return {{"floor_plan", "The chip's tiles",
             "Point at a tile, or tap it, for its layers and all of its figures. Outlined in "
             "dashes: no layer is on it.",
             data}};
}

std::vector<Figure> gantts(const Json& json) {
    const Json& layers = field(json, "layers");
    const double us = 1e6 * number(json, "latency_s") / number(json, "latency_cycles");
    Json data = {{"unit", "us"}, {"layers", Json::array()}, {"spans", Json::array()}};
    double end = 0;
    int images = 1;
    for (const Json& layer : layers) {
        const auto row = data["layers"].size();
        data["layers"].push_back(text(layer, "name"));
        const auto add = [&](int image, double from, double to) {
            if (!(to >= from))
                return;
            data["spans"].push_back({row, image, drawn(us * from), drawn(us * to)});
            end = std::max(end, us * to);
            images = std::max(images, image + 1);
        };
        if (const Json& of_images = field(layer, "images"); of_images.is_array())
            for (std::size_t i = 0; i < of_images.size(); ++i)
                add(static_cast<int>(i), number(of_images[i], "start_cycle"), number(of_images[i], "end_cycle"));
        else
            add(0, number(layer, "start_cycle"), number(layer, "start_cycle") + number(layer, "cycles"));
    }
    if (data["spans"].empty())
        return {};
    data["end"] = drawn(end);
    data["images"] = images;
    return {{"gantt", "From first fetch to last position sent",
             "Drag to move, use the buttons, + and -, or Ctrl with the wheel to zoom; a colour for each image.", data}};
}

}  // namespace xloop::page
