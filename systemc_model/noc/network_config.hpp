#pragma once

#include <vector>

namespace xloop::noc {

/// Routers, nodes and pipeline of a network. Delays in cycles.
struct NetworkConfig {
    bool torus = false;            ///< rows and columns are rings; needs two virtual channels or more
    int cols = 4, rows = 4;        ///< routers
    int concentration = 1;         ///< nodes per router: node n sits on router n / concentration
    std::vector<int> extra_nodes;  ///< routers of further nodes, numbered after the others
    int vcs = 4;                   ///< virtual channels of every input port
    int vc_buffer_flits = 8;       ///< buffer of every virtual channel, shared with no other
    int routing_delay = 0;         ///< 0: the route is known when a head flit arrives
    int vc_alloc_delay = 1;
    int sw_alloc_delay = 1;
    int switch_delay = 1;
    int link_delay = 1;
    int credit_delay = 1;               ///< from the end of the credit's wire to its use
    int alloc_iters = 1;                ///< iterations of both iSLIP allocators
    bool speculative = false;           ///< heads ask for the switch while they ask for a virtual channel
    bool wait_for_tail_credit = false;  ///< a virtual channel is free again when its tail has left the next buffer
};

/// Throws InputError with the name of the field that makes no sense.
void check(const NetworkConfig& config);

}  // namespace xloop::noc
