#pragma once

#include "core/workload/workload_graph.hpp"

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

}  // namespace xloop
