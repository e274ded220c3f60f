#pragma once

#include "systemc_model/noc/network.hpp"
#include "systemc_model/sim/network/message.hpp"
#include "systemc_model/sim/probes/trace_context.hpp"
#include "traces/bus/trace_bus.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop::sim {

/// The signals, counts and time line of the network: every output port's flits, bit by bit, and the credits that go back.
class NetworkProbe {
public:
    NetworkProbe(trace::TraceBus& bus, const TraceContext& context, const noc::Network& network,
                 const std::string& path, const std::vector<std::string>& routers);

    /// A step of the network begins, in cycles of its clock; what is left after it.
    void awake(std::uint64_t cycle);
    void settle(std::uint64_t cycle, bool idle, std::size_t messages);
    /// Flit `number` of a packet that carries `size` bytes of the message from `payload` on leaves by output port `port`.
    void flit(std::uint64_t cycle, int router, int port, int vc, const Message& message, const std::uint8_t* payload,
              std::size_t size, int number);
    /// A place of virtual channel `vc` behind input port `port` has become free.
    void credit(std::uint64_t cycle, int router, int port, int vc);
    /// What a message sends through a router, counted when it is sent (cycle of the digital clock).
    void count(int router, std::int64_t flits, std::int64_t toggles, bool between_routers, std::uint64_t cycle);
    bool traces_signals() const { return signals_wanted_; }

private:
    struct Port {
        int valid = -1, data = -1, vc = -1, credit = -1;
    };
    Port& port(int router, int number) { return ports_[static_cast<std::size_t>(router * ports_each_ + number)]; }

    trace::TraceBus& bus_;
    const TraceContext& context_;
    int ports_each_, flit_bits_;
    bool signals_wanted_;
    std::vector<Port> ports_;
    std::vector<int> instances_;  ///< of each router
    int clock_enable_ = -1, messages_level_ = -1;
    std::int64_t messages_ = -1;
    std::uint64_t cycle_ = 0;
    std::vector<std::uint64_t> words_;
};

/// The head flit of a message's packets, of the lower bits as many as fit (our own layout): source node 10 bits, kind 2 bits,
/// producer or stream 12 bits, position 40 bits.
std::uint64_t head_flit(const Message& message);

}  // namespace xloop::sim
