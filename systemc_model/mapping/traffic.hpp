#pragma once

#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Payload bytes that one image sends from one node of the network to others (tiles, or Mapping::io_node()).
struct Transfer {
    int source = 0;
    std::vector<int> destinations;
    std::int64_t bytes = 0;  ///< to each destination
};

/// All transfers of one image in round `round`: maps to their readers, partial sums to their homes, what the i/o node
/// sends and collects. Without heads of packets and credits. Without noc.multicast, each has one destination.
std::vector<Transfer> transfers(const MappedNetwork& network, int round);

/// Links between routers that a packet from `source` to all `destinations` takes along X, then Y, each link once. On a
/// torus each dimension goes the shorter way, for equal ways that of rising coordinates.
int links_of_tree(const Mapping& mapping, int source, const std::vector<int>& destinations);

/// Payload bytes x links of one image, all rounds.
std::int64_t traffic_byte_hops(const MappedNetwork& network);

}  // namespace xloop
