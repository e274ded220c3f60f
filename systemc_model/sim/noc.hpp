#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/mapping/tile_work.hpp"
#include "systemc_model/sim/clocked_agent.hpp"
#include "systemc_model/sim/packet.hpp"
#include "systemc_model/sim/router.hpp"
#include "traces/trace_bus.hpp"

#include <deque>
#include <string>
#include <vector>

namespace xloop::sim {

/// The mesh of routers with their network interfaces, one process for all of it. Steps only through cycles in which a
/// flit may move.
class Noc : public ClockedAgent {
public:
    Noc(const sc_core::sc_module_name& name, const ClockDomain& clock, const HardwareConfig& hardware,
        const Mapping& mapping, TraceBus* trace);

    void connect(int node, PacketReceiver& receiver) { receivers_[node] = &receiver; }
    /// Hands a packet over to the network interface of its source; its head enters the router one cycle later.
    void send(Packet packet);
    /// Adds the routers' counters to `record`.
    void report(ActivityRecord& record) const;
    bool idle() const;
    /// Text that says where packets are, for the message of a run that does not end.
    std::string state() const;

private:
    struct Interface {  ///< of a node: packets that wait for the router's input port
        std::deque<int> packets;
        int flits_sent = 0;
    };

    void on_cycle(std::uint64_t cycle) override;
    void inject(std::uint64_t cycle);
    void move(std::uint64_t cycle);
    void schedule(std::uint64_t cycle);
    int router_of(int node) const { return node == io_node_ ? Mapping::io_tile : node; }
    Port node_port(int node) const { return node == io_node_ ? io : local; }
    Port route(int router, const Flit& flit) const;
    int neighbour(int router, Port port) const;
    int store(Packet packet);

    HardwareConfig hardware_;
    const Mapping& mapping_;
    Durations durations_;
    int io_node_;
    std::vector<Router> routers_;
    std::vector<Interface> interfaces_;
    std::vector<PacketReceiver*> receivers_;
    std::vector<Packet> packets_;
    std::vector<std::uint64_t> handed_over_;  ///< cycle at which each packet was sent
    std::vector<int> free_packets_;
    std::vector<std::uint64_t> flits_;        ///< through each router
    TraceBus* trace_;
    std::vector<int> link_signals_;
    bool links_traced_busy_ = false;
};

}  // namespace xloop::sim
