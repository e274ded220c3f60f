#pragma once

#include <algorithm>
#include <vector>

namespace xloop {

/// How many tiles and routers a chip has; routers in a mesh or torus.
struct ChipShape {
    int tiles = 1;
    int mesh_cols = 1, mesh_rows = 1;
    bool torus = false;
    std::vector<int> tile_types = {};  ///< of each tile, as HardwareKinds numbers them; empty: all of the base

    int tiles_of_type(int type) const {
        if (tile_types.empty())
            return type == 0 ? tiles : 0;
        return static_cast<int>(std::count(tile_types.begin(), tile_types.end(), type));
    }
    int routers() const { return mesh_cols * mesh_rows; }
    /// Links from a router to another one, each direction counted.
    int links() const {
        if (torus)
            return 2 * routers() * ((mesh_cols > 1) + (mesh_rows > 1));
        return 2 * ((mesh_cols - 1) * mesh_rows + mesh_cols * (mesh_rows - 1));
    }
};

}  // namespace xloop
