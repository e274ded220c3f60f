#include "systemc_model/sim/probes/network_probe.hpp"

#include <algorithm>

namespace xloop::sim {

using trace::SignalClass;

NetworkProbe::NetworkProbe(trace::TraceBus& bus, const TraceContext& context, const noc::Network& network,
                           const std::string& path, const std::vector<std::string>& routers)
    : bus_(bus), context_(context), ports_each_(network.ports()),
      signals_wanted_(bus.wants(SignalClass::handshake) || bus.wants(SignalClass::link)),
      ports_(routers.size() * static_cast<std::size_t>(network.ports())) {
    int vc_bits = 1;
    while ((context.network.hardware.noc.vcs - 1) >> vc_bits)
        ++vc_bits;
    clock_enable_ = bus.declare({path, "clk_en", 1, SignalClass::enable});
    for (std::size_t r = 0; r < routers.size(); ++r) {
        if (bus.wants_counts())
            instances_.push_back(bus.declare(trace::Instance{routers[r]}));
        for (int p = 0; p < ports_each_; ++p) {
            if (!network.port_exists(static_cast<int>(r), p))
                continue;
            const std::string scope = routers[r] + "." + noc::Network::port_name(p);
            port(static_cast<int>(r), p) = {
                bus.declare({scope, "valid", 1, SignalClass::handshake}),
                context.values()
                    ? bus.declare({scope, "data", context.network.hardware.noc.flit_bits, SignalClass::link})
                    : -1,
                bus.declare({scope, "vc", vc_bits, SignalClass::link}),
                bus.declare({scope, "credit", 1, SignalClass::handshake})};
        }
    }
    if (bus.wants_timeline())
        messages_level_ = bus.declare(trace::Track{path, "messages under way"});
}

void NetworkProbe::awake(std::uint64_t cycle) {
    cycle_ = cycle;
    bus_.advance(context_.network_time(cycle));
    bus_.change(context_.network_time(cycle), clock_enable_, 1);
}

void NetworkProbe::settle(std::uint64_t cycle, bool idle, std::size_t messages) {
    if (idle)
        bus_.change(context_.network_time(cycle + 1), clock_enable_, std::uint64_t{0});
    if (static_cast<std::int64_t>(messages) == messages_ || !bus_.wants_timeline())
        return;
    messages_ = static_cast<std::int64_t>(messages);
    bus_.level(messages_level_, context_.network_time(cycle), messages_);
}

void NetworkProbe::flit(std::uint64_t cycle, int router, int number, int vc, const std::uint64_t* bits) {
    const Port& out = port(router, number);
    // Outcomes of slow allocators are dated back by a cycle.
    cycle = std::max(cycle, cycle_);
    const trace::Time now = context_.network_time(cycle), next = context_.network_time(cycle + 1);
    bus_.change(now, out.valid, 1);
    bus_.change(next, out.valid, std::uint64_t{0});
    bus_.change(now, out.vc, static_cast<std::uint64_t>(vc));
    if (out.data >= 0)
        bus_.change(now, out.data, bits);
}

void NetworkProbe::credit(std::uint64_t cycle, int router, int number, int) {
    const Port& in = port(router, number);
    cycle = std::max(cycle, cycle_);
    bus_.change(context_.network_time(cycle), in.credit, 1);
    bus_.change(context_.network_time(cycle + 1), in.credit, std::uint64_t{0});
}

void NetworkProbe::count(int router, Event in_router, Event on_link, std::int64_t n, bool between_routers,
                         std::uint64_t cycle) {
    if (n == 0)
        return;
    const int instance = instances_[static_cast<std::size_t>(router)];
    bus_.count(instance, in_router, static_cast<std::uint64_t>(n), cycle, cycle + 1);
    if (between_routers)
        bus_.count(instance, on_link, static_cast<std::uint64_t>(n), cycle, cycle + 1);
}

}  // namespace xloop::sim
