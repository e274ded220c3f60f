#include "systemc_model/noc/network.hpp"
#include "systemc_model/noc/traffic.hpp"
#include "tests/systemc_model/noc/plain_network.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace xloop::noc;

NetworkConfig mesh_8x8() {
    NetworkConfig c;
    c.cols = c.rows = 8;
    return c;
}

/// Uniform traffic in steady state; arguments: load in percent of a flit per node and cycle, flits of a packet.
template <class Kernel>
void run(benchmark::State& state) {
    const NetworkConfig config = mesh_8x8();
    Kernel network(config);
    TrafficConfig traffic;
    traffic.injection_rate = 0.01 * static_cast<double>(state.range(0));
    traffic.packet_flits = static_cast<int>(state.range(1));
    TrafficSource source(traffic, config);
    std::uint64_t cycle = 0;
    const auto step = [&] {
        source.packets_of(cycle, [&](int from, int to) { network.offer(0, from, to, traffic.packet_flits, cycle); });
        network.step(cycle++);
    };
    while (cycle < 1000)
        step();
    const std::uint64_t warm = cycle;
    for (auto _ : state)
        for (int i = 0; i < 100; ++i)
            step();
    const double cycles = static_cast<double>(cycle - warm), routers = 64.0, mean_routers_passed = 6.25;
    state.counters["router_cycles/s"] = benchmark::Counter(routers * cycles, benchmark::Counter::kIsRate);
    state.counters["flit_hops/s"] = benchmark::Counter(routers * cycles * traffic.injection_rate * mean_routers_passed,
                                                       benchmark::Counter::kIsRate);
}

void loads(benchmark::internal::Benchmark* b) {
    for (int flits : {1, 5})
        for (int percent : {1, 10, 20, 30})
            b->Args({percent, flits});
    b->ArgNames({"percent", "flits"})->Unit(benchmark::kMicrosecond);
}

BENCHMARK_TEMPLATE(run, Network)->Apply(loads);
BENCHMARK_TEMPLATE(run, PlainNetwork)->Apply(loads);

}  // namespace
