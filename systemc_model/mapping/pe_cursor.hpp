#pragma once

#include "systemc_model/mapping/mapping.hpp"

#include <cstddef>
#include <vector>

namespace xloop {

/// Hands out processing elements in order, type by type. Those of a type are numbered on through all its tiles: element n is
/// element n % tile.pes of its tile n / tile.pes.
class PeCursor {
public:
    explicit PeCursor(const MappedNetwork& network) : shared_(network.hardware.mapping.tiles == TileSharing::shared) {
        for (int type = 0; type < network.kinds.types(); ++type)
            types_.push_back({network.kinds[type].tile.pes});
    }

    void begin_layer(int type) {
        if (!shared_)
            of(type).skip_rest_of_tile();
    }
    /// First of `pes` successive elements. The rest of a tile stays empty when the copy then lies on fewer tiles.
    int place_copy(int type, int pes) {
        Elements& elements = of(type);
        if (elements.tiles(elements.next % elements.of_tile + pes) > elements.tiles(pes))
            elements.skip_rest_of_tile();
        const int first = elements.next;
        elements.next += pes;
        return first;
    }
    /// Of each type.
    std::vector<int> used_tiles() const {
        std::vector<int> used;
        for (const Elements& elements : types_)
            used.push_back(elements.tiles(elements.next));
        return used;
    }

private:
    struct Elements {
        int of_tile, next = 0;
        int tiles(int pes) const { return (pes + of_tile - 1) / of_tile; }
        void skip_rest_of_tile() { next = tiles(next) * of_tile; }
    };
    Elements& of(int type) { return types_[static_cast<std::size_t>(type)]; }

    std::vector<Elements> types_;
    bool shared_;
};

}  // namespace xloop
