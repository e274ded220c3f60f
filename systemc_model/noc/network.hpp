#pragma once

#include "systemc_model/noc/delay_line.hpp"
#include "systemc_model/noc/network_config.hpp"
#include "systemc_model/noc/packet_pool.hpp"
#include "systemc_model/noc/round_robin.hpp"
#include "systemc_model/noc/topology.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// For what every flit goes through and only network_routers.cpp calls.
#define XLOOP_NOC_HOT [[gnu::always_inline]] inline

namespace xloop::noc {

/// Network on chip, flit by flit and cycle by cycle: input-queued routers with virtual channels, wormhole switching and
/// credits; separable allocation of virtual channels, then of the switch (Peh and Dally 2001), each by iSLIP (McKeown
/// 1999); dimension-order routes. The pipeline is that of BookSim2 (Jiang et al. 2013), on which it is validated.
///
/// A cycle: flits and credits arrive, nodes inject, then every router with something to do allocates and sends. What a
/// router sends arrives two cycles later at the earliest, so that the order of the routers within a cycle is of no effect.
///
/// Multicast follows the tree of the dimension-order paths by virtual cut-through: a branch takes a virtual channel only
/// if the whole packet fits behind it, and branches advance on their own. It cannot deadlock, nor make unicast
/// wormhole traffic do so: (1) A multicast packet that holds an output channel needs nothing more to finish it: its room
/// is reserved, and the rest of it follows, because the same holds on the link it came over. (2) So a packet waits only
/// at its head, or for credits of a channel it holds, and in both cases for channels that are later in the order of
/// dimension-order routing (see Topology). (3) Of all channels with waiting packets take the last one in that order: what
/// it waits for drains completely, hence its packet moves on. This needs the whole packet in one buffer:
/// flits <= vc_buffer_flits.
///
/// Delays above one cycle keep a request of a virtual channel in an allocator for that long; requests of others
/// overlap with it.
class Network {
public:
    /// Throws InputError on nonsense.
    explicit Network(const NetworkConfig& config);

    const NetworkConfig& config() const { return config_; }
    const Topology& topology() const { return topology_; }
    int nodes() const { return topology_.nodes(); }
    int routers() const { return topology_.routers(); }
    int router_of(int node) const { return topology_.router_of(node); }
    int ports() const { return ports_; }
    bool port_exists(int router, int port) const { return topology_.port_exists(router, port); }
    /// "east", "west", "south", "north", "node_0", ...
    static std::string port_name(int port);

    /// Puts a packet into the unlimited source queue of `source`; it may leave in step `cycle`, no earlier. `packet` is
    /// the caller's number and need not be unique. Throws Error on unknown nodes and packets without flits.
    void offer(std::uint32_t packet, int source, int destination, int flits, std::uint64_t cycle);
    /// Multicast: one copy to each of the different destinations; flits <= vc_buffer_flits.
    void offer(std::uint32_t packet, int source, const std::vector<int>& destinations, int flits, std::uint64_t cycle);
    /// All that happens in one cycle. Cycles rise by one; they may be skipped while idle().
    void step(std::uint64_t cycle);
    /// No flit, no credit on its way, no queued packet anywhere.
    bool idle() const {
        return queued_packets_ == 0 && flits_inside_ == 0 && arrivals_.empty() && credits_due_.empty();
    }

    struct Ejection {
        std::uint32_t packet;
        int node;
        std::uint64_t network_cycles = 0;  ///< from the head's leaving the source queue
    };
    /// Packets whose tail left the network in the last step, in the order of their nodes.
    const std::vector<Ejection>& ejected() const { return ejected_; }
    struct FlitEjection {
        std::uint32_t packet;
        int node;
        std::uint64_t network_cycles;  ///< from this flit's leaving the source queue
    };
    /// Flits that left the network in the last step, in the order of their nodes.
    const std::vector<FlitEjection>& ejected_flits() const { return ejected_flits_; }
    /// Packets whose tail left its source queue in the last step.
    const std::vector<std::uint32_t>& injected() const { return injected_; }

