#pragma once

#include <cstdint>
#include <vector>

namespace xloop::sim {

enum class PacketKind { image_rows, activations, partial_sums, logits };

/// What travels from node to node. The values are the real ones.
struct Packet {
    PacketKind kind = PacketKind::activations;
    int source = 0, destination = 0;  ///< tile numbers; the io node is number Mapping::tiles()
    int layer = -1;                   ///< that produced the values; -1: the input image
    int position = 0;                 ///< first output position that it carries
    std::int64_t bytes = 0;
    std::vector<std::int32_t> values;
};

/// A node of the network: a tile or the io node.
class PacketReceiver {
public:
    virtual ~PacketReceiver() = default;
    /// The packet is complete in the node at `cycle`, which is later than the current cycle.
    virtual void deliver(Packet packet, std::uint64_t cycle) = 0;
};

}  // namespace xloop::sim
