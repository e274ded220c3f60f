#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/noc/topology.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace xloop {

/// The flits that messages send through every port of every router. A message follows dimension order, x first, to all its
/// destinations; with multicast it passes each link of that tree once.
/// An input port of a router sends one flit a cycle, so that it needs a cycle for each copy of a flit at a branch.
class NetworkLoad {
public:
    /// Flits of one call of send: summed over the routers and over the links between routers that it passes.
    struct Passed {
        std::int64_t routers = 0, links = 0;
    };

    NetworkLoad(const Mapping& mapping, const HardwareConfig& hardware);

    /// Called by send for each output port of a router that a message passes: (router, flits, to another router).
    using Visitor = std::function<void(int, std::int64_t, bool)>;
    void set_visitor(Visitor visitor) { visitor_ = std::move(visitor); }

    /// `count` messages of `bytes` from node `source` to the nodes `destinations`, the source left out.
    Passed send(int source, const std::vector<int>& destinations, std::int64_t bytes, std::int64_t count);

    /// Flits that leave the source for one message: a multicast is split into packets that fit into a virtual channel's
    /// buffer; without multicast each destination gets a packet.
    std::int64_t injected_flits(std::size_t destinations, std::int64_t bytes) const;
    /// Cycles of the network's clock that one message takes of the port that it takes longest: flits that leave the source,
    /// times the branches of the router with most of them.
    std::int64_t port_flits(int source, const std::vector<int>& destinations, std::int64_t bytes) const;
    /// Of a message to several destinations: whether it is one tree.
    bool is_tree(std::size_t destinations, std::int64_t bytes) const;
    /// Routers on the way from one node to another, both ends included.
    int routers_between(int source, int destination) const;

    /// Flits out of all ports of a router, those to its nodes included.
    std::int64_t router(int router) const;
    /// Flits out of the ports of a router to other routers.
    std::int64_t links_of(int router) const;
    /// Most flits through one port: between routers, or from or to a node; of an input port copies each count.
    std::int64_t busiest_port() const;
    /// The same for the messages since the last call; the others count on.
    std::int64_t take_busiest_port();

private:
    static constexpr int directions = noc::directions;
    /// Calls visit(router, output port, input port) along the way; ports: directions, then nodes.
    template <class Visit>
    void follow(int source, int destination, Visit visit) const;
    void add_path(int source, int destination, std::int64_t flits, bool once, Passed& passed);

    const Mapping& mapping_;
    Durations durations_;
    bool multicast_;
    std::vector<std::int64_t> links_;  ///< by router and direction: east, west, south, north
    std::vector<std::int64_t> to_node_;
    std::vector<std::int64_t> from_node_;  ///< flits, copies at its router included
    std::vector<std::int64_t> inputs_;     ///< the same by router and the direction that they have come in
    std::vector<int> last_tree_;           ///< number of the last tree that used the link
    // Since the last call of take_busiest_port.
    std::vector<std::int64_t> recent_inputs_, recent_to_node_, recent_from_node_;
    int trees_ = 0;
    Visitor visitor_;
};

}  // namespace xloop
