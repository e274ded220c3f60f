#pragma once

#include "core/progress.hpp"
#include "systemc_model/noc/network.hpp"
#include "systemc_model/noc/traffic.hpp"

#include <vector>

namespace xloop::noc {

/// How long to look. After the warm-up come sample periods until mean latency and throughput change by less than
/// `convergence` three times in a row; then injection goes on until all packets created in these periods have arrived. A
/// network that accepts less than it is offered is unstable, whatever the latencies: its queues grow for ever.
struct MeasurementConfig {
    int sample_cycles = 0;  ///< 0: 192000 / nodes, within 2000 ... 8000
    int warmup_cycles = 0;  ///< 0: one sample period
    int max_samples = 20;   ///< warm-up included; no convergence until then: unstable
    double convergence = 0.05;
    /// Cycles; unstable when the mean latency exceeds it. 0: only the throughput is of interest; convergence looks at nothing
    /// else and nobody waits for arrivals.
    double latency_limit = 1000.0;
};

int sample_cycles(const MeasurementConfig& config, int nodes);

/// Over the packets created in the sample periods; cycles from creation, source queue included, unless said otherwise.
struct Measurement {
    bool stable = true;
    std::uint64_t created = 0;  ///< packets in these periods; 0: nothing is known of latency and stability
    std::uint64_t packets = 0;  ///< that have arrived; 0: nothing is known of latency
    double packet_latency_avg = 0.0, packet_latency_max = 0.0;
    double network_latency_avg = 0.0;  ///< from the head's leaving the source queue to the tail's arrival
    double flit_latency_avg = 0.0;     ///< of flits, from leaving the source queue to arrival
    double hops_avg = 0.0;             ///< routers traversed
    double accepted_rate = 0.0, min_node_accepted = 0.0,
           max_node_accepted = 0.0;         ///< flits per node and cycle that arrived
    std::uint64_t cycles = 0;               ///< simulated until the last measured packet arrived
    std::uint64_t total_cycles = 0;         ///< and until the network was empty again
    std::vector<std::uint64_t> link_flits;  ///< of (router, port), over total_cycles

    bool saturated() const { return created > 0 && !stable; }
};

/// Runs a network of its own to the end and checks that nothing was lost; `watch` gets a rough share done, and the
/// cycle. Throws InputError, Error.
Measurement measure(const NetworkConfig& network, const TrafficConfig& traffic, const MeasurementConfig& config,
                    const Watch& watch = {});

/// Accepted rate at an offered load of one flit per node and cycle.
double saturation_rate(const NetworkConfig& network, TrafficConfig traffic, MeasurementConfig config,
                       const Watch& watch = {});

/// Sends all packets of a trace and waits for their arrival. Multicast: latency and hops of every copy.
Measurement replay(const NetworkConfig& network, const std::vector<TracePacket>& trace, const Watch& watch = {});

}  // namespace xloop::noc