    std::uint64_t router_flits(int router) const;
    /// Flits sent over an output port, those of nodes included.
    std::uint64_t link_flits(int router, int port) const { return link_flits_[index(router, port)]; }
    std::uint64_t node_ejected_flits(int node) const { return node_ejected_flits_[static_cast<std::size_t>(node)]; }
    std::uint64_t injected_flits() const { return injected_flits_; }
    /// Flits made by copying at the branches of multicast trees.
    std::uint64_t replicated_flits() const { return replicated_flits_; }

    /// Every buffer and source queue that is not empty and what its head waits for, a line each.
    std::string state() const;
    /// Throws Error unless everything that was injected or copied was ejected, all queues are empty, all credits home.
    void check_conservation() const;

    /// A flit leaves the input buffer of `router` for a virtual channel of output `port`: (cycle, router, port, channel, packet,
    /// flit of the packet).
    using Observer = std::function<void(std::uint64_t, int, int, int, std::uint32_t, int)>;
    void set_observer(Observer observer) { observer_ = std::move(observer); }
    /// A place of a virtual channel of input `port` becomes free, and its credit goes back: (cycle, router, port, channel).
    using CreditObserver = std::function<void(std::uint64_t, int, int, int)>;
    void set_credit_observer(CreditObserver observer) { credit_observer_ = std::move(observer); }
    /// Routers are visited by rising rank; of no effect on results. For tests.
    void set_visit_ranks(std::vector<int> ranks) { visit_ranks_ = std::move(ranks); }

private:
    /// Small, since every hop copies it.
    struct Flit {
        std::uint32_t slot;
        std::uint32_t injected;  ///< lower half of the cycle
        int destination;         ///< node; -1: multicast
        std::uint32_t place;     ///< number within the packet, twice, plus 1 for the tail

        int number() const { return static_cast<int>(place >> 1); }
        bool tail() const { return place & 1; }
    };
    struct Arrival {
        Flit flit;
        int target;  ///< input channel, or the number of input channels + channel of a node
    };
    enum class VcState : std::uint8_t { idle, routing, waiting, active, multicast };
    /// A virtual channel of an input port; half a cache line, since every event looks at one.
    struct alignas(32) InputVc {
        int router = 0;
        std::uint32_t first_crossing = 0;    ///< of its input port with the router's output ports
        std::uint32_t first_port = 0;        ///< of its router
        std::uint16_t first = 0, count = 0;  ///< ring of buffered flits
        std::uint16_t popped = 0;            ///< flits of the multicast packet at the head that have left
        std::uint16_t accept_pointer = 0;    ///< of VC allocation, output channel of the router
        std::uint8_t port = 0, vc = 0;
        std::uint8_t out_port = 0, out_vc = 0;
        VcState state = VcState::idle;
        VcClass vc_class = VcClass::any;
        bool in_allocator = false;  ///< its request for the switch is under way (switch_alloc_delay_cycles > 1)
    };
    static_assert(sizeof(InputVc) == 32);
    /// A branch of the multicast packet at the head of an input channel, by (input channel, output port).
    struct BranchState {
        int out_vc = -1;
        int sent = 0;
        bool open = false, in_allocator = false;
    };
    /// A virtual channel of an output port: the buffer behind it.
    struct OutputVc {
        std::uint16_t credits;
        std::uint16_t grant_pointer = 0;  ///< input channel of the router
        int owner = -1;                   ///< input channel
    };
    struct OutputPort {
        Bits free = 0, with_credit = 0, tail_sent = 0;
    };
    struct VcGrant {
        int input, out_port, out_vc;
    };
    struct SwitchGrant {
        int input, out_port;
    };
    /// Outcomes of allocations that take longer than a cycle.
    struct VcOutcome {
        VcGrant grant;
        bool granted;
    };
    struct SwitchOutcome {
        SwitchGrant grant;
        bool granted;
    };
    struct Node {
        std::uint32_t first = no_packet, last = no_packet;
        int first_channel = 0;  ///< of its port at the router, input and output
        int flits_sent = 0, vc = -1, last_vc = -1;
        Bits free = 0;
        std::vector<int> credits;
        Bits tail_sent = 0;
    };

