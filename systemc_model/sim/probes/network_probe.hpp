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
    /// A flit leaves by output port `port`; `bits`: what it carries, in words of 64 bits, if that is known.
    void flit(std::uint64_t cycle, int router, int port, int vc, const std::uint64_t* bits);
    /// A place of virtual channel `vc` behind input port `port` has become free.
    void credit(std::uint64_t cycle, int router, int port, int vc);
    /// What passes an output port of a router: `in_router`, and on a link to another router `on_link` (cycle of the digital clock).
    void count(int router, Event in_router, Event on_link, std::int64_t n, bool between_routers, std::uint64_t cycle);
    bool traces_signals() const { return signals_wanted_; }

private:
    struct Port {
        int valid = -1, data = -1, vc = -1, credit = -1;
    };
    Port& port(int router, int number) { return ports_[static_cast<std::size_t>(router * ports_each_ + number)]; }

    trace::TraceBus& bus_;
    const TraceContext& context_;
    int ports_each_;
    bool signals_wanted_;
    std::vector<Port> ports_;
    std::vector<int> instances_;  ///< of each router
    int clock_enable_ = -1, messages_level_ = -1;
    std::int64_t messages_ = -1;
    std::uint64_t cycle_ = 0;
};

}  // namespace xloop::sim
