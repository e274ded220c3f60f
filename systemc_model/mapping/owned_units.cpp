#include "systemc_model/mapping/owned_units.hpp"

#include "systemc_model/cost/inventory.hpp"

#include <map>

namespace xloop {

OwnedUnits owned_units(const MappedNetwork& network) {
    const Mapping& mapping = network.mapping;
    std::map<int, std::map<std::size_t, double>> arrays_by_tile;  // of each layer
    std::map<int, double> arrays_in_tile;
    OwnedUnits owned(mapping.layers.size() + 1, PerComponent{});
    std::vector<double> arrays(mapping.layers.size(), 0.0);
    for (std::size_t l = 0; l < mapping.layers.size(); ++l)
        for (const LayerCopy& copy : mapping.layers[l].copies)
            for (const PlacedBlock& block : copy.blocks) {
                arrays_by_tile[block.tile][l] += 1.0;
                arrays_in_tile[block.tile] += 1.0;
                arrays[l] += 1.0 / mapping.rounds;
            }
    std::vector<double> tiles(mapping.layers.size(), 0.0);
    for (const auto& [tile, layers] : arrays_by_tile)
        for (const auto& [layer, count] : layers)
            tiles[layer] += count / arrays_in_tile[tile];
    std::vector<Inventory> inventories;
    for (int type = 0; type < network.kinds.types(); ++type)
        inventories.push_back(tile_inventory(network.kinds[type]));
    for (std::size_t l = 0; l < mapping.layers.size(); ++l) {
        const int type = network.kinds.type_of_layer(static_cast<int>(l));
        const Inventory& tile = inventories[static_cast<std::size_t>(type)];
        for (std::size_t c = 0; c < component_count; ++c)
            owned[l][c] =
                static_cast<double>(tile.units[c]) * (place_of(static_cast<Component>(c)) == Place::tile
                                                          ? tiles[l]
                                                          : arrays[l] / network.kinds[type].arrays_per_tile());
    }
    return owned;
}

}  // namespace xloop
