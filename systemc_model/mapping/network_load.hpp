#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// What messages send through every output port of every router: flits, and bits that toggle between the flits of a packet.
/// A message follows dimension order, x first, to all its destinations; with multicast it passes each link of that tree once.
class NetworkLoad {
public:
    struct Traffic {
        std::int64_t flits = 0, toggles = 0;
        Traffic& operator+=(const Traffic& o) {
            flits += o.flits;
            toggles += o.toggles;
            return *this;
        }
    };
    /// Of one call of send: summed over the routers and over the links between routers that it passes.
    struct Passed {
        Traffic routers, links;
    };

    NetworkLoad(const Mapping& mapping, const HardwareConfig& hardware);

    /// `count` messages of `bytes` from node `source` to the nodes `destinations`, the source left out; `toggles`: of one
    /// message on one link.
    Passed send(int source, const std::vector<int>& destinations, std::int64_t bytes, std::int64_t count,
                std::int64_t toggles = 0);

    /// Flits that leave the source for one message: a multicast is split into packets that fit into a virtual channel's
    /// buffer; without multicast each destination gets a packet.
    std::int64_t injected_flits(std::size_t destinations, std::int64_t bytes) const;
    /// Of a message to several destinations: whether it is one tree.
    bool is_tree(std::size_t destinations, std::int64_t bytes) const;
    /// Routers on the way from one node to another, both ends included.
    int routers_between(int source, int destination) const;

    /// Out of all ports of a router, those to its nodes included.
    Traffic router(int router) const;
    /// Out of the ports of a router to other routers.
    Traffic links_of(int router) const;
    /// Most flits through one port: between routers, or from or to a node.
    std::int64_t busiest_port() const;

private:
    static constexpr int directions = 4;
    int steps(int from, int to, int size) const;
    void add_path(int source, int destination, const Traffic& traffic, bool once, Passed& passed);

    const Mapping& mapping_;
    Durations durations_;
    bool multicast_;
    std::vector<Traffic> links_;            ///< by router and direction: east, west, south, north
    std::vector<Traffic> to_node_;
    std::vector<std::int64_t> from_node_;   ///< flits
    std::vector<int> last_tree_;            ///< number of the last tree that used the link
    int trees_ = 0;
};

}  // namespace xloop
