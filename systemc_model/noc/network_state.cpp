#include "systemc_model/noc/network.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace xloop::noc {

std::uint64_t Network::router_flits(int router) const {
    std::uint64_t sum = 0;
    for (int port = 0; port < ports_; ++port)
        sum += link_flits(router, port);
    return sum;
}

std::string Network::waits_for(const InputVc& in, int input) const {
    const PacketRecord& record = packets_[buffered(in, input, 0).slot];
    switch (in.state) {
    case VcState::idle:
    case VcState::routing: return "its route";
    case VcState::waiting: return fmt::format("a virtual channel of {}", port_name(in.out_port));
    case VcState::active: {
        const bool credit = output_ports_[index(in.router, in.out_port)].with_credit & bit(in.out_vc);
        return fmt::format("{} of {}.{}", credit ? "the switch" : "a credit", port_name(in.out_port), in.out_vc);
    }
    case VcState::multicast: break;
    }
    std::string text = "branches";
    for (const PacketRecord::Branch& b : record.branches) {
        const BranchState& branch = branches_[static_cast<std::size_t>(input * ports_ + b.port)];
        if (branch.sent < record.flits)
            text += fmt::format(" {} ({}, {} of {} flits sent)", port_name(b.port),
                                branch.out_vc < 0 ? "no virtual channel" : "on its way", branch.sent, record.flits);
    }
    return text;
}

std::string Network::state() const {
    std::string text;
    for (std::size_t n = 0; n < nodes_.size(); ++n)
        if (nodes_[n].first != no_packet)
            text += fmt::format("node {}: packet {} is first in the source queue, {} of {} flits sent{}\n", n,
                                packets_[nodes_[n].first].packet, nodes_[n].flits_sent, packets_[nodes_[n].first].flits,
                                nodes_[n].vc < 0 ? ", no virtual channel" : "");
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        const InputVc& in = inputs_[i];
        const int input = static_cast<int>(i);
        if (in.count > 0)
            text +=
                fmt::format("router {} input {}.{}: {} flits, packet {} waits for {}\n", in.router, port_name(in.port),
                            in.vc, in.count, packets_[buffered(in, input, 0).slot].packet, waits_for(in, input));
    }
    if (!arrivals_.empty())
        text += fmt::format("{} flits on links\n", arrivals_.size());
    if (!credits_due_.empty())
        text += fmt::format("{} credits on their way\n", credits_due_.size());
    return text;
}

void Network::check_conservation() const {
    if (injected_flits_ + replicated_flits_ != ejected_flits_total_)
        throw Error(fmt::format("network: {} flits injected and {} copied, but {} ejected\n{}", injected_flits_,
                                replicated_flits_, ejected_flits_total_, state()));
    if (!idle())
        throw Error(fmt::format("network: not empty\n{}", state()));
    if (packets_.in_use() != 0)
        throw Error(fmt::format("network: {} packet records were not given back", packets_.in_use()));
    for (std::size_t port = 0; port < output_ports_.size(); ++port)
        for (int vc = 0; vc < config_.vcs; ++vc) {
            const OutputVc& out = outputs_[channel(port, vc)];
            if (out.credits != config_.vc_buffer_flits || !(output_ports_[port].free & bit(vc)))
                throw Error(fmt::format("network: router {} output {}.{} has {} of {} credits{}",
                                        port / static_cast<std::size_t>(ports_),
                                        port_name(static_cast<int>(port) % ports_), vc, out.credits,
                                        config_.vc_buffer_flits, out.owner < 0 ? "" : " and is in use"));
        }
    for (const Node& node : nodes_)
        for (int credits : node.credits)
            if (credits != config_.vc_buffer_flits || node.free != all_vcs_)
                throw Error(fmt::format("network: node {} has not all credits", &node - nodes_.data()));
}

}  // namespace xloop::noc
