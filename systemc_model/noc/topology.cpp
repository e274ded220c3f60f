#include "systemc_model/noc/topology.hpp"

#include <algorithm>
#include <cstdlib>

namespace xloop::noc {

Topology::Topology(const NetworkConfig& config)
    : torus_(config.torus), cols_(config.cols), rows_(config.rows), ports_(directions) {
    check(config);
    std::vector<int> locals(static_cast<std::size_t>(routers()), 0);
    const auto add_node = [&](int router) {
        node_router_.push_back(router);
        node_port_.push_back(directions + locals[static_cast<std::size_t>(router)]++);
        ports_ = std::max(ports_, node_port_.back() + 1);
    };
    for (int router = 0; router < routers(); ++router) {
        x_.push_back(router % cols_);
        y_.push_back(router / cols_);
        for (int i = 0; i < config.concentration; ++i)
            add_node(router);
    }
    for (int router : config.extra_nodes)
        add_node(router);
    node_at_.assign(static_cast<std::size_t>(routers() * ports_), -1);
    for (int node = 0; node < nodes(); ++node)
        node_at_[static_cast<std::size_t>(router_of(node) * ports_ + port_of(node))] = node;
}

int Topology::node_at(int router, int port) const { return node_at_[static_cast<std::size_t>(router * ports_ + port)]; }

int Topology::neighbour(int router, int direction) const {
    const int size = direction < south ? cols_ : rows_, stride = direction < south ? 1 : cols_;
    const int at = (direction < south ? x_ : y_)[static_cast<std::size_t>(router)];
    const int next = at + (direction % 2 == 0 ? 1 : -1);
    if (next >= 0 && next < size)
        return router + (next - at) * stride;
    if (!torus_ || size == 1)
        return -1;
    return router + ((next + size) % size - at) * stride;
}

bool Topology::port_exists(int router, int port) const {
    return port < directions ? neighbour(router, port) >= 0 : node_at(router, port) >= 0;
}

Topology::Step Topology::towards(int from, int to, int size) const {
    if (from == to)
        return {0, false};
    if (!torus_)
        return {to > from ? 1 : -1, false};
    const int up = to > from ? to - from : to - from + size;
    return 2 * up <= size ? Step{1, to < from} : Step{-1, to > from};
}

Hop Topology::hop(int router, int destination_node) const {
    const int target = router_of(destination_node);
    const auto r = static_cast<std::size_t>(router), t = static_cast<std::size_t>(target);
    int port = east;
    Step step = towards(x_[r], x_[t], cols_);
    if (step.sign == 0) {
        port = south;
        step = towards(y_[r], y_[t], rows_);
    }
    if (step.sign == 0)
        return {static_cast<std::uint8_t>(port_of(destination_node)), VcClass::any};
    return {static_cast<std::uint8_t>(port + (step.sign < 0 ? 1 : 0)), !torus_         ? VcClass::any
                                                                       : step.dateline ? VcClass::before_dateline
                                                                                       : VcClass::after_dateline};
}

int Topology::routers_passed(int source_node, int destination_node) const {
    const auto distance = [this](int a, int b, int size) {
        const int direct = std::abs(a - b);
        return torus_ ? std::min(direct, size - direct) : direct;
    };
    const auto a = static_cast<std::size_t>(router_of(source_node)),
               b = static_cast<std::size_t>(router_of(destination_node));
    return distance(x_[a], x_[b], cols_) + distance(y_[a], y_[b], rows_) + 1;
}

std::vector<Link> multicast_links(const Topology& topology, int source_node,
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

int zero_load_latency(const NetworkConfig& c, int routers_passed, int flits) {
    check(c);
    const auto hops = static_cast<std::size_t>(routers_passed), depth = static_cast<std::size_t>(c.vc_buffer_flits);
    const int wire = 1 + c.link_delay, to_next = c.switch_delay + wire, credit = wire + c.credit_delay;
    const int to_switch = c.routing_delay + (c.speculative ? 0 : c.vc_alloc_delay);
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
            at += c.sw_alloc_delay - 1;
            sent[h][f] = at;
        }
        sent[hops + 1][f] = at + to_next;
    }
    return sent[hops + 1].back();
}

}  // namespace xloop::noc
