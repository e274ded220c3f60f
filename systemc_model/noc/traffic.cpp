#include "systemc_model/noc/traffic.hpp"

#include "core/csv_rows.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace xloop::noc {
namespace {

void demand(bool good, const std::string& message) {
    if (!good)
        throw InputError("traffic: " + message);
}

/// The router a pattern maps a router to; -1 for random patterns.
int partner(Pattern pattern, int x, int y, int cols, int rows) {
    switch (pattern) {
    case Pattern::neighbor: return (x + 1) % cols + cols * ((y + 1) % rows);
    case Pattern::transpose: return y + cols * x;
    case Pattern::bit_complement: return cols - 1 - x + cols * (rows - 1 - y);
    case Pattern::tornado: return (x + (cols + 1) / 2 - 1) % cols + cols * y;
    case Pattern::uniform:
    case Pattern::hotspot: break;
    }
    return -1;
}

/// Uniform in [0, n) from 32 random bits; n < 2^16 keeps the bias below 2^-16.
int below(int n, std::uint32_t bits) {
    return static_cast<int>((std::uint64_t{bits} * static_cast<std::uint64_t>(n)) >> 32);
}

}  // namespace

TrafficSource::TrafficSource(const TrafficConfig& config, const NetworkConfig& network)
    : config_(config), random_(config.seed, RandomUse::noc_traffic),
      packet_probability_(config.injection_rate / config.packet_flits) {
    const Topology topology(network);
    nodes_ = topology.nodes();
    demand(config.packet_flits >= 1, "packets need one flit or more");
    demand(config.injection_rate >= 0.0 && packet_probability_ <= 1.0,
           fmt::format("injection rate {:g} flits per node and cycle: expected 0 ... {}, a packet per cycle",
                       config.injection_rate, config.packet_flits));
    demand(config.pattern != Pattern::transpose || network.cols == network.rows, "transpose needs a square mesh");
    demand(config.pattern != Pattern::hotspot || !config.hotspot_nodes.empty(), "hotspot needs one hot node or more");
    demand(config.hotspot_share >= 0.0 && config.hotspot_share <= 1.0, "the share of hotspot packets is 0 ... 1");
    for (int node : config.hotspot_nodes)
        demand(node >= 0 && node < nodes_, fmt::format("hot node {}: there are nodes 0 ... {}", node, nodes_ - 1));
    const bool random = config.pattern == Pattern::uniform || config.pattern == Pattern::hotspot;
    const int sources = random ? nodes_ : network.cols * network.rows * network.concentration;
    for (int node = 0; node < sources && !random; ++node) {
        const int router = topology.router_of(node);
        const int target =
            partner(config.pattern, router % network.cols, router / network.cols, network.cols, network.rows);
        fixed_destination_.push_back(target * network.concentration + node % network.concentration);
    }
    next_.assign(static_cast<std::size_t>(sources), ~std::uint64_t{0});
    count_.assign(static_cast<std::size_t>(sources), 0);
    next_destination_.assign(static_cast<std::size_t>(sources), 0);
    for (int node = 0; node < sources && packet_probability_ > 0.0; ++node)
        draw(node);
}

int TrafficSource::take(int node) {
    const int destination = next_destination_[static_cast<std::size_t>(node)];
    draw(node);
    return destination;
}

// A Bernoulli trial in each cycle, by the number of cycles between successes.
void TrafficSource::draw(int node) {
    const auto n = static_cast<std::size_t>(node);
    const std::array<std::uint32_t, 4> words = random_.block(static_cast<std::uint64_t>(node), count_[n]);
    double failures = 0.0;
    if (packet_probability_ < 1.0) {
        const double uniform = (static_cast<double>(words[0]) * 0x1p32 + static_cast<double>(words[1]) + 0.5) * 0x1p-64;
        failures = std::floor(std::log(uniform) / std::log1p(-packet_probability_));
    }
    const std::uint64_t earliest = count_[n] == 0 ? 0 : next_[n] + 1;
    next_[n] = failures < 1e15 ? earliest + static_cast<std::uint64_t>(failures) : ~std::uint64_t{0};
    next_destination_[n] = destination_of(node, std::uint64_t{words[2]} << 32 | words[3]);
    ++count_[n];
}

int TrafficSource::destination_of(int node, std::uint64_t random_bits) const {
    if (!fixed_destination_.empty())
        return fixed_destination_[static_cast<std::size_t>(node)];
    const auto choice = static_cast<std::uint32_t>(random_bits), which = static_cast<std::uint32_t>(random_bits >> 32);
    if (config_.pattern == Pattern::hotspot && which * 0x1p-32 < config_.hotspot_share)
        return config_
            .hotspot_nodes[static_cast<std::size_t>(below(static_cast<int>(config_.hotspot_nodes.size()), choice))];
    return below(nodes_, choice);
}

std::vector<TracePacket> read_trace(const std::string& path, const NetworkConfig& network) {
    const int nodes = Topology(network).nodes();
    CsvRows rows(path, {"cycle", "source", "destination", "flits"});
    std::vector<TracePacket> packets;
    while (rows.next()) {
        TracePacket packet;
        packet.cycle = static_cast<std::uint64_t>(rows.integer(0, 0, std::int64_t{1} << 50));
        packet.source = static_cast<int>(rows.integer(1, 0, nodes - 1));
        std::string list(rows.cell(2));
        std::replace(list.begin(), list.end(), ';', ' ');
        for (const char *at = list.data(), *end = at + list.size(); at != end;) {
            if (*at == ' ') {
                ++at;
                continue;
            }
            int node = -1;
            const auto [stop, error] = std::from_chars(at, end, node);
            const bool known = error == std::errc{} && node >= 0 && node < nodes;
            const bool twice = std::count(packet.destinations.begin(), packet.destinations.end(), node) > 0;
            if (!known || twice)
                rows.fail(fmt::format("destination `{}`: expected different nodes 0 ... {}, separated by ;",
                                      rows.cell(2), nodes - 1));
            packet.destinations.push_back(node);
            at = stop;
        }
        if (packet.destinations.empty())
            rows.fail("no destination");
        const bool multicast = packet.destinations.size() > 1;
        packet.flits = static_cast<int>(rows.integer(3, 1, multicast ? network.vc_buffer_flits : 1 << 30));
        packets.push_back(std::move(packet));
    }
    std::stable_sort(packets.begin(), packets.end(),
                     [](const TracePacket& a, const TracePacket& b) { return a.cycle < b.cycle; });
    return packets;
}

}  // namespace xloop::noc
