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
    const KernelPart& part(int position) const {
        return parts[static_cast<std::size_t>(part_of[static_cast<std::size_t>(position)])];
    }
};

}  // namespace xloop
