#pragma once

#include "core/activity.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/network_load.hpp"
#include "systemc_model/noc/network.hpp"
#include "systemc_model/sim/kernel/agent.hpp"
#include "systemc_model/sim/network/flit.hpp"
#include "systemc_model/sim/network/message.hpp"
#include "systemc_model/sim/probes/hook.hpp"
#include "systemc_model/sim/probes/network_probe.hpp"
#include "systemc_model/sim/run_state.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace xloop::sim {

/// One router, as a place in the hierarchy; the network moves its flits.
class RouterModule : public sc_core::sc_module {
public:
    explicit RouterModule(const sc_core::sc_module_name& name) : sc_module(name) {}
};

/// The network on chip in the model: messages in, packets through the routers, messages out. Steps in the network's clock,
/// and only while something moves.
class NetworkModule : public Agent {
public:
    NetworkModule(const sc_core::sc_module_name& name, Scheduler& network_clock, const ClockDomain& digital,
                  RunState& run);
    ~NetworkModule() override;

    void connect(int node, NetworkClient& client) { clients_[static_cast<std::size_t>(node)] = &client; }
    /// Hands a message over at cycle `cycle` of the digital clock; its first flit enters the network's clock domain at the
    /// next edge. `destinations`: one or more other nodes.
    void send(Message message, const std::vector<int>& destinations, std::uint64_t cycle);
    /// A message that arrived. Each destination calls release_message once, when it has read it.
    const Message& message(int number) const { return messages_[static_cast<std::size_t>(number)].message; }
    void release_message(int number);

    std::string state() const;
    /// Throws Error unless every flit, credit and message is where it belongs after the run.
    void check_conservation() const;
    void report(SimulationResult& result) const;

private:
    struct Transfer {
        Message message;
        std::vector<int> destinations;
        std::vector<int> packets_left;  ///< of each destination
        int packets_to_inject = 0;
        int readers = 0;  ///< destinations that have not released it
    };
    struct Waiting {
        std::uint64_t cycle;
        int transfer;
    };

    void on_cycle(std::uint64_t cycle) override;
    void offer(int number, std::uint64_t cycle);
    int store(Message message, const std::vector<int>& destinations);
    void observe();
    void flit_leaves(std::uint64_t cycle, int router, int port, int vc, std::uint32_t packet, int flit);
    /// What changes of the bits that a port carries is a matter of all packets over it, whatever their order.
    void count_toggles(std::uint64_t cycle, int router, int port, const Message& sent);

    RunState& run_;
    const ClockDomain digital_;
    const Durations& durations_;
    bool multicast_;
    noc::Network network_;
    NetworkLoad routes_;  ///< what the messages should have sent over each link
    std::vector<std::unique_ptr<RouterModule>> routers_;
    std::vector<NetworkClient*> clients_;
    std::vector<Transfer> messages_;
    std::vector<int> free_;
    std::vector<Waiting> waiting_;  ///< handed over, not yet in the network's clock domain; unsorted
    std::uint64_t steps_ = 0, sent_ = 0, released_ = 0;
    PortBits carried_;                 ///< with values
    std::vector<std::uint64_t> flit_;  ///< the bits of the flit at hand
    struct Toggles {
        std::uint64_t router = 0, links = 0;
    };
    std::vector<Toggles> toggles_;  ///< by router

    std::unique_ptr<NetworkProbe> network_probe_;
    Hook<NetworkProbe> probe_;
};

}  // namespace xloop::sim
