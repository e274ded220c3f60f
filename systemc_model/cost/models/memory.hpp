#pragma once

#include "systemc_model/cost/models/cost_model.hpp"

namespace xloop {

enum class MemoryKind { mixed, high_performance, low_standby, low_operating, edram };

/// A memory of one bank and one port, an access of `width_bits`.
struct Memory {
    double read_pj = 0, write_pj = 0;
    double area_um2 = 0;
    double access_ns = 0;
    double leakage_uw = 0;
    double refresh_uw = 0;
};

/// From our CACTI 7 runs (models/memory_runs.hpp), geometric between sizes, widths and nodes; beyond the runs the
/// figures go with size and width by exponents that were fitted to them. A memory below 256 bytes costs what one of 256
/// does.
Memory memory_of(const ModelQuery& query, MemoryKind kind, double bytes, double width_bits);

}  // namespace xloop
