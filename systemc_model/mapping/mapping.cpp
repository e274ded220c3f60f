#include "systemc_model/mapping/mapping.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {

std::string Mapping::tile_name(int tile) const {
    return fmt::format("tile_{}_{}", tile % tile_cols(), tile / tile_cols());
}

std::vector<int> Mapping::reader_tiles(const WorkloadGraph& graph, int index, int round) const {
    std::vector<int> found;
    for (int consumer : graph.consumers(index)) {
        const LayerMapping& layer = layers[static_cast<std::size_t>(consumer)];
        if (layer.round != round)
            continue;
        for (const LayerCopy& copy : layer.copies)
            if (copy.tiles.empty())
                found.push_back(copy.home);
            else
                found.insert(found.end(), copy.tiles.begin(), copy.tiles.end());
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

std::vector<int> Mapping::home_tiles(int index) const {
    std::vector<int> found;
    for (const LayerCopy& copy : layers[static_cast<std::size_t>(index)].copies)
        found.push_back(copy.home);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

bool Mapping::is_exported(const WorkloadGraph& graph, int index) const {
    const std::vector<int> consumers = graph.consumers(index);
    const int round = layers[static_cast<std::size_t>(index)].round;
    return graph.layers[static_cast<std::size_t>(index)].is_output ||
           std::any_of(consumers.begin(), consumers.end(),
                       [&](int c) { return layers[static_cast<std::size_t>(c)].round > round; });
}

std::int64_t reprogram_cycles(const MappedNetwork& network) {
    std::int64_t longest = 0;
    for (int type = 0; type < network.kinds.types(); ++type)
        if (network.mapping.chip().tiles_of_type(type) > 0)
            longest = std::max(longest, network.of_kind(type).reprogram());
    return longest;
}

}  // namespace xloop
