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
    const int way = steps(from, to, size, torus_);
    if (way == 0)
        return {0, false};
    return way > 0 ? Step{1, to < from} : Step{-1, to > from};
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
    const auto a = static_cast<std::size_t>(router_of(source_node)),
               b = static_cast<std::size_t>(router_of(destination_node));
    return std::abs(steps(x_[a], x_[b], cols_, torus_)) + std::abs(steps(y_[a], y_[b], rows_, torus_)) + 1;
}

}  // namespace xloop::noc
