#include "systemc_model/sim/network/network_module.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::sim {
namespace {

noc::NetworkConfig network_config(const MappedNetwork& network) {
    const Mapping& mapping = network.mapping;
    noc::NetworkConfig config;
    static_cast<RouterConfig&>(config) = network.hardware.noc;
    config.torus = mapping.torus;
    config.cols = mapping.mesh_cols;
    config.rows = mapping.mesh_rows;
    config.concentration = mapping.concentration;
    config.extra_nodes = {Mapping::io_router};
    return config;
}

/// A packet is known to the network by its message and, for its payload, which piece of it it carries (beyond the last
/// that fits, the last).
constexpr int message_bits = 20;

std::uint32_t packet_of(int message, std::int64_t piece) {
    if (message >> message_bits)
        throw Error("more than a million messages are under way");
    const std::int64_t last = (std::int64_t{1} << (32 - message_bits)) - 1;
    return static_cast<std::uint32_t>(message) | static_cast<std::uint32_t>(std::min(piece, last)) << message_bits;
}

constexpr int shared_kind = 0;  ///< of hardware: the network belongs to no type of tile

int message_of(std::uint32_t packet) { return static_cast<int>(packet & ((1u << message_bits) - 1)); }
int piece_of(std::uint32_t packet) { return static_cast<int>(packet >> message_bits); }

}  // namespace

NetworkModule::NetworkModule(const sc_core::sc_module_name& name, Scheduler& network_clock, const ClockDomain& digital,
                             RunState& run)
    : Agent(name, network_clock), run_(run), digital_(digital), durations_(run.network.shared_durations()),
      multicast_(run.network.hardware.noc.multicast), network_(network_config(run.network)),
      routes_(run.network.mapping, run.network.hardware), clients_(static_cast<std::size_t>(network_.nodes()), nullptr),
      carried_(static_cast<std::size_t>(network_.routers() * network_.ports()), run.network.hardware.noc.flit_bits),
      toggles_(static_cast<std::size_t>(network_.routers())) {
    for (int r = 0; r < run.network.mapping.routers(); ++r)
        routers_.push_back(std::make_unique<RouterModule>(run.paths.router_name(r).c_str()));
    if (run_.probe)
        observe();
    if (run_.computes() || (probe_ && probe_->traces_signals()))
        network_.set_observer([this](std::uint64_t cycle, int router, int port, int vc, std::uint32_t packet,
                                     int flit) { flit_leaves(cycle, router, port, vc, packet, flit); });
}

void NetworkModule::observe() {
    std::vector<std::string> names;
    for (const auto& router : routers_)
        names.emplace_back(router->name());
    network_probe_ = std::make_unique<NetworkProbe>(run_.probe->bus(), run_.probe->context(), network_, name(), names);
    probe_ = network_probe_.get();
    if (run_.probe->bus().wants_counts())
        routes_.set_visitor([this](int router, std::int64_t flits, bool between_routers) {
            probe_->count(router, Event::router_flit, Event::link_flit, flits, between_routers, run_.now);
        });
    if (probe_->traces_signals())
        network_.set_credit_observer(
            [this](std::uint64_t cycle, int router, int port, int vc) { probe_->credit(cycle, router, port, vc); });
}

void NetworkModule::flit_leaves(std::uint64_t cycle, int router, int port, int vc, std::uint32_t packet, int flit) {
    const std::uint64_t* bits = nullptr;
    if (run_.computes()) {
        const Message& sent = message(message_of(packet));
        take_flit(sent,
                  static_cast<std::size_t>(piece_of(packet)) * static_cast<std::size_t>(durations_.multicast_payload()),
                  flit, run_.network.hardware.noc.flit_bits, flit_);
        count_toggles(cycle, router, port, sent);
        bits = flit_.data();
    }
    if (probe_ && probe_->traces_signals())
        probe_->flit(cycle, router, port, vc, bits);
}

void NetworkModule::count_toggles(std::uint64_t cycle, int router, int port, const Message& sent) {
    const std::uint64_t toggles = carried_.put(static_cast<std::size_t>(router * network_.ports() + port), flit_);
    if (toggles == 0)
        return;
    const bool between_routers = port < noc::directions;
    const std::uint64_t now = digital_.first_after(cycle, clock()) - 1;
    const Account account{sent.layer, static_cast<std::int64_t>(sent.image)};
    const auto n = static_cast<std::int64_t>(toggles);
    run_.charge(shared_kind, account, Event::router_toggle, n, now, now + 1);
    Toggles& books = toggles_[static_cast<std::size_t>(router)];
    books.router += toggles;
    if (between_routers) {
        run_.charge(shared_kind, account, Event::link_toggle, n, now, now + 1);
        books.links += toggles;
    }
    if (probe_ && run_.probe->bus().wants_counts())
        probe_->count(router, Event::router_toggle, Event::link_toggle, n, between_routers, now);
}

NetworkModule::~NetworkModule() = default;

int NetworkModule::store(Message message, const std::vector<int>& destinations) {
    if (free_.empty()) {
        free_.push_back(static_cast<int>(messages_.size()));
        messages_.emplace_back();
    }
    const int number = free_.back();
    free_.pop_back();
    Transfer& transfer = messages_[static_cast<std::size_t>(number)];
    transfer.message = std::move(message);
    transfer.destinations = destinations;
    transfer.packets_left.assign(destinations.size(), 0);
    transfer.packets_to_inject = 0;
    transfer.readers = static_cast<int>(destinations.size());
    return number;
}

