#include "analysis/tile_figures.hpp"

#include "systemc_model/mapping/instance_ledger.hpp"
#include "systemc_model/mapping/instance_paths.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace xloop {
namespace {

double static_of(const InstanceCost& instance) { return instance.leakage_j + instance.refresh_j + instance.clock_j; }

/// Layers by the tiles that hold their blocks or finish their positions, and the arrays in use.
void add_layers(std::vector<TileFigures>& tiles, const MappedNetwork& network) {
    std::vector<std::set<std::pair<int, int>>> used(tiles.size());
    for (std::size_t l = 0; l < network.mapping.layers.size(); ++l)
        for (const LayerCopy& copy : network.mapping.layers[l].copies) {
            std::set<int> places(copy.tiles.begin(), copy.tiles.end());
            places.insert(copy.home);
            for (const int place : places) {
                std::vector<std::string>& layers = tiles[static_cast<std::size_t>(place)].layers;
                if (const std::string& name = network.graph.layers[l].name; layers.empty() || layers.back() != name)
                    layers.push_back(name);
            }
            for (const PlacedBlock& block : copy.blocks)
                used[static_cast<std::size_t>(block.tile)].emplace(block.pe, block.slot);
        }
    for (std::size_t t = 0; t < tiles.size(); ++t)
        tiles[t].used_arrays = static_cast<int>(used[t].size());
}

}  // namespace

std::vector<TileFigures> tile_figures(const Ledger& ledger, const MappedNetwork& network,
                                      const std::vector<UnitCosts>& types) {
    const Mapping& mapping = network.mapping;
    const InstancePaths paths(mapping);
    std::vector<TileFigures> tiles;
    std::map<std::string, std::size_t> by_path;
    std::map<std::string, int> routers;
    for (int t = 0; t < mapping.tiles(); ++t) {
        TileFigures tile;
        tile.name = mapping.tile_name(t);
        tile.x = t % mapping.tile_cols();
        tile.y = t / mapping.tile_cols();
        if (network.kinds.types() > 1)
            tile.type = network.kinds.name_of_type(mapping.type_of(t));
        tile.arrays = network.tile_hardware(t).arrays_per_tile();
        by_path[paths.tile(t)] = tiles.size();
        tiles.push_back(std::move(tile));
    }
    for (int r = 0; r < mapping.routers(); ++r)
        routers[paths.router(r)] = r;
    for (const InstanceCost& instance : instance_ledger(ledger, network, types)) {
        if (const auto router = routers.find(instance.path); router != routers.end()) {
            const double share = (instance.dynamic_j + static_of(instance)) / mapping.concentration;
            for (int i = 0; i < mapping.concentration; ++i)
                tiles[static_cast<std::size_t>(router->second * mapping.concentration + i)].network_j += share;
            continue;
        }
        const auto found = by_path.find(instance.path.substr(0, instance.path.find('.', instance.path.find('.') + 1)));
        if (found == by_path.end())
            continue;
        TileFigures& tile = tiles[found->second];
        tile.dynamic_j += instance.dynamic_j;
        tile.static_j += static_of(instance);
        tile.area_mm2 += instance.area_mm2;
    }
    add_layers(tiles, network);
    return tiles;
}

Json tile_figures_json(const std::vector<TileFigures>& tiles) {
    Json json = Json::array();
    for (const TileFigures& t : tiles)
        json.push_back({{"tile", t.name},
                        {"x", t.x},
                        {"y", t.y},
                        {"type", t.type},
                        {"layers", t.layers},
                        {"used_arrays", t.used_arrays},
                        {"arrays", t.arrays},
                        {"dynamic_j", t.dynamic_j},
                        {"static_j", t.static_j},
                        {"network_j", t.network_j},
                        {"area_mm2", t.area_mm2}});
    return json;
}

}  // namespace xloop
