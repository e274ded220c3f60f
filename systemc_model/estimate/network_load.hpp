#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Flits that messages send through every output port of every router. A message follows dimension order, x first, to all
/// its destinations; with multicast it passes each link of that tree once.
class NetworkLoad {
public:
    NetworkLoad(const Mapping& mapping, const HardwareConfig& hardware);

    /// `count` messages of `bytes` from node `source` to the nodes `destinations`, the source left out.
    void send(int source, const std::vector<int>& destinations, std::int64_t bytes, std::int64_t count);

    /// Flits that leave the source for one message: a multicast is split into packets that fit into a virtual channel's
    /// buffer; without multicast each destination gets a packet.
    std::int64_t injected_flits(std::size_t destinations, std::int64_t bytes) const;
    /// Of a message to several destinations: whether it is one tree.
    bool is_tree(std::size_t destinations, std::int64_t bytes) const;
    /// Routers on the way from one node to another, both ends included.
    int routers_between(int source, int destination) const;

    /// Flits out of all ports of a router, those to its nodes included.
    std::int64_t router_flits(int router) const;
    /// Most flits through one port: between routers, or from or to a node.
    std::int64_t busiest_port() const;

private:
    static constexpr int directions = 4;
    int steps(int from, int to, int size) const;
    void add_path(int source, int destination, std::int64_t flits, bool once);

    const Mapping& mapping_;
    Durations durations_;
    bool multicast_;
    std::vector<std::int64_t> links_;       ///< by router and direction: east, west, south, north
    std::vector<std::int64_t> to_node_, from_node_;
    std::vector<int> passed_;               ///< number of the last tree that used the link
    int trees_ = 0;
};

}  // namespace xloop
