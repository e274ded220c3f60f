#pragma once

#include "systemc_model/noc/topology.hpp"

#include <algorithm>
#include <vector>

/// Closed forms for what the network must do.
namespace xloop::noc {

/// A link between routers by the router it leaves and its port.
struct Link {
    int router, port;
    bool operator==(const Link& other) const { return router == other.router && port == other.port; }
};

/// Links between routers that the tree of dimension-order paths to all destinations takes, each link once.
inline std::vector<Link> multicast_links(const Topology& topology, int source_node,
                                         const std::vector<int>& destination_nodes) {
    std::vector<Link> links;
    for (int destination : destination_nodes) {
        int router = topology.router_of(source_node);
        while (router != topology.router_of(destination)) {
            const Link link{router, topology.hop(router, destination).port};
            if (std::find(links.begin(), links.end(), link) == links.end())
                links.push_back(link);
            router = topology.neighbour(router, link.port);
        }
    }
    return links;
}

/// Cycles of a packet alone in the network, from offer() to the step that ejects its tail. With the default delays
/// 4 H + 2 + (P - 1) for H routers and P flits; waits for credits are included where buffers are short.
inline int zero_load_latency(const NetworkConfig& c, int routers_passed, int flits) {
    check(c);
    const auto hops = static_cast<std::size_t>(routers_passed), depth = static_cast<std::size_t>(c.vc_buffer_flits);
    const int wire = 1 + c.link_delay_cycles, to_next = c.switch_delay_cycles + wire,
              credit = wire + c.credit_delay_cycles;
    const int to_switch = c.routing_delay_cycles + (c.speculative ? 0 : c.vc_alloc_delay_cycles);
    // sent[h]: cycles in which the flits left the source (0), the buffers of the routers (1 ... H), the network (H + 1).
    std::vector<std::vector<int>> sent(hops + 2, std::vector<int>(static_cast<std::size_t>(flits)));
    for (std::size_t f = 0; f < static_cast<std::size_t>(flits); ++f) {
        int at = f == 0 ? 0 : sent[0][f - 1] + 1;
        if (f >= depth)
            at = std::max(at, sent[1][f - depth] + wire);
        sent[0][f] = at;
        for (std::size_t h = 1; h <= hops; ++h) {
            at += (h == 1 ? wire : to_next) + (f == 0 ? to_switch : 0);
            if (f > 0)
                at = std::max(at, sent[h][f - 1] + 1);
            if (f >= depth)
                at = std::max(at, sent[h + 1][f - depth] + credit);
            at += c.switch_alloc_delay_cycles - 1;
            sent[h][f] = at;
        }
        sent[hops + 1][f] = at + to_next;
    }
    return sent[hops + 1].back();
}

}  // namespace xloop::noc
