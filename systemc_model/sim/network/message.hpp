#pragma once

#include <cstdint>
#include <vector>

namespace xloop::sim {

/// What travels from node to node. Every message finds room where it goes: its sender has waited for it.
struct Message {
    enum class Kind : std::uint8_t {
        data,           ///< positions of a producer's output, for streams
        partial_sums,   ///< of one position, for the home of a copy
        stream_credit,  ///< a stream has released positions
        entry_credit,   ///< a home has retired a position
    };
    Kind kind = Kind::data;
    int source = 0;   ///< node
    int subject = 0;  ///< data: producer; stream_credit: stream; else: layer
    int layer = -1;   ///< that sends it; -1: the images
    int copy = 0;     ///< partial_sums, entry_credit
    std::uint64_t position =
        0;                    ///< data: first position; partial_sums: own number; credits: first not released, retired
    int count = 0;            ///< positions of data
    std::uint64_t image = 0;  ///< data, partial_sums: that it belongs to, the first of the run being 0
    std::int64_t bytes = 0;   ///< payload
    std::vector<std::int32_t> values;   ///< empty without values
    std::vector<std::uint8_t> payload;  ///< the bytes that are sent; empty without values
};

/// A node of the network: a tile or the i/o node. Both calls come with a cycle of the digital clock that is later than now.
class NetworkClient {
public:
    virtual ~NetworkClient() = default;
    /// A message is complete at this node. `message` is kept by the network until release_message().
    virtual void message_arrived(int message, std::uint64_t cycle) = 0;
    /// A message of this node has left its network interface.
    virtual void message_left(int message, std::uint64_t cycle) = 0;
};

}  // namespace xloop::sim
