#include "systemc_model/noc/measurement.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop::noc {
namespace {

struct Mean {
    double sum = 0.0, largest = 0.0;
    std::uint64_t count = 0;
    void add(double value) {
        sum += value;
        largest = std::max(largest, value);
        ++count;
    }
    double value() const { return count == 0 ? 0.0 : sum / static_cast<double>(count); }
};

/// A network, what is on its way in it, and the statistics since the last reset.
class Bench {
public:
    Bench(const NetworkConfig& config, const Watch& watch)
        : network(config), watch_(watch),
          watch_cycles_(static_cast<std::uint64_t>(std::clamp(router_cycles_watched / network.routers(), 1, 1024))),
          accepted_before_(static_cast<std::size_t>(network.nodes()), 0) {}

    void offer(int source, const std::vector<int>& destinations, int flits) {
        const std::uint32_t number = take_number(flits);
        packets_[number] = {cycle, source, flits, static_cast<int>(destinations.size()), recording};
        network.offer(number, source, destinations, flits, cycle);
        measured_on_way_ += recording ? destinations.size() : 0;
    }
    void offer(int source, int destination, int flits) {
        const std::uint32_t number = take_number(flits);
        packets_[number] = {cycle, source, flits, 1, recording};
        network.offer(number, source, destination, flits, cycle);
        measured_on_way_ += recording;
    }

    void step() {
        network.step(cycle);
        for (const Network::FlitEjection& flit : network.ejected_flits())
            if (counts(flit.packet))
                flit_latency.add(static_cast<double>(flit.network_cycles));
        for (const std::uint32_t number : network.injected()) {
            flits_inside_ += packets_[number].flits;
            created_sum_ += static_cast<double>(packets_[number].created) * packets_[number].flits;
        }
        for (const Network::Ejection& ejection : network.ejected())
            take(ejection);
        ++cycle;
        if (watch_ && cycle % watch_cycles_ == 0)
            watch_({part_done, {}, fmt::format("cycle {}", cycle)});
    }

    void reset() {
        packet_latency = network_latency = flit_latency = hops = {};
        reset_cycle_ = cycle;
        created = created_flits_ = 0;
        for (int node = 0; node < network.nodes(); ++node)
            accepted_before_[static_cast<std::size_t>(node)] = network.node_ejected_flits(node);
    }

    double accepted(int node) const {
        return static_cast<double>(network.node_ejected_flits(node) -
                                   accepted_before_[static_cast<std::size_t>(node)]) /
               static_cast<double>(cycle - reset_cycle_);
    }

    void note_accepted(Measurement& result) const {
        result.min_node_accepted = result.max_node_accepted = accepted(0);
        double sum = 0.0;
        for (int node = 0; node < network.nodes(); ++node) {
            sum += accepted(node);
            result.min_node_accepted = std::min(result.min_node_accepted, accepted(node));
            result.max_node_accepted = std::max(result.max_node_accepted, accepted(node));
        }
        result.accepted_rate = sum / network.nodes();
    }

    /// Mean latency with the age of what is still inside the network.
    double latency_with_ages() const {
        const double ages = static_cast<double>(cycle) * flits_inside_ - created_sum_;
        const double count = static_cast<double>(packet_latency.count) + flits_inside_;
        return count == 0.0 ? 0.0 : (packet_latency.sum + ages) / count;
    }

    bool measured_packets_on_way() const { return measured_on_way_ > 0; }

    /// Fewer flits have arrived than were created since the last reset, by more than chance explains: the sources draw
    /// packets of `flits` flits independently, so that the difference strays by the root of their number.
    bool falls_behind(double accepted_rate, int flits) const {
        const auto offered = static_cast<double>(created_flits_);
        const double arrived = accepted_rate * network.nodes() * static_cast<double>(cycle - reset_cycle_);
        return offered - arrived > lost_share * offered + 3.0 * std::sqrt(offered * flits);
    }

    Network network;
    std::uint64_t cycle = 0, created = 0;
    double part_done = 0.0;
    bool warming_up = false, recording = false;
    Mean packet_latency, network_latency, flit_latency, hops;

private:
    struct Packet {
        std::uint64_t created;
        int source, flits, copies;
        bool measured;
    };

    /// Share of the offered flits that may be missing at the end without the queues being said to grow.
    static constexpr double lost_share = 0.02;
    /// Whoever watches is told after about as many steps of a router: a fraction of a second.
    static constexpr int router_cycles_watched = 1 << 16;

