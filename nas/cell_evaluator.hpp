#pragma once

#include "core/hardware_config.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "nas/query_table.hpp"
#include "systemc_model/cost/cost_table.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// What decides the rows of a query table.
struct QueryTask {
    CellSkeleton skeleton;
    HardwareConfig hardware;
    CostTable costs;
    std::uint64_t seed = 1;       ///< of random weights and pixels
    int non_ideality_images = 0;  ///< 0: no CellErrors
};

/// What decides the rows, by name, for QueryStore. `inputs` tells whether the content of named files changed.
Json settings_of(const QueryTask& task, const std::string& inputs);

/// The rows of some architectures, in the order given; a network that does not fit gives a row with a problem. What `store`
/// has, if there is one, is taken from there; the others are put there, a block at a time. `watch` is called after each
/// block. Does not depend on threads.
std::vector<QueryRow> make_rows(const QueryTask& task, const std::vector<int>& indices, int threads,
                                QueryStore* store = nullptr, const Watch& watch = {});

/// `count` different architectures, in the order of drawing, keyed by seed: a smaller sample is the beginning of a larger one. All
/// where there are no more.
std::vector<int> sample_cells(int count, std::uint64_t seed);

}  // namespace xloop
