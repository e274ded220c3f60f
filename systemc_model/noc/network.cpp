#include "systemc_model/noc/network.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::noc {
namespace {

constexpr std::size_t largest_hop_table = std::size_t{1} << 22;

int shift_for(int count) {
    int shift = 0;
    while (1 << shift < count)
        ++shift;
    return shift;
}

Bits first_bits(int count) { return count == 64 ? ~Bits{0} : bit(count) - 1; }

}  // namespace

Network::Network(const NetworkConfig& config)
    : config_(config), topology_(config), ports_(topology_.ports()), vc_shift_(shift_for(config.vcs)),
      to_next_(config.switch_delay_cycles + 1 + config.link_delay_cycles), to_router_(1 + config.link_delay_cycles),
      credit_return_(1 + config.link_delay_cycles + config.credit_delay_cycles),
      at_once_(!config.speculative && config.vc_alloc_delay_cycles == 1 && config.switch_alloc_delay_cycles == 1),
      all_vcs_(first_bits(config.vcs)), lower_vcs_(first_bits(config.vcs / 2)), arrivals_(to_next_),
      credits_due_(credit_return_), routed_(config.routing_delay_cycles + 1),
      vc_outcomes_(config.vc_alloc_delay_cycles), switch_outcomes_(config.switch_alloc_delay_cycles) {
    const auto router_count = static_cast<std::size_t>(routers()), ports = static_cast<std::size_t>(ports_);
    const std::size_t port_count = router_count * ports, channels = channel(port_count, 0);
    inputs_.resize(channels);
    outputs_.resize(channels, OutputVc{static_cast<std::uint16_t>(config.vc_buffer_flits)});
    buffers_.resize(channels * static_cast<std::size_t>(config.vc_buffer_flits));
    branches_.resize(channels * ports);
    output_ports_.assign(port_count, OutputPort{all_vcs_, all_vcs_, 0});
    next_port_.assign(port_count, -1);
    credit_home_.assign(port_count, -1);
    waiting_words_ = ((ports_ << vc_shift_) + 63) / 64;
    vc_waiting_.assign(port_count * static_cast<std::size_t>(waiting_words_), 0);
    vc_waiting_ports_.assign(router_count, 0);
    request_vcs_.assign(port_count * ports, 0);
    speculative_vcs_.assign(config.speculative ? port_count * ports : 0, 0);
    request_inputs_.assign(port_count, 0);
    combined_inputs_.assign(ports, 0);
    request_outputs_.assign(router_count, 0);
    grant_pointer_.assign(port_count, 0);
    accept_pointer_.assign(port_count, 0);
    vc_pointer_.assign(port_count, 0);
    won_vc_.assign(config.speculative ? channels : 0, -1);
    link_flits_.assign(port_count, 0);
    node_ejected_flits_.assign(static_cast<std::size_t>(nodes()), 0);
    awake_.assign((router_count + 63) / 64, 0);
    sources_.assign((static_cast<std::size_t>(nodes()) + 63) / 64, 0);
    nodes_.resize(static_cast<std::size_t>(nodes()));
    for (int n = 0; n < nodes(); ++n) {
        Node& node = nodes_[static_cast<std::size_t>(n)];
        node.first_channel = static_cast<int>(index(topology_.router_of(n), topology_.port_of(n), 0));
        node.free = all_vcs_;
        node.credits.assign(static_cast<std::size_t>(config.vcs), config.vc_buffer_flits);
    }
    for (int r = 0; r < routers(); ++r)
        for (int p = 0; p < ports_; ++p)
            connect(r, p);
    if (router_count * nodes_.size() <= largest_hop_table)
        for (int r = 0; r < routers(); ++r)
            for (int n = 0; n < nodes(); ++n)
                hops_.push_back(topology_.hop(r, n));
}