void NetworkModule::send(Message message, const std::vector<int>& destinations, std::uint64_t cycle) {
    const NetworkLoad::Passed passed = routes_.send(message.source, destinations, message.bytes, 1);
    run_.charge(shared_kind, {message.layer}, Event::router_flit, passed.routers, cycle, cycle + 1);
    run_.charge(shared_kind, {message.layer}, Event::link_flit, passed.links, cycle, cycle + 1);
    const int number = store(std::move(message), destinations);
    const std::uint64_t enters = clock().first_after(cycle, digital_);
    waiting_.push_back({enters, number});
    ++sent_;
    wake_at(enters);
}

void NetworkModule::release_message(int number) {
    Transfer& transfer = messages_[static_cast<std::size_t>(number)];
    if (--transfer.readers > 0)
        return;
    transfer.message.values.clear();
    transfer.message.payload.clear();
    free_.push_back(number);
    ++released_;
}

// Messages of one cycle enter in the order of their source nodes, whoever was called first.
void NetworkModule::on_cycle(std::uint64_t cycle) {
    if (probe_)
        probe_->awake(cycle);
    const auto due =
        std::stable_partition(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return w.cycle <= cycle; });
    std::stable_sort(waiting_.begin(), due, [this](const Waiting& a, const Waiting& b) {
        return message(a.transfer).source < message(b.transfer).source;
    });
    for (auto w = waiting_.begin(); w != due; ++w)
        offer(w->transfer, cycle);
    waiting_.erase(waiting_.begin(), due);
    if (!network_.idle()) {
        network_.step(cycle);
        ++steps_;
    }
    const std::uint64_t seen = digital_.first_after(cycle, clock());
    for (std::uint32_t packet : network_.injected()) {
        Transfer& transfer = messages_[static_cast<std::size_t>(message_of(packet))];
        if (--transfer.packets_to_inject == 0)
            clients_[static_cast<std::size_t>(transfer.message.source)]->message_left(message_of(packet), seen);
    }
    for (const noc::Network::Ejection& ejection : network_.ejected()) {
        Transfer& transfer = messages_[static_cast<std::size_t>(message_of(ejection.packet))];
        const auto at = std::find(transfer.destinations.begin(), transfer.destinations.end(), ejection.node) -
                        transfer.destinations.begin();
        if (--transfer.packets_left[static_cast<std::size_t>(at)] == 0)
            clients_[static_cast<std::size_t>(ejection.node)]->message_arrived(message_of(ejection.packet), seen);
    }
    if (probe_)
        probe_->settle(cycle, network_.idle() && waiting_.empty(), static_cast<std::size_t>(sent_ - released_));
    std::uint64_t next = network_.idle() ? never : cycle + 1;
    for (const Waiting& w : waiting_)
        next = std::min(next, w.cycle);
    if (next != never)
        wake_at(next);
}

// A multicast goes in packets that fit into a virtual channel's buffer; all else is one packet to each destination.
void NetworkModule::offer(int number, std::uint64_t cycle) {
    Transfer& transfer = messages_[static_cast<std::size_t>(number)];
    const int source = transfer.message.source;
    const std::int64_t bytes = transfer.message.bytes, piece = durations_.multicast_payload();
    const bool in_pieces = multicast_ && transfer.destinations.size() > 1 && (bytes == 0 || piece > 0);
    if (in_pieces) {
        const std::int64_t packets = bytes == 0 ? 1 : (bytes + piece - 1) / piece;
        transfer.packets_to_inject = static_cast<int>(packets);
        std::fill(transfer.packets_left.begin(), transfer.packets_left.end(), static_cast<int>(packets));
        for (std::int64_t p = 0; p < packets; ++p)
            network_.offer(packet_of(number, p), source, transfer.destinations,
                           durations_.flits(std::min(piece, bytes - p * piece)), cycle);
        return;
    }
    transfer.packets_to_inject = static_cast<int>(transfer.destinations.size());
    std::fill(transfer.packets_left.begin(), transfer.packets_left.end(), 1);
    for (int destination : transfer.destinations)
        network_.offer(packet_of(number, 0), source, destination, durations_.flits(bytes), cycle);
}

std::string NetworkModule::state() const {
    std::string text = network_.state();
    if (!waiting_.empty())
        text += fmt::format("network: {} messages wait for the network's clock\n", waiting_.size());
    return text;
}

void NetworkModule::check_conservation() const {
    network_.check_conservation();
    if (!waiting_.empty() || sent_ != released_)
        throw Error(fmt::format("{} messages were sent, {} were read by all their receivers", sent_, released_));
    for (int r = 0; r < run_.network.mapping.routers(); ++r) {
        std::uint64_t flits = 0;
        for (int port = 0; port < network_.ports(); ++port)
            flits += network_.link_flits(r, port);
        if (flits != static_cast<std::uint64_t>(routes_.router(r)))
            throw Error(fmt::format("{} has sent {} flits where its messages' routes have {}",
                                    routers_[static_cast<std::size_t>(r)]->name(), flits, routes_.router(r)));
    }
}

void NetworkModule::report(SimulationResult& result) const {
    for (std::size_t r = 0; r < routers_.size(); ++r) {
        Counters counters;
        for (int port = 0; port < network_.ports(); ++port) {
            const std::uint64_t flits = network_.link_flits(static_cast<int>(r), port);
            counters[Event::router_flit] += flits;
            if (network_.port_exists(static_cast<int>(r), port))
                result.links.push_back(
                    {fmt::format("{}.{}", routers_[r]->name(), noc::Network::port_name(port)), flits});
        }
        counters[Event::link_flit] += static_cast<std::uint64_t>(routes_.links_of(static_cast<int>(r)));
        counters[Event::router_toggle] += toggles_[r].router;
        counters[Event::link_toggle] += toggles_[r].links;
        counters.busy_cycles = counters[Event::router_flit];
        run_.instance(shared_kind, routers_[r]->name()) += counters;
    }
    result.router_steps = steps_ * routers_.size();
}

}  // namespace xloop::sim
