#pragma once

#include "core/workload/workload_graph.hpp"

#include <vector>

namespace xloop {

/// Which input positions the output positions of a layer read. Positions are numbered row by row.
struct LayerWindows {
    /// No output position from this one on reads an input position before first[position]. One entry more than positions:
    /// when all are done, the number of input positions.
    std::vector<int> first;
    std::vector<int> last;  ///< input position that is read last, padding left out; -1: the window is padding only
    std::vector<KernelPart> parts;  ///< that occur: interior, borders and corners
    std::vector<int> part_of;       ///< of each position, as an index into `parts`

    explicit LayerWindows(const GraphLayer& layer);
    /// `first` and `last` in a map of `map_positions` positions that the layer reads: the map that the layer's windows are in, or
    /// one of a single position that stands for all, which every output position needs.
    int first_in(std::size_t position, int map_positions) const {
        return stands_for_all(map_positions) ? static_cast<int>(position + 1 == first.size()) : first[position];
    }
    int last_in(std::size_t position, int map_positions) const {
        return stands_for_all(map_positions) ? 0 : last[position];
    }
    const KernelPart& part(int position) const {
        return parts[static_cast<std::size_t>(part_of[static_cast<std::size_t>(position)])];
    }

private:
    bool stands_for_all(int map_positions) const { return map_positions == 1 && first.back() != 1; }
};

/// What the window of an output position shares with that of an earlier one: its taps in `part` lie where taps of the earlier
/// one were, tap (y, x) where (y + y_shift, x + x_shift) was. In the padding too.
struct SharedTaps {
    KernelPart part;  ///< empty: nothing is shared
    int y_shift = 0, x_shift = 0;

    bool operator==(const SharedTaps& o) const {
        return part == o.part && y_shift == o.y_shift && x_shift == o.x_shift;
    }
    /// Those of them inside a part of the kernel.
    SharedTaps within(const KernelPart& inside) const;
};
SharedTaps shared_taps(const GraphLayer& layer, int position, int earlier);

/// Output positions by what a fetch of their window brings: what of it is inside the map, and what the registers have kept of
/// the window of the same copy's position before.
struct WindowFetches {
    struct Kind {
        KernelPart inside;
        SharedTaps kept;
        bool operator==(const Kind& o) const { return inside == o.inside && kept == o.kept; }
    };
    std::vector<Kind> kinds;
    std::vector<int> of_position;  ///< index into `kinds`

    /// Of a layer of `copies` copies, which take positions in turns. Without `reuse` nothing is kept, and kinds are
    /// windows.parts.
    WindowFetches(const GraphLayer& layer, const LayerWindows& windows, int copies, bool reuse);
    /// Positions of one copy, by kind.
    std::vector<int> count(int copy, int copies) const;
};

}  // namespace xloop