    struct VcCandidate {
        int input, channel;  ///< of the network, of the router
        Bits allowed, granted;
    };

    std::size_t index(int router, int port) const { return static_cast<std::size_t>(router * ports_ + port); }
    std::size_t index(int router, int port, int vc) const { return channel(index(router, port), vc); }
    /// Channels of a port, or of a node, are numbered with gaps up to a power of two.
    std::size_t channel(std::size_t port, int vc) const { return (port << vc_shift_) + static_cast<std::size_t>(vc); }
    int vc_of(int channel) const { return channel & ((1 << vc_shift_) - 1); }
    std::size_t crossing(const InputVc& in, int out_port) const {
        return in.first_crossing + static_cast<std::size_t>(out_port);
    }
    std::size_t output(const InputVc& in, int out_port) const {
        return in.first_port + static_cast<std::size_t>(out_port);
    }
    /// Channels of a router are numbered with the same gaps.
    int local(const InputVc& in) const { return (in.port << vc_shift_) + in.vc; }
    void connect(int router, int port);
    Hop hop(int router, int destination) const {
        return hops_.empty()
                   ? topology_.hop(router, destination)
                   : hops_[static_cast<std::size_t>(router) * nodes_.size() + static_cast<std::size_t>(destination)];
    }
    Bits vc_mask(VcClass vc_class) const;
    Flit& buffered(const InputVc& in, int input, int position) { return buffers_[place(in, input, position)]; }
    const Flit& buffered(const InputVc& in, int input, int position) const {
        return buffers_[place(in, input, position)];
    }
    /// The front places of all channels lie side by side, so that light traffic touches little memory.
    std::size_t place(const InputVc& in, int input, int position) const {
        const int slot = in.first + position, depth = config_.vc_buffer_flits;
        return static_cast<std::size_t>(slot < depth ? slot : slot - depth) * inputs_.size() +
               static_cast<std::size_t>(input);
    }
    BranchState& branch_state(int input, int out_port);
    void wake(int router) { awake_[static_cast<std::size_t>(router) / 64] |= bit(router % 64); }

    void check_offer(int source, int destination, int flits) const;
    std::uint32_t build_tree(std::uint32_t packet, int router, const std::vector<int>& destinations, int flits,
                             std::uint64_t cycle);
    void enqueue(int source, std::uint32_t slot);
    int choose_injection_vc(const Node& node, const PacketRecord& record) const;
    void inject(int node, std::uint64_t cycle);
    void set_head_injected(std::uint32_t slot, std::uint64_t cycle);
    void deliver(const Arrival& arrival, std::uint64_t cycle);
    int eject_home(int node_channel) const;
    void eject(const Flit& flit, int node, std::uint64_t cycle);
    void take_credit(int home);

