#pragma once

#include "systemc_model/noc/network_config.hpp"

#include <cstdint>
#include <vector>

namespace xloop::noc {

/// Ports 0 ... 3 of a router lead to its neighbours, the others to its nodes. An input and an output port of the same
/// number belong to the same neighbour or node.
enum Direction { east = 0, west = 1, south = 2, north = 3, directions = 4 };  // x + 1, x - 1, y + 1, y - 1

/// Signed number of links from coordinate `from` to `to` of `size` along one dimension: on a torus the shorter way, for
/// equal ways that of rising coordinates. All routes, of packets and of their closed forms, are made of it.
inline int steps(int from, int to, int size, bool torus) {
    if (!torus)
        return to - from;
    const int up = (to - from + size) % size;
    return up <= size - up ? up : up - size;
}

/// Which of its virtual channels a packet may use on a link.
enum class VcClass : std::uint8_t { any, before_dateline, after_dateline };

struct Hop {
    std::uint8_t port;
    VcClass vc_class;
};

/// Who is connected to whom, and dimension-order routes, X first.
///
/// On a torus every dimension goes the shorter way, for equal ways that of rising coordinates. The wrap link of each ring
/// is its dateline (Dally and Seitz 1987): as long as a packet has it ahead, the wrap link included, it uses the lower
/// half of the virtual channels, then the upper half. No chain of lower channels leads past the wrap link and no upper
/// channel exists on it, so that the channels of a ring have an order; X rings come before Y rings, thus all have one.
class Topology {
public:
    explicit Topology(const NetworkConfig& config);

    int nodes() const { return static_cast<int>(node_router_.size()); }
    int routers() const { return cols_ * rows_; }
    /// Ports of every router, whether all are connected or not.
    int ports() const { return ports_; }
    int router_of(int node) const { return node_router_[static_cast<std::size_t>(node)]; }
    int port_of(int node) const { return node_port_[static_cast<std::size_t>(node)]; }
    /// Node at a port, -1 where there is none.
    int node_at(int router, int port) const;
    /// The neighbour in a direction, -1 beyond the edge of a mesh.
    int neighbour(int router, int direction) const;
    bool port_exists(int router, int port) const;

    Hop hop(int router, int destination_node) const;
    /// Routers on the way, both ends included.
    int routers_passed(int source_node, int destination_node) const;

private:
    struct Step {
        int sign;       ///< 0: arrived
        bool dateline;  ///< the wrap link lies ahead
    };
    Step towards(int from, int to, int size) const;

    bool torus_;
    int cols_, rows_, ports_;
    std::vector<int> x_, y_;                    // of each router
    std::vector<int> node_router_, node_port_;  // of each node
    std::vector<int> node_at_;                  // of each (router, local port)
};

}  // namespace xloop::noc