    std::uint32_t take_number(int flits) {
        ++created;
        created_flits_ += static_cast<std::uint64_t>(flits);
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(packets_.size()));
            packets_.emplace_back();
        }
        const std::uint32_t number = free_.back();
        free_.pop_back();
        return number;
    }
    bool counts(std::uint32_t number) const { return warming_up || packets_[number].measured; }
    void take(const Network::Ejection& ejection) {
        Packet& packet = packets_[ejection.packet];
        if (counts(ejection.packet)) {
            packet_latency.add(static_cast<double>(cycle - packet.created));
            network_latency.add(static_cast<double>(ejection.network_cycles));
            hops.add(network.topology().routers_passed(packet.source, ejection.node));
        }
        measured_on_way_ -= packet.measured;
        if (--packet.copies > 0)
            return;
        flits_inside_ -= packet.flits;
        created_sum_ -= static_cast<double>(packet.created) * packet.flits;
        free_.push_back(ejection.packet);
    }

    const Watch& watch_;
    std::uint64_t watch_cycles_;
    std::vector<Packet> packets_;
    std::vector<std::uint32_t> free_;
    std::vector<std::uint64_t> accepted_before_;
    std::uint64_t reset_cycle_ = 0, created_flits_ = 0, measured_on_way_ = 0;
    double flits_inside_ = 0.0, created_sum_ = 0.0;
};

void finish(Bench& bench, Measurement& result) {
    result.cycles = bench.cycle;
    result.created = bench.created;
    result.packets = bench.packet_latency.count;
    result.packet_latency_avg = bench.packet_latency.value();
    result.packet_latency_max = bench.packet_latency.largest;
    result.network_latency_avg = bench.network_latency.value();
    result.flit_latency_avg = bench.flit_latency.value();
    result.hops_avg = bench.hops.value();
    while (!bench.network.idle())
        bench.step();
    bench.network.check_conservation();
    result.total_cycles = bench.cycle;
    for (int router = 0; router < bench.network.routers(); ++router)
        for (int port = 0; port < bench.network.ports(); ++port)
            result.link_flits.push_back(bench.network.link_flits(router, port));
}

bool close(double now, double before, double tolerance) { return std::abs(now - before) <= tolerance * std::abs(now); }

}  // namespace

int sample_cycles(const MeasurementConfig& config, int nodes) {
    return config.sample_cycles > 0 ? config.sample_cycles : std::clamp(192000 / nodes, 2000, 8000);
}

Measurement measure(const NetworkConfig& network, const TrafficConfig& traffic, const MeasurementConfig& config,
                    const Watch& watch) {
    constexpr int converged_samples = 3;
    Bench bench(network, watch);
    TrafficSource source(traffic, network);
    const auto run = [&](int cycles) {
        for (int i = 0; i < cycles; ++i) {
            source.packets_of(bench.cycle, [&](int from, int to) { bench.offer(from, to, traffic.packet_flits); });
            bench.step();
        }
    };
    const bool limited = config.latency_limit > 0.0;
    const auto too_slow = [&] { return limited && bench.latency_with_ages() > config.latency_limit; };
    const int sample = sample_cycles(config, bench.network.nodes());
    Measurement result;

    bench.warming_up = true;
    run(config.warmup_cycles > 0 ? config.warmup_cycles : sample);
    bench.note_accepted(result);
    double latency = bench.packet_latency.value(), accepted = result.accepted_rate;
    result.stable = !too_slow();
    if (result.stable) {
        bench.warming_up = false;
        bench.recording = true;
        bench.reset();
    }
    int converged = 0;
    for (int samples = 1; result.stable && converged < converged_samples && samples < config.max_samples; ++samples) {
        // As if all samples to come were to agree.
        const int left = converged_samples - converged + 1;
        bench.part_done = std::max(bench.part_done, static_cast<double>(samples) / (samples + left));
        run(sample);
        bench.note_accepted(result);
        const double now = bench.packet_latency.value();
        const bool unchanged = (!limited || close(now, latency, config.convergence)) &&
                               close(result.accepted_rate, accepted, config.convergence);
        converged = unchanged ? converged + 1 : 0;
        latency = now;
        accepted = result.accepted_rate;
        const bool long_enough = limited && samples >= converged_samples;
        result.stable = !too_slow() && !(long_enough && bench.falls_behind(accepted, traffic.packet_flits));
    }
    bench.recording = false;
    if (limited) {
        result.stable = result.stable && converged == converged_samples;
        for (int waited = 1; result.stable && bench.measured_packets_on_way(); ++waited) {
            run(1);
            if (waited % 1000 == 0)
                result.stable = !too_slow();
        }
    }
    finish(bench, result);
    return result;
}

double saturation_rate(const NetworkConfig& network, TrafficConfig traffic, MeasurementConfig config,
                       const Watch& watch) {
    traffic.injection_rate = 1.0;
    config.latency_limit = 0.0;
    return measure(network, traffic, config, watch).accepted_rate;
}

Measurement replay(const NetworkConfig& network, const std::vector<TracePacket>& trace, const Watch& watch) {
    Bench bench(network, watch);
    bench.recording = true;
    for (std::size_t next = 0; next < trace.size() || !bench.network.idle();) {
        if (bench.network.idle() && next < trace.size())
            bench.cycle = std::max(bench.cycle, trace[next].cycle);
        for (; next < trace.size() && trace[next].cycle <= bench.cycle; ++next)
            bench.offer(trace[next].source, trace[next].destinations, trace[next].flits);
        bench.part_done = static_cast<double>(next) / static_cast<double>(trace.size() + 1);
        bench.step();
    }
    Measurement result;
    if (bench.cycle > 0)
        bench.note_accepted(result);
    finish(bench, result);
    return result;
}

}  // namespace xloop::noc
