#pragma once

#include "systemc_model/sim/network/message.hpp"

#include <cstdint>
#include <vector>

namespace xloop::sim {

/// The bits of flit `number` of a packet that carries the message's payload from byte `begin` on, as words of 64 bits, the
/// lowest first; 0 beyond the payload. Flit 0 is the head flit, of the lower bits as many as fit (our own layout): source node 10 bits, kind 2
/// bits, producer or stream 12 bits, position 40 bits.
void take_flit(const Message& message, std::size_t begin, int number, int flit_bits, std::vector<std::uint64_t>& words);

/// What every output port of every router carries, and how many of its bits change with each flit. All are 0 at first.
class PortBits {
public:
    PortBits(std::size_t ports, int flit_bits)
        : words_(static_cast<std::size_t>(flit_bits + 63) / 64), carried_(ports * words_, 0) {}
    /// `flit` goes over `port`; returns the bits that differ from the flit before.
    std::uint64_t put(std::size_t port, const std::vector<std::uint64_t>& flit);

private:
    std::size_t words_;  ///< of 64 bits, of each port
    std::vector<std::uint64_t> carried_;
};

}  // namespace xloop::sim
