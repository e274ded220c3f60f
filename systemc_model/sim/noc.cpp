#include "systemc_model/sim/noc.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace xloop::sim {
namespace {

Port opposite(Port port) {
    switch (port) {
    case east: return west;
    case west: return east;
    case north: return south;
    case south: return north;
    default: return port;
    }
}

}  // namespace

Noc::Noc(const sc_core::sc_module_name& name, const ClockDomain& clock, const HardwareConfig& hardware,
         const Mapping& mapping, TraceBus* trace)
    : ClockedAgent(name, clock), hardware_(hardware), mapping_(mapping), durations_(hardware), io_node_(mapping.tiles()),
      routers_(mapping.tiles(), Router(hardware.noc.buffer_flits)), interfaces_(mapping.tiles() + 1),
      receivers_(mapping.tiles() + 1, nullptr), flits_(mapping.tiles(), 0), trace_(trace) {
    if (trace_)
        for (int r = 0; r < mapping.tiles(); ++r)
            link_signals_.push_back(trace_->declare(
                fmt::format("chip.noc.router_{}_{}", r % mapping.mesh_cols, r / mapping.mesh_cols), "out_valid",
                port_count));
}

int Noc::store(Packet packet) {
    if (free_packets_.empty()) {
        packets_.push_back(std::move(packet));
        handed_over_.push_back(now());
        return static_cast<int>(packets_.size()) - 1;
    }
    const int id = free_packets_.back();
    free_packets_.pop_back();
    packets_[id] = std::move(packet);
    handed_over_[id] = now();
    return id;
}

void Noc::send(Packet packet) {
    const int source = packet.source;
    interfaces_[source].packets.push_back(store(std::move(packet)));
    wake_at(now() + 1);
}

void Noc::on_cycle(std::uint64_t cycle) {
    inject(cycle);
    move(cycle);
    schedule(cycle);
}

void Noc::inject(std::uint64_t cycle) {
    for (int node = 0; node <= io_node_; ++node) {
        Interface& interface = interfaces_[node];
        if (interface.packets.empty())
            continue;
        const int id = interface.packets.front();
        Router& router = routers_[router_of(node)];
        if (handed_over_[id] >= cycle || !router.has_space(node_port(node)))
            continue;
        const int total = durations_.flits(packets_[id].bytes);
        Flit flit;
        flit.packet = id;
        flit.head = interface.flits_sent == 0;
        flit.tail = interface.flits_sent + 1 == total;
        flit.ready = cycle + hardware_.noc.router_delay_cycles;
        router.accept(node_port(node), flit);
        ++interface.flits_sent;
        if (flit.tail) {
            interface.packets.pop_front();
            interface.flits_sent = 0;
        }
    }
}

void Noc::move(std::uint64_t cycle) {
    struct Decided {
        int router;
        Router::Move move;
    };
    std::vector<Decided> decided;
    links_traced_busy_ = false;
    std::array<std::optional<Router::Move>, port_count> moves;
    for (int r = 0; r < static_cast<int>(routers_.size()); ++r) {
        std::uint64_t valid = 0;
        if (!routers_[r].idle()) {
            routers_[r].decide(cycle, [&](const Flit& flit) { return route(r, flit); }, moves);
            for (const auto& m : moves)
                if (m) {
                    decided.push_back({r, *m});
                    valid |= std::uint64_t{1} << m->to;
                }
        }
        if (trace_) {
            trace_->change(cycle, link_signals_[r], valid);
            links_traced_busy_ = links_traced_busy_ || valid != 0;
        }
    }
    for (const Decided& d : decided) {
        ++flits_[d.router];
        if (d.move.from != local && d.move.from != io)
            routers_[neighbour(d.router, d.move.from)].return_credit(opposite(d.move.from));
        if (d.move.to == local || d.move.to == io) {
            if (d.move.flit.tail) {
                Packet& packet = packets_[d.move.flit.packet];
                PacketReceiver& receiver = *receivers_[packet.destination];
                free_packets_.push_back(d.move.flit.packet);
                receiver.deliver(std::move(packet), cycle + 1);
            }
            continue;
        }
        Flit flit = d.move.flit;
        flit.ready = cycle + hardware_.noc.link_delay_cycles + hardware_.noc.router_delay_cycles;
        routers_[neighbour(d.router, d.move.to)].accept(opposite(d.move.to), flit);
    }
}

void Noc::schedule(std::uint64_t cycle) {
    std::uint64_t next = ~std::uint64_t{0};
    for (const Router& router : routers_)
        if (!router.idle())
            next = std::min(next, router.next_cycle(cycle));
    for (const Interface& interface : interfaces_)
        if (!interface.packets.empty())
            next = cycle + 1;
    if (links_traced_busy_)
        next = cycle + 1;  // to take the valid lines back
    if (next != ~std::uint64_t{0})
        wake_at(next);
}

Port Noc::route(int router, const Flit& flit) const {
    const int node = packets_[flit.packet].destination;
    const int target = router_of(node);
    const int cols = mapping_.mesh_cols;
    if (router % cols != target % cols)
        return router % cols < target % cols ? east : west;
    if (router / cols != target / cols)
        return router / cols < target / cols ? south : north;
    return node_port(node);
}

int Noc::neighbour(int router, Port port) const {
    switch (port) {
    case east: return router + 1;
    case west: return router - 1;
    case north: return router - mapping_.mesh_cols;
    case south: return router + mapping_.mesh_cols;
    default: return router;
    }
}

bool Noc::idle() const {
    return std::all_of(routers_.begin(), routers_.end(), [](const Router& r) { return r.idle(); }) &&
           std::all_of(interfaces_.begin(), interfaces_.end(), [](const Interface& i) { return i.packets.empty(); });
}

std::string Noc::state() const {
    std::string text;
    for (int node = 0; node <= io_node_; ++node)
        if (!interfaces_[node].packets.empty())
            text += fmt::format("node {}: {} packets wait for the network\n", node, interfaces_[node].packets.size());
    for (int r = 0; r < static_cast<int>(routers_.size()); ++r)
        if (!routers_[r].idle())
            text += fmt::format("router {}: holds flits\n", r);
    return text;
}

void Noc::report(ActivityRecord& record) const {
    for (int r = 0; r < mapping_.tiles(); ++r) {
        Counters counters;
        counters[Event::router_flit] = flits_[r];
        counters.busy_cycles = flits_[r];
        record.instances[fmt::format("chip.noc.router_{}_{}", r % mapping_.mesh_cols, r / mapping_.mesh_cols)] += counters;
    }
}

}  // namespace xloop::sim