    void evaluate(int router, std::uint64_t cycle);
    void allocate(int router, std::uint64_t cycle);
    void allocate_at_once(int router, std::uint64_t cycle);
    XLOOP_NOC_HOT void start_packet(int input, std::uint64_t first_cycle);
    void request_vcs(int input);
    XLOOP_NOC_HOT void request_vc(int input, int out_port);
    XLOOP_NOC_HOT void stop_waiting(const VcGrant& grant);
    template <class Handle>
    void for_each_waiting(int router, int out_port, Handle handle) const;
    Bits allowed_vcs(int input, int out_port) const;
    void allocate_vcs(int router, int out_port);
    void allocate_equal_vcs(int router, int out_port);
    void allocate_unequal_vcs(int router, int out_port);
    XLOOP_NOC_HOT Bits accept_vc(int input, int out_port, Bits granted, bool first_iteration);
    XLOOP_NOC_HOT void take_vc(const VcGrant& grant);
    XLOOP_NOC_HOT void release_vc(std::size_t port, int out_vc);
    void refresh_request(int input, int out_port);
    XLOOP_NOC_HOT void set_request(const InputVc& in, int out_port, bool on);
    Bits speculating(int router, int in_port, int out_port) const;
    XLOOP_NOC_HOT int choose_input(int router, int in_port, int out_port);
    void allocate_switch(int router);
    void drop_failed_speculation(int router);
    void postpone_vc_grants(int router, Bits ports, std::uint64_t cycle);
    void postpone_switch_grants(int router, std::uint64_t cycle);
    void set_in_allocator(int input, int out_port, bool on);
    void finish_allocations(std::uint64_t cycle);
    void send(const SwitchGrant& grant, std::uint64_t cycle);
    void send_branch(const SwitchGrant& grant, std::uint64_t cycle);
    XLOOP_NOC_HOT void leave(const Flit& flit, const InputVc& in, int out_port, int out_vc, std::uint64_t cycle);
    XLOOP_NOC_HOT void drop_front(int input, std::uint64_t cycle);
    XLOOP_NOC_HOT void end_packet(int input, std::uint64_t cycle);

    std::string waits_for(const InputVc& in, int input) const;

    NetworkConfig config_;
    Topology topology_;
    int ports_;
    int vc_shift_;
    int to_next_, to_router_, credit_return_;  // delays: sending to arrival, node to router, buffer to usable credit
    bool at_once_;                             // both allocations take a cycle, without speculation
    Bits all_vcs_, lower_vcs_;

    std::vector<Hop> hops_;  // of (router, node); empty for large networks
    std::vector<InputVc> inputs_;
    std::vector<Flit> buffers_;
    std::vector<BranchState> branches_;
    std::vector<OutputVc> outputs_;
    std::vector<OutputPort> output_ports_;
    std::vector<int> next_port_;  // (router, output port) -> first input channel behind it; nodes' channels follow
    std::vector<int>
        credit_home_;  // (router, input port) -> first output channel before it, or -1 - channel of the node

    int waiting_words_;             // of the set of a router's input channels
    std::vector<Bits> vc_waiting_;  // of each output port: such a set, those that ask for one of the port's channels
    std::vector<Bits> vc_waiting_ports_;               // of each router: output ports with such channels
    std::vector<Bits> request_vcs_, speculative_vcs_;  // (router, input, output): channels that ask for the switch
    std::vector<Bits> request_inputs_;                 // (router, output)
    std::vector<Bits> request_outputs_;                // router
    std::vector<Bits> combined_inputs_;                // of one router, with speculation
    std::vector<int> won_vc_;                          // of input channels, within one router's cycle
    std::vector<std::uint8_t> grant_pointer_, accept_pointer_, vc_pointer_;  // of switch allocation, by port
    std::vector<VcGrant> vc_grants_;
    std::vector<SwitchGrant> switch_grants_;
    std::vector<VcCandidate> candidates_;

    DelayLine<Arrival> arrivals_;
    DelayLine<int> credits_due_;  // output channel; -1 - (node, vc)
    DelayLine<int> routed_;       // input channel
    DelayLine<VcOutcome> vc_outcomes_;
    DelayLine<SwitchOutcome> switch_outcomes_;

    PacketPool packets_;
    std::vector<Node> nodes_;
    std::vector<Bits> awake_, sources_;  // sets of routers and nodes
    std::vector<int> visit_ranks_;

    std::vector<Ejection> ejected_;
    std::vector<FlitEjection> ejected_flits_;
    std::vector<std::uint32_t> injected_;
    std::vector<std::uint64_t> link_flits_, node_ejected_flits_;
    std::uint64_t trees_ = 0;  // multicast packets under way, counted at each router where they have branches
    std::uint64_t queued_packets_ = 0, flits_inside_ = 0, injected_flits_ = 0, ejected_flits_total_ = 0,
                  replicated_flits_ = 0;
    Observer observer_;
    CreditObserver credit_observer_;
};

}  // namespace xloop::noc