void Network::connect(int router, int port) {
    for (int vc = 0; vc < config_.vcs; ++vc) {
        InputVc& in = inputs_[index(router, port, vc)];
        in.router = router;
        in.port = static_cast<std::uint8_t>(port);
        in.vc = static_cast<std::uint8_t>(vc);
        in.first_port = static_cast<std::uint32_t>(index(router, 0));
        in.first_crossing = static_cast<std::uint32_t>(index(router, port)) * static_cast<std::uint32_t>(ports_);
    }
    if (port >= directions) {
        const int node = topology_.node_at(router, port);
        if (node < 0)
            return;
        next_port_[index(router, port)] = static_cast<int>(inputs_.size() + channel(static_cast<std::size_t>(node), 0));
        credit_home_[index(router, port)] = -1 - static_cast<int>(channel(static_cast<std::size_t>(node), 0));
        return;
    }
    const int neighbour = topology_.neighbour(router, port);
    if (neighbour < 0)
        return;
    next_port_[index(router, port)] = static_cast<int>(index(neighbour, port ^ 1, 0));
    credit_home_[index(router, port)] = static_cast<int>(index(neighbour, port ^ 1, 0));
}

std::string Network::port_name(int port) {
    static constexpr const char* names[directions] = {"east", "west", "south", "north"};
    return port < directions ? names[port] : fmt::format("node_{}", port - directions);
}

void Network::check_offer(int source, int destination, int flits) const {
    if (source < 0 || source >= nodes() || destination < 0 || destination >= nodes())
        throw Error(fmt::format("network: a packet from node {} to node {}; there are nodes 0 ... {}", source,
                                destination, nodes() - 1));
    if (flits < 1)
        throw Error(
            fmt::format("network: a packet of {} flits from node {}; a packet has at least one", flits, source));
}

void Network::offer(std::uint32_t packet, int source, int destination, int flits, std::uint64_t cycle) {
    check_offer(source, destination, flits);
    const std::uint32_t slot = packets_.take();
    PacketRecord& record = packets_[slot];
    record.packet = packet;
    record.destination = destination;
    record.flits = flits;
    record.offered = cycle;
    enqueue(source, slot);
}

void Network::offer(std::uint32_t packet, int source, const std::vector<int>& destinations, int flits,
                    std::uint64_t cycle) {
    if (destinations.empty())
        throw Error(fmt::format("network: a packet from node {} without destinations", source));
    std::vector<int> sorted = destinations;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        throw Error(fmt::format("network: a multicast from node {} names a destination twice", source));
    check_offer(source, sorted.front(), flits);
    check_offer(source, sorted.back(), flits);
    if (sorted.size() == 1)
        return offer(packet, source, sorted.front(), flits, cycle);
    if (flits > config_.vc_buffer_flits)
        throw Error(fmt::format("network: a multicast packet of {} flits does not fit into a buffer of {}", flits,
                                config_.vc_buffer_flits));
    enqueue(source, build_tree(packet, router_of(source), sorted, flits, cycle));
}

std::uint32_t Network::build_tree(std::uint32_t packet, int router, const std::vector<int>& destinations, int flits,
                                  std::uint64_t cycle) {
    const std::uint32_t slot = packets_.take();
    packets_[slot].packet = packet;
    packets_[slot].flits = flits;
    packets_[slot].offered = cycle;
    packets_[slot].destination = destinations.size() == 1 ? destinations.front() : -1;
    if (destinations.size() == 1)
        return slot;
    ++trees_;
    for (int port = 0; port < ports_; ++port) {
        std::vector<int> behind;
        bool dateline_ahead = false;
        for (int destination : destinations) {
            const Hop hop = topology_.hop(router, destination);
            if (hop.port != port)
                continue;
            behind.push_back(destination);
            dateline_ahead |= hop.vc_class == VcClass::before_dateline;
        }
        if (behind.empty())
            continue;
        const int next = port < directions ? topology_.neighbour(router, port) : router;
        const std::uint32_t copy = build_tree(packet, next, behind, flits, cycle);
        packets_[slot].branches.push_back({port, copy, dateline_ahead});
    }
    return slot;
}

void Network::enqueue(int source, std::uint32_t slot) {
    Node& node = nodes_[static_cast<std::size_t>(source)];
    if (node.first == no_packet)
        node.first = slot;
    else
        packets_[node.last].next = slot;
    node.last = slot;
    ++queued_packets_;
    sources_[static_cast<std::size_t>(source) / 64] |= bit(source % 64);
}

