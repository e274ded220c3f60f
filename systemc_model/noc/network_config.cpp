#include "systemc_model/noc/network_config.hpp"

#include "systemc_model/noc/topology.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::noc {
namespace {

void demand(bool good, const char* field, const std::string& expected) {
    if (!good)
        throw FieldError(field, expected);
}

void demand_range(int value, const char* field, int low, int high) {
    demand(value >= low && value <= high, field, fmt::format("{} ... {}, not {}", low, high, value));
}

}  // namespace

void check(const NetworkConfig& c) {
    demand_range(c.cols, "cols", 1, 256);
    demand_range(c.rows, "rows", 1, 256);
    demand_range(c.concentration, "concentration", 1, 32);
    demand_range(c.vcs, "vcs", 1, 64);
    demand_range(c.vc_buffer_flits, "vc_buffer_flits", 1, 4096);
    demand_range(c.routing_delay_cycles, "routing_delay_cycles", 0, 64);
    demand_range(c.vc_alloc_delay_cycles, "vc_alloc_delay_cycles", 1, 64);
    demand_range(c.switch_alloc_delay_cycles, "switch_alloc_delay_cycles", 1, 64);
    demand_range(c.switch_delay_cycles, "switch_delay_cycles", 1, 64);
    demand_range(c.link_delay_cycles, "link_delay_cycles", 1, 64);
    demand_range(c.credit_delay_cycles, "credit_delay_cycles", 0, 64);
    demand_range(c.alloc_iters, "alloc_iters", 1, 64);
    demand(!c.torus || c.vcs >= 2, "vcs", "2 or more on a torus, for both sides of the dateline");
    demand(!c.speculative || (c.vc_alloc_delay_cycles == 1 && c.switch_alloc_delay_cycles == 1), "speculative",
           "delays of 1 cycle for both allocators, which work in the same cycle");
    const int routers = c.cols * c.rows;
    for (int router : c.extra_nodes) {
        demand_range(router, "extra_nodes", 0, routers - 1);
        const auto here = std::count(c.extra_nodes.begin(), c.extra_nodes.end(), router);
        demand(c.concentration + here <= 64 - directions, "extra_nodes",
               fmt::format("at most {} nodes on a router", 64 - directions));
    }
}

}  // namespace xloop::noc
