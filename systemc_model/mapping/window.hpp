#pragma once

#include "core/workload/workload_graph.hpp"

#include <vector>

namespace xloop {

/// Which input positions an output position of a layer reads. Positions are numbered row by row.
///
/// Last input position in the window of output position `position` (padding left out); -1 when all of it is padding.
int last_needed(const GraphLayer& layer, int position);
/// No output position from `position` on reads an input position before this one. For `position` = positions() (all
/// done): the number of input positions.
int first_needed(const GraphLayer& layer, int position);
/// Input positions in the window, padding left out.
int window_positions(const GraphLayer& layer, int position);

/// Rows [y_begin, y_end) and columns [x_begin, x_end) of a kernel that are not padding; empty: end <= begin.
struct KernelPart {
    int y_begin = 0, y_end = 0, x_begin = 0, x_end = 0;
    int positions() const { return y_end > y_begin && x_end > x_begin ? (y_end - y_begin) * (x_end - x_begin) : 0; }
    bool operator==(const KernelPart& o) const {
        return y_begin == o.y_begin && y_end == o.y_end && x_begin == o.x_begin && x_end == o.x_end;
    }
};
/// Of the window of an output position; of an add layer one position.
KernelPart kernel_part(const GraphLayer& layer, int position);

/// The functions above for all output positions of a layer.
struct LayerWindows {
    std::vector<int> first;         ///< first_needed, positions() included
    std::vector<int> last;          ///< last_needed
    std::vector<KernelPart> parts;  ///< that occur: interior, borders and corners
    std::vector<int> part_of;       ///< of each position, as an index into `parts`

    explicit LayerWindows(const GraphLayer& layer);
};

}  // namespace xloop