void Network::step(std::uint64_t cycle) {
    ejected_.clear();
    ejected_flits_.clear();
    injected_.clear();
    if (config_.vc_alloc_delay_cycles > 1 || config_.switch_alloc_delay_cycles > 1)
        finish_allocations(cycle);
    arrivals_.take(cycle, [&](const Arrival& arrival) { deliver(arrival, cycle); });
    credits_due_.take(cycle, [&](int home) { take_credit(home); });
    if (!routed_.empty())
        routed_.take(cycle, [&](int input) { request_vcs(input); });
    const auto by_node = [](const auto& a, const auto& b) { return a.node < b.node; };
    std::sort(ejected_.begin(), ejected_.end(), by_node);
    std::sort(ejected_flits_.begin(), ejected_flits_.end(), by_node);

    if (queued_packets_ > 0)
        for (std::size_t word = 0; word < sources_.size(); ++word)
            for (Bits left = sources_[word]; left; left &= left - 1)
                inject(static_cast<int>(word) * 64 + lowest(left), cycle);

    if (visit_ranks_.empty()) {
        for (std::size_t word = 0; word < awake_.size(); ++word)
            for (Bits left = awake_[word]; left; left &= left - 1)
                evaluate(static_cast<int>(word) * 64 + lowest(left), cycle);
        return;
    }
    std::vector<int> due;
    for (int r = 0; r < routers(); ++r)
        if (awake_[static_cast<std::size_t>(r) / 64] & bit(r % 64))
            due.push_back(r);
    std::sort(due.begin(), due.end(), [this](int a, int b) {
        return visit_ranks_[static_cast<std::size_t>(a)] < visit_ranks_[static_cast<std::size_t>(b)];
    });
    for (int r : due)
        evaluate(r, cycle);
}

// A node takes every flit at once, and its credit starts at once.
int Network::eject_home(int node_channel) const {
    return nodes_[static_cast<std::size_t>(node_channel >> vc_shift_)].first_channel + vc_of(node_channel);
}

void Network::eject(const Flit& flit, int node, std::uint64_t cycle) {
    const PacketRecord& record = packets_[flit.slot];
    ejected_flits_.push_back({record.packet, node, static_cast<std::uint32_t>(cycle) - flit.injected});
    ++node_ejected_flits_[static_cast<std::size_t>(node)];
    ++ejected_flits_total_;
    --flits_inside_;
    if (!flit.tail())
        return;
    ejected_.push_back({record.packet, node, cycle - record.head_injected});
    packets_.give_back(flit.slot);
}

// The next free channel after the last one used, if it has room.
int Network::choose_injection_vc(const Node& node, const PacketRecord& record) const {
    const int room = record.multicast() ? record.flits : 1;
    Bits candidates = 0;
    for (Bits left = node.free; left; left &= left - 1)
        if (node.credits[static_cast<std::size_t>(lowest(left))] >= room)
            candidates |= left & -left;
    return candidates == 0 ? -1 : first_from(candidates, (node.last_vc + 1) % config_.vcs);
}

void Network::inject(int number, std::uint64_t cycle) {
    Node& node = nodes_[static_cast<std::size_t>(number)];
    PacketRecord& record = packets_[node.first];
    if (record.offered > cycle)
        return;
    if (node.vc < 0) {
        node.vc = choose_injection_vc(node, record);
        if (node.vc < 0)
            return;
        node.free &= ~bit(node.vc);
        node.last_vc = node.vc;
        set_head_injected(node.first, cycle);
    }
    int& credits = node.credits[static_cast<std::size_t>(node.vc)];
    if (credits == 0)
        return;
    --credits;
    const int number_in_packet = node.flits_sent++;
    const bool tail = node.flits_sent == record.flits;
    const Flit sent{node.first, static_cast<std::uint32_t>(cycle), record.destination,
                    2 * static_cast<std::uint32_t>(number_in_packet) + tail};
    arrivals_.add(cycle + static_cast<std::uint64_t>(to_router_), {sent, node.first_channel + node.vc});
    ++injected_flits_;
    ++flits_inside_;
    if (!tail)
        return;
    (config_.wait_for_tail_credit ? node.tail_sent : node.free) |= bit(node.vc);
    injected_.push_back(record.packet);
    node.first = record.next;
    node.flits_sent = 0;
    node.vc = -1;
    --queued_packets_;
    if (node.first == no_packet)
        sources_[static_cast<std::size_t>(number) / 64] &= ~bit(number % 64);
}

void Network::set_head_injected(std::uint32_t slot, std::uint64_t cycle) {
    packets_[slot].head_injected = cycle;
    for (const PacketRecord::Branch& branch : packets_[slot].branches)
        set_head_injected(branch.copy, cycle);
}

}  // namespace xloop::noc
