#include "core/trace_hooks.hpp"
#include "systemc_model/noc/network.hpp"

#include <algorithm>
#include <array>

namespace xloop::noc {
namespace {

int after(int pointer, int size) { return pointer + 1 == size ? 0 : pointer + 1; }

}  // namespace

Bits Network::vc_mask(VcClass vc_class) const {
    return vc_class == VcClass::any               ? all_vcs_
           : vc_class == VcClass::before_dateline ? lower_vcs_
                                                  : all_vcs_ & ~lower_vcs_;
}

Network::BranchState& Network::branch_state(int input, int out_port) {
    return branches_[static_cast<std::size_t>(input * ports_ + out_port)];
}

void Network::deliver(const Arrival& arrival, std::uint64_t cycle) {
    const int channels = static_cast<int>(inputs_.size());
    if (arrival.target >= channels) {
        eject(arrival.flit, (arrival.target - channels) >> vc_shift_, cycle);
        credits_due_.add(cycle + static_cast<std::uint64_t>(credit_return_), eject_home(arrival.target - channels));
        return;
    }
    InputVc& in = inputs_[static_cast<std::size_t>(arrival.target)];
    buffered(in, arrival.target, in.count) = arrival.flit;
    ++in.count;
    if (in.state == VcState::active) {
        if (in.count == 1)
            refresh_request(arrival.target, in.out_port);
    } else if (in.state == VcState::multicast) {
        for (const PacketRecord::Branch& branch : packets_[buffered(in, arrival.target, 0).slot].branches)
            refresh_request(arrival.target, branch.port);
    } else if (in.state == VcState::idle) {
        start_packet(arrival.target, cycle);
    }
}

void Network::take_credit(int home) {
    if (home < 0) {
        const int node_channel = -1 - home, vc = vc_of(node_channel);
        Node& node = nodes_[static_cast<std::size_t>(node_channel >> vc_shift_)];
        const int credits = ++node.credits[static_cast<std::size_t>(vc)];
        if (credits == config_.vc_buffer_flits && (node.tail_sent & bit(vc))) {
            node.free |= bit(vc);
            node.tail_sent &= ~bit(vc);
        }
        return;
    }
    OutputVc& out = outputs_[static_cast<std::size_t>(home)];
    OutputPort& port = output_ports_[static_cast<std::size_t>(home >> vc_shift_)];
    const int vc = vc_of(home);
    port.with_credit |= bit(vc);
    if (++out.credits == config_.vc_buffer_flits && (port.tail_sent & bit(vc))) {
        port.free |= bit(vc);
        port.tail_sent &= ~bit(vc);
    }
    if (out.credits == 1 && out.owner >= 0)
        refresh_request(out.owner, (home >> vc_shift_) % ports_);
}

/// The head of a packet is at the front of its buffer; it may ask for a virtual channel from `first_cycle` on.
void Network::start_packet(int input, std::uint64_t first_cycle) {
    inputs_[static_cast<std::size_t>(input)].state = VcState::routing;
    if (config_.routing_delay_cycles > 0)
        routed_.add(first_cycle + static_cast<std::uint64_t>(config_.routing_delay_cycles), input);
    else
        request_vcs(input);
}

void Network::request_vcs(int input) {
    InputVc& in = inputs_[static_cast<std::size_t>(input)];
    const Flit& head = buffered(in, input, 0);
    if (head.destination < 0) {
        const PacketRecord& record = packets_[head.slot];
        in.state = VcState::multicast;
        in.popped = 0;
        for (const PacketRecord::Branch& branch : record.branches) {
            branch_state(input, branch.port) = {};
            branch_state(input, branch.port).open = true;
            request_vc(input, branch.port);
        }
        return;
    }
    const Hop next = hop(in.router, head.destination);
    in.state = VcState::waiting;
    in.out_port = next.port;
    in.vc_class = next.vc_class;
    request_vc(input, next.port);
    if (config_.speculative)
        speculative_vcs_[crossing(in, next.port)] |= bit(in.vc);
}

void Network::request_vc(int input, int out_port) {
    const InputVc& in = inputs_[static_cast<std::size_t>(input)];
    const std::size_t words = output(in, out_port) * static_cast<std::size_t>(waiting_words_);
    vc_waiting_[words + static_cast<std::size_t>(local(in) / 64)] |= bit(local(in) % 64);
    vc_waiting_ports_[static_cast<std::size_t>(in.router)] |= bit(out_port);
    wake(in.router);
}

Bits Network::allowed_vcs(int input, int out_port) const {
    const InputVc& in = inputs_[static_cast<std::size_t>(input)];
    const Bits free = output_ports_[output(in, out_port)].free;
    if (in.state != VcState::multicast)
        return free & vc_mask(in.vc_class);
    const PacketRecord& record = packets_[buffered(in, input, 0).slot];
    const auto branch = std::find_if(record.branches.begin(), record.branches.end(),
                                     [&](const PacketRecord::Branch& b) { return b.port == out_port; });
    Bits mask = free;
    if (config_.torus && out_port < directions)
        mask &= vc_mask(branch->dateline_ahead ? VcClass::before_dateline : VcClass::after_dateline);
    Bits fitting = 0;
    for (Bits left = mask; left; left &= left - 1)
        if (outputs_[index(in.router, out_port, lowest(left))].credits >= record.flits)
            fitting |= left & -left;
    return fitting;
}

template <class Handle>
void Network::for_each_waiting(int router, int out_port, Handle handle) const {
    const Bits* words = &vc_waiting_[index(router, out_port) * static_cast<std::size_t>(waiting_words_)];
    const int first_input = static_cast<int>(index(router, 0, 0));
    for (int word = 0; word < waiting_words_; ++word)
        for (Bits left = words[word]; left; left &= left - 1)
            handle(first_input + word * 64 + lowest(left));
}

/// iSLIP between the waiting input channels and the free channels of one output port.
void Network::allocate_vcs(int router, int out_port) {
    if (output_ports_[index(router, out_port)].free == 0)
        return;
    if (trees_ == 0 && !config_.torus && waiting_words_ == 1)
        allocate_equal_vcs(router, out_port);
    else
        allocate_unequal_vcs(router, out_port);
}

/// All waiting channels may take all free ones: the common case, in which sets do without lists.
void Network::allocate_equal_vcs(int router, int out_port) {
    const std::size_t port = index(router, out_port);
    const int first_input = static_cast<int>(index(router, 0, 0));
    Bits waiting = vc_waiting_[port], free = output_ports_[port].free;
    if ((waiting & (waiting - 1)) == 0) {
        accept_vc(first_input + lowest(waiting), out_port, free, true);
        return;
    }
    std::array<Bits, 64> grants;
    for (int iteration = 0; iteration < config_.alloc_iters && waiting && free; ++iteration) {
        Bits granted_inputs = 0;
        for (Bits left = free; left; left &= left - 1) {
            const int in = first_from(waiting, outputs_[channel(port, lowest(left))].grant_pointer);
            Bits& to_input = grants[static_cast<std::size_t>(in)];
            to_input = (granted_inputs & bit(in) ? to_input : 0) | (left & -left);
            granted_inputs |= bit(in);
        }
        waiting &= ~granted_inputs;
        for (Bits left = granted_inputs; left; left &= left - 1) {
            const int in = lowest(left);
            free &= ~accept_vc(first_input + in, out_port, grants[static_cast<std::size_t>(in)], iteration == 0);
        }
    }
}

void Network::allocate_unequal_vcs(int router, int out_port) {
    const std::size_t port = index(router, out_port);
    const int channels = ports_ << vc_shift_;
    candidates_.clear();
    for_each_waiting(router, out_port, [&](int input) {
        if (const Bits allowed = allowed_vcs(input, out_port))
            candidates_.push_back({input, local(inputs_[static_cast<std::size_t>(input)]), allowed, 0});
    });
    if (candidates_.size() == 1) {
        accept_vc(candidates_.front().input, out_port, candidates_.front().allowed, true);
        return;
    }
    Bits taken = 0;
    for (int iteration = 0; iteration < config_.alloc_iters && !candidates_.empty(); ++iteration) {
        Bits wanted = 0;
        for (const VcCandidate& c : candidates_)
            wanted |= c.allowed;
        for (Bits left = wanted & ~taken; left; left &= left - 1) {
            const int vc = lowest(left), pointer = outputs_[channel(port, vc)].grant_pointer;
            VcCandidate* best = nullptr;
            int nearest = channels;
            for (VcCandidate& c : candidates_) {
                const int distance = c.channel >= pointer ? c.channel - pointer : c.channel - pointer + channels;
                if ((c.allowed & bit(vc)) && distance < nearest) {
                    best = &c;
                    nearest = distance;
                }
            }
            best->granted |= bit(vc);
        }
        for (VcCandidate& c : candidates_)
            if (c.granted)
                taken |= accept_vc(c.input, out_port, c.granted, iteration == 0);
        candidates_.erase(
            std::remove_if(candidates_.begin(), candidates_.end(), [](const VcCandidate& c) { return c.granted != 0; }),
            candidates_.end());
    }
}

Bits Network::accept_vc(int input, int out_port, Bits granted, bool first_iteration) {
    InputVc& in = inputs_[static_cast<std::size_t>(input)];
    const int first_channel = out_port * config_.vcs, from = in.accept_pointer - first_channel;
    const int vc = first_from(granted, from < 0 || from >= config_.vcs ? 0 : from);
    if (first_iteration) {
        OutputVc& out = outputs_[channel(output(in, out_port), vc)];
        out.grant_pointer = static_cast<std::uint16_t>(after(local(in), ports_ << vc_shift_));
        in.accept_pointer = static_cast<std::uint16_t>(after(first_channel + vc, ports_ * config_.vcs));
    }
    const VcGrant grant{input, out_port, vc};
    if (at_once_) {
        stop_waiting(grant);
        take_vc(grant);
    } else {
        vc_grants_.push_back(grant);
    }
    return bit(vc);
}

void Network::take_vc(const VcGrant& grant) {
    InputVc& in = inputs_[static_cast<std::size_t>(grant.input)];
    OutputPort& port = output_ports_[output(in, grant.out_port)];
    port.free &= ~bit(grant.out_vc);
    outputs_[channel(output(in, grant.out_port), grant.out_vc)].owner = grant.input;
    if (in.state == VcState::multicast) {
        branch_state(grant.input, grant.out_port).out_vc = grant.out_vc;
        refresh_request(grant.input, grant.out_port);
        return;
    }
    in.state = VcState::active;
    in.out_vc = static_cast<std::uint8_t>(grant.out_vc);
    if (config_.speculative)
        speculative_vcs_[crossing(in, grant.out_port)] &= ~bit(in.vc);
    if (port.with_credit & bit(grant.out_vc))
        set_request(in, grant.out_port, true);
}

void Network::stop_waiting(const VcGrant& grant) {
    const InputVc& in = inputs_[static_cast<std::size_t>(grant.input)];
    Bits* words = &vc_waiting_[output(in, grant.out_port) * static_cast<std::size_t>(waiting_words_)];
    words[local(in) / 64] &= ~bit(local(in) % 64);
    Bits others = 0;
    for (int word = 0; word < waiting_words_; ++word)
        others |= words[word];
    if (others == 0)
        vc_waiting_ports_[static_cast<std::size_t>(in.router)] &= ~bit(grant.out_port);
}

/// Whether the front flit of an input channel may ask for the switch now: it has a virtual channel and a credit.
void Network::refresh_request(int input, int out_port) {
    const InputVc& in = inputs_[static_cast<std::size_t>(input)];
    bool ready = in.count > 0;
    int vc = in.out_vc;
    if (in.state == VcState::multicast) {
        const BranchState& branch = branch_state(input, out_port);
        vc = branch.out_vc;
        const int here = branch.sent - in.popped;
        ready = branch.open && vc >= 0 && !branch.in_allocator && here < in.count &&
                branch.sent < packets_[buffered(in, input, 0).slot].flits;
    } else {
        ready = ready && in.state == VcState::active && !in.in_allocator;
    }
    ready = ready && (output_ports_[output(in, out_port)].with_credit & bit(vc));
    set_request(in, out_port, ready);
}

void Network::set_request(const InputVc& in, int out_port, bool on) {
    Bits& channels = request_vcs_[crossing(in, out_port)];
    Bits& ports = request_inputs_[output(in, out_port)];
    Bits& outputs = request_outputs_[static_cast<std::size_t>(in.router)];
    if (on) {
        channels |= bit(in.vc);
        ports |= bit(in.port);
        outputs |= bit(out_port);
        wake(in.router);
        return;
    }
    channels &= ~bit(in.vc);
    if (channels == 0)
        ports &= ~bit(in.port);
    if (ports == 0)
        outputs &= ~bit(out_port);
}

/// Waiting channels of an input port for which the output port has a free virtual channel with a credit.
Bits Network::speculating(int router, int in_port, int out_port) const {
    const OutputPort& port = output_ports_[index(router, out_port)];
    const Bits waiting = speculative_vcs_[index(router, in_port) * static_cast<std::size_t>(ports_) +
                                          static_cast<std::size_t>(out_port)];
    const Bits useful = port.free & port.with_credit;
    if (waiting == 0 || useful == 0)
        return 0;
    if (!config_.torus)
        return waiting;
    Bits eligible = 0;
    for (Bits left = waiting; left; left &= left - 1)
        if (useful & vc_mask(inputs_[index(router, in_port, lowest(left))].vc_class))
            eligible |= left & -left;
    return eligible;
}

/// The input channel that an input port sends from: round robin, speculation last.
int Network::choose_input(int router, int in_port, int out_port) {
    const std::size_t from = index(router, in_port);
    Bits channels = request_vcs_[from * static_cast<std::size_t>(ports_) + static_cast<std::size_t>(out_port)];
    if (channels == 0)
        channels = speculating(router, in_port, out_port);
    const int vc = first_from(channels, vc_pointer_[from]);
    vc_pointer_[from] = static_cast<std::uint8_t>(after(vc, config_.vcs));
    return static_cast<int>(index(router, in_port, vc));
}

/// iSLIP between input and output ports.
void Network::allocate_switch(int router) {
    Bits outputs = request_outputs_[static_cast<std::size_t>(router)];
    const Bits* requests = &request_inputs_[index(router, 0)];
    if (config_.speculative) {
        for (int out = 0; out < ports_; ++out) {
            Bits& inputs = combined_inputs_[static_cast<std::size_t>(out)] = requests[out];
            if (vc_waiting_ports_[static_cast<std::size_t>(router)] & bit(out))
                for (int in = 0; in < ports_; ++in)
                    if (speculating(router, in, out))
                        inputs |= bit(in);
            if (inputs)
                outputs |= bit(out);
        }
        requests = combined_inputs_.data();
    }
    std::array<Bits, 64> grants;
    Bits busy_inputs = 0;
    for (int iteration = 0; iteration < config_.alloc_iters && outputs; ++iteration) {
        Bits granted_inputs = 0;
        for (Bits left = outputs; left; left &= left - 1) {
            const int out = lowest(left);
            const Bits asking = requests[out] & ~busy_inputs;
            if (asking == 0)
                continue;
            const int in = first_from(asking, grant_pointer_[index(router, out)]);
            Bits& to_input = grants[static_cast<std::size_t>(in)];
            to_input = (granted_inputs & bit(in) ? to_input : 0) | bit(out);
            granted_inputs |= bit(in);
        }
        for (Bits left = granted_inputs; left; left &= left - 1) {
            const int in = lowest(left);
            const int out = first_from(grants[static_cast<std::size_t>(in)], accept_pointer_[index(router, in)]);
            if (iteration == 0) {
                grant_pointer_[index(router, out)] = static_cast<std::uint8_t>(after(in, ports_));
                accept_pointer_[index(router, in)] = static_cast<std::uint8_t>(after(out, ports_));
            }
            outputs &= ~bit(out);
            busy_inputs |= bit(in);
            SwitchGrant& grant = switch_grants_.emplace_back();
            grant.input = choose_input(router, in, out);
            grant.out_port = out;
        }
    }
}

void Network::evaluate(int router, std::uint64_t cycle) {
    if (at_once_)
        allocate_at_once(router, cycle);
    else
        allocate(router, cycle);
    if ((vc_waiting_ports_[static_cast<std::size_t>(router)] | request_outputs_[static_cast<std::size_t>(router)]) == 0)
        awake_[static_cast<std::size_t>(router) / 64] &= ~bit(router % 64);
}

/// As allocate(), for the usual pipeline: the switch comes first, so that channels may be taken as they are granted.
void Network::allocate_at_once(int router, std::uint64_t cycle) {
    switch_grants_.clear();
    if (request_outputs_[static_cast<std::size_t>(router)])
        allocate_switch(router);
    for (Bits left = vc_waiting_ports_[static_cast<std::size_t>(router)]; left; left &= left - 1)
        allocate_vcs(router, lowest(left));
    for (const SwitchGrant& grant : switch_grants_)
        send(grant, cycle);
}

// Both allocators see the router as it was at the beginning of the cycle; their outcomes then take effect in the order
// of the pipeline.
void Network::allocate(int router, std::uint64_t cycle) {
    vc_grants_.clear();
    switch_grants_.clear();
    const Bits waiting_ports = vc_waiting_ports_[static_cast<std::size_t>(router)];
    for (Bits left = waiting_ports; left; left &= left - 1)
        allocate_vcs(router, lowest(left));
    if (waiting_ports && config_.speculative)
        for (const VcGrant& grant : vc_grants_)
            won_vc_[static_cast<std::size_t>(grant.input)] = grant.out_vc;
    if (config_.speculative || request_outputs_[static_cast<std::size_t>(router)])
        allocate_switch(router);
    if (config_.speculative)
        drop_failed_speculation(router);

    if (config_.switch_alloc_delay_cycles > 1)  // before new requests appear
        postpone_switch_grants(router, cycle);
    if (config_.vc_alloc_delay_cycles > 1) {
        postpone_vc_grants(router, waiting_ports, cycle);
    } else {
        for (const VcGrant& grant : vc_grants_) {
            stop_waiting(grant);
            take_vc(grant);
        }
    }
    if (config_.switch_alloc_delay_cycles == 1)
        for (const SwitchGrant& grant : switch_grants_)
            send(grant, cycle);
}

/// A speculative winner of the switch stays only if it won a virtual channel with a credit in the same cycle.
void Network::drop_failed_speculation(int router) {
    const auto fails = [&](const SwitchGrant& grant) {
        const InputVc& in = inputs_[static_cast<std::size_t>(grant.input)];
        if (in.state != VcState::waiting)
            return false;
        const int vc = won_vc_[static_cast<std::size_t>(grant.input)];
        return vc < 0 || outputs_[index(router, grant.out_port, vc)].credits == 0;
    };
    switch_grants_.erase(std::remove_if(switch_grants_.begin(), switch_grants_.end(), fails), switch_grants_.end());
    for (const VcGrant& grant : vc_grants_)
        won_vc_[static_cast<std::size_t>(grant.input)] = -1;
}

void Network::postpone_vc_grants(int router, Bits ports, std::uint64_t cycle) {
    const std::uint64_t done = cycle + static_cast<std::uint64_t>(config_.vc_alloc_delay_cycles);
    for (Bits left = ports; left; left &= left - 1) {
        const int port = lowest(left);
        for_each_waiting(router, port, [&](int input) {
            const auto grant = std::find_if(vc_grants_.begin(), vc_grants_.end(),
                                            [&](const VcGrant& g) { return g.input == input && g.out_port == port; });
            if (grant != vc_grants_.end())
                vc_outcomes_.add(done, {*grant, true});
            else
                vc_outcomes_.add(done, {{input, port, 0}, false});
        });
        Bits* words = &vc_waiting_[index(router, port) * static_cast<std::size_t>(waiting_words_)];
        std::fill(words, words + waiting_words_, 0);
    }
    vc_waiting_ports_[static_cast<std::size_t>(router)] = 0;
}

void Network::postpone_switch_grants(int router, std::uint64_t cycle) {
    const std::uint64_t done = cycle + static_cast<std::uint64_t>(config_.switch_alloc_delay_cycles);
    for (Bits outs = request_outputs_[static_cast<std::size_t>(router)]; outs; outs &= outs - 1) {
        const int out = lowest(outs);
        for (Bits ins = request_inputs_[index(router, out)]; ins; ins &= ins - 1) {
            for (Bits channels = request_vcs_[index(router, lowest(ins)) * static_cast<std::size_t>(ports_) +
                                              static_cast<std::size_t>(out)];
                 channels; channels &= channels - 1) {
                const int input = static_cast<int>(index(router, lowest(ins), lowest(channels)));
                const bool granted =
                    std::any_of(switch_grants_.begin(), switch_grants_.end(),
                                [&](const SwitchGrant& g) { return g.input == input && g.out_port == out; });
                switch_outcomes_.add(done, {{input, out}, granted});
                set_in_allocator(input, out, true);
            }
        }
    }
}

void Network::set_in_allocator(int input, int out_port, bool on) {
    InputVc& in = inputs_[static_cast<std::size_t>(input)];
    (in.state == VcState::multicast ? branch_state(input, out_port).in_allocator : in.in_allocator) = on;
    refresh_request(input, out_port);
}

/// What the allocators of several cycles decided takes effect at the end of the last cycle.
void Network::finish_allocations(std::uint64_t cycle) {
    vc_outcomes_.take(cycle, [&](const VcOutcome& outcome) {
        const VcGrant& grant = outcome.grant;
        if (outcome.granted && (allowed_vcs(grant.input, grant.out_port) & bit(grant.out_vc)))
            take_vc(grant);
        else
            request_vc(grant.input, grant.out_port);
    });
    switch_outcomes_.take(cycle, [&](const SwitchOutcome& outcome) {
        const SwitchGrant& grant = outcome.grant;
        set_in_allocator(grant.input, grant.out_port, false);
        if (outcome.granted)
            send(grant, cycle - 1);
    });
}

void Network::send(const SwitchGrant& grant, std::uint64_t cycle) {
    InputVc& in = inputs_[static_cast<std::size_t>(grant.input)];
    if (in.state == VcState::multicast)
        return send_branch(grant, cycle);
    const Flit flit = buffered(in, grant.input, 0);
    leave(flit, in, grant.out_port, in.out_vc, cycle);
    drop_front(grant.input, cycle);
    if (!flit.tail()) {
        refresh_request(grant.input, grant.out_port);
        return;
    }
    release_vc(output(in, grant.out_port), in.out_vc);
    set_request(in, grant.out_port, false);
    end_packet(grant.input, cycle);
}

void Network::send_branch(const SwitchGrant& grant, std::uint64_t cycle) {
    InputVc& in = inputs_[static_cast<std::size_t>(grant.input)];
    BranchState& branch = branch_state(grant.input, grant.out_port);
    const Flit flit = buffered(in, grant.input, branch.sent - in.popped);
    const PacketRecord& record = packets_[flit.slot];
    const auto edge = std::find_if(record.branches.begin(), record.branches.end(),
                                   [&](const PacketRecord::Branch& b) { return b.port == grant.out_port; });
    Flit copy = flit;
    copy.slot = edge->copy;
    copy.destination = packets_[edge->copy].destination;
    leave(copy, in, grant.out_port, branch.out_vc, cycle);
    ++flits_inside_;
    ++branch.sent;
    if (flit.tail()) {
        release_vc(output(in, grant.out_port), branch.out_vc);
        branch.open = false;
    }
    refresh_request(grant.input, grant.out_port);
    int sent_by_all = branch.sent;
    for (const PacketRecord::Branch& b : record.branches)
        sent_by_all = std::min(sent_by_all, branch_state(grant.input, b.port).sent);
    if (sent_by_all == in.popped)
        return;
    ++in.popped;
    --flits_inside_;
    replicated_flits_ += record.branches.size() - 1;
    const bool last = in.popped == record.flits;
    const std::uint32_t slot = flit.slot;
    drop_front(grant.input, cycle);
    if (last) {
        --trees_;
        packets_.give_back(slot);
        end_packet(grant.input, cycle);
    }
}

/// A flit goes through the crossbar and over the wire.
void Network::leave(const Flit& flit, const InputVc& in, int out_port, int out_vc, std::uint64_t cycle) {
    const std::size_t port = output(in, out_port);
    Arrival& arrival = arrivals_.add(cycle + static_cast<std::uint64_t>(to_next_));
    arrival.flit = flit;
    arrival.target = next_port_[port] + out_vc;
    if (--outputs_[channel(port, out_vc)].credits == 0)
        output_ports_[port].with_credit &= ~bit(out_vc);
    ++link_flits_[port];
    if (XLOOP_TRACE_HOOKS && observer_)
        observer_(cycle, in.router, out_port, out_vc, packets_[flit.slot].packet, flit.number());
}

/// The front flit is gone; its credit goes to whoever sent it.
void Network::drop_front(int input, std::uint64_t cycle) {
    InputVc& in = inputs_[static_cast<std::size_t>(input)];
    // An empty buffer starts anew, so that light traffic touches little memory.
    in.first = static_cast<std::uint16_t>(--in.count == 0 ? 0 : after(in.first, config_.vc_buffer_flits));
    if (XLOOP_TRACE_HOOKS && credit_observer_)
        credit_observer_(cycle, in.router, in.port, in.vc);
    const int home = credit_home_[index(in.router, in.port)];
    if (home >= 0)
        credits_due_.add(cycle + static_cast<std::uint64_t>(credit_return_), home + in.vc);
    else
        credits_due_.add(cycle + static_cast<std::uint64_t>(to_router_), home - in.vc);
}

void Network::end_packet(int input, std::uint64_t cycle) {
    InputVc& in = inputs_[static_cast<std::size_t>(input)];
    in.state = VcState::idle;
    if (in.count > 0)
        start_packet(input, cycle + 1);
}

void Network::release_vc(std::size_t port, int out_vc) {
    (config_.wait_for_tail_credit ? output_ports_[port].tail_sent : output_ports_[port].free) |= bit(out_vc);
    outputs_[channel(port, out_vc)].owner = -1;
}

}  // namespace xloop::noc
