#pragma once

#include <cstdint>
#include <vector>

namespace xloop::noc {

constexpr std::uint32_t no_packet = ~std::uint32_t{0};

/// A packet inside the network. A multicast packet has at each router of its tree a record of its own, whose branches are
/// the records of its copies behind the output ports.
struct PacketRecord {
    struct Branch {
        int port;
        std::uint32_t copy;
        bool dateline_ahead;  ///< of any destination of this copy, in the dimension of this port
    };

    std::uint32_t packet = 0;  ///< the caller's number
    int destination = -1;      ///< node; -1: multicast, see branches
    int flits = 0;
    std::uint64_t offered = 0;        ///< cycle
    std::uint64_t head_injected = 0;  ///< cycle
    std::uint32_t next = no_packet;   ///< in the source queue
    std::vector<Branch> branches;

    bool multicast() const { return destination < 0; }
};

/// Records by number, reused with their memory.
class PacketPool {
public:
    std::uint32_t take() {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(records_.size()));
            records_.emplace_back();
        }
        const std::uint32_t slot = free_.back();
        free_.pop_back();
        records_[slot].branches.clear();
        records_[slot].next = no_packet;
        return slot;
    }
    void give_back(std::uint32_t slot) { free_.push_back(slot); }
    PacketRecord& operator[](std::uint32_t slot) { return records_[slot]; }
    const PacketRecord& operator[](std::uint32_t slot) const { return records_[slot]; }
    std::size_t in_use() const { return records_.size() - free_.size(); }

private:
    std::vector<PacketRecord> records_;
    std::vector<std::uint32_t> free_;
};

}  // namespace xloop::noc
