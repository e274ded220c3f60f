#pragma once

#include "core/hardware_config.hpp"

namespace xloop {

/// Hands out processing elements in order. They are numbered on through all tiles: element n is element n % tile.pes of
/// tile n / tile.pes.
class PeCursor {
public:
    explicit PeCursor(const HardwareConfig& hardware)
        : pes_(hardware.tile.pes), shared_(hardware.mapping.tiles == TileSharing::shared) {}

    void begin_layer() {
        if (!shared_)
            skip_rest_of_tile();
    }
    /// First of `pes` successive elements. The rest of a tile stays empty when the copy then lies on fewer tiles.
    int place_copy(int pes) {
        if (tiles(next_ % pes_ + pes) > tiles(pes))
            skip_rest_of_tile();
        const int first = next_;
        next_ += pes;
        return first;
    }
    int used_tiles() const { return tiles(next_); }

private:
    int tiles(int pes) const { return (pes + pes_ - 1) / pes_; }
    void skip_rest_of_tile() { next_ = tiles(next_) * pes_; }

    int pes_;
    bool shared_;
    int next_ = 0;
};

}  // namespace xloop
