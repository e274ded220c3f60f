#include "tests/systemc_model/noc/plain_network.hpp"
#include "systemc_model/noc/network.hpp"
#include "systemc_model/noc/traffic.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xloop::noc {
namespace {

struct Case {
    const char* name;
    NetworkConfig network;
    int flits;
    double rate;
};

template <class Change>
Case make(const char* name, int flits, double rate, Change change) {
    NetworkConfig c;
    change(c);
    return {name, c, flits, rate};
}

/// Random lengths between 1 and 2 flits - 1, so that packets of different length mix.
int length_of(std::uint32_t packet, int flits) {
    return 1 + static_cast<int>((packet * 2654435761u >> 8) % static_cast<std::uint32_t>(2 * flits - 1));
}

class BothKernels : public testing::TestWithParam<Case> {};

TEST_P(BothKernels, GivenRandomTraffic_ThenEveryFlitArrivesInTheSameCycle) {
    const Case& c = GetParam();
    Network fast(c.network);
    PlainNetwork plain(c.network);
    TrafficConfig traffic;
    traffic.injection_rate = c.rate;
    traffic.packet_flits = c.flits;
    traffic.seed = 7;
    TrafficSource source(traffic, c.network);
    std::uint32_t packets = 0;
    std::size_t flits = 0;
    for (std::uint64_t cycle = 0; cycle < 600 || !plain.idle() || !fast.idle(); ++cycle) {
        ASSERT_LT(cycle, 60000u) << fast.state();
        if (cycle < 600)
            source.packets_of(cycle, [&](int from, int to) {
                fast.offer(packets, from, to, length_of(packets, c.flits), cycle);
                plain.offer(packets, from, to, length_of(packets, c.flits), cycle);
                ++packets;
            });
        fast.step(cycle);
        plain.step(cycle);
        ASSERT_EQ(fast.ejected_flits().size(), plain.ejected().size()) << "cycle " << cycle;
        for (std::size_t i = 0; i < plain.ejected().size(); ++i) {
            ASSERT_EQ(fast.ejected_flits()[i].packet, plain.ejected()[i].packet) << "cycle " << cycle;
            ASSERT_EQ(fast.ejected_flits()[i].node, plain.ejected()[i].node) << "cycle " << cycle;
        }
        flits += plain.ejected().size();
    }
    EXPECT_GT(packets, 100u);
    EXPECT_EQ(flits, fast.injected_flits());
    fast.check_conservation();
}

INSTANTIATE_TEST_SUITE_P(
    Configurations, BothKernels,
    testing::Values(make("reference", 3, 0.3, [](NetworkConfig&) {}),
                    make("wormhole", 3, 0.4, [](NetworkConfig& c) { c.vcs = 1; }),
                    make("overloaded", 5, 0.9, [](NetworkConfig&) {}),
                    make("single_flits", 1, 0.6,
                         [](NetworkConfig& c) {
                             c.vcs = 3;
                             c.vc_buffer_flits = 1;
                         }),
                    make("speculative", 3, 0.3,
                         [](NetworkConfig& c) {
                             c.vcs = 2;
                             c.vc_buffer_flits = 4;
                             c.speculative = true;
                         }),
                    make("speculative_torus", 3, 0.3,
                         [](NetworkConfig& c) {
                             c.torus = c.speculative = true;
                             c.rows = 5;
                         }),
                    make("tail_credits", 3, 0.5,
                         [](NetworkConfig& c) {
                             c.vcs = 16;
                             c.wait_for_tail_credit = true;
                             c.alloc_iters = 2;
                             c.credit_delay_cycles = 2;
                         }),
                    make("torus", 4, 0.5,
                         [](NetworkConfig& c) {
                             c.torus = true;
                             c.cols = 5;
                             c.rows = 3;
                             c.vcs = 2;
                             c.vc_buffer_flits = 3;
                         }),
                    make("ring_of_two", 2, 0.5,
                         [](NetworkConfig& c) {
                             c.torus = true;
                             c.cols = 2;
                             c.rows = 1;
                         }),
                    make("long_delays", 3, 0.2,
                         [](NetworkConfig& c) {
                             c.routing_delay_cycles = 2;
                             c.switch_delay_cycles = 3;
                             c.link_delay_cycles = 4;
                             c.credit_delay_cycles = 0;
                         }),
                    make("slow_allocators", 3, 0.2,
                         [](NetworkConfig& c) {
                             c.vc_alloc_delay_cycles = 3;
                             c.switch_alloc_delay_cycles = 2;
                         }),
                    make("slow_switch_allocator", 3, 0.2, [](NetworkConfig& c) { c.switch_alloc_delay_cycles = 2; }),
                    make("slow_vc_allocator", 3, 0.2, [](NetworkConfig& c) { c.vc_alloc_delay_cycles = 2; }),
                    make("concentrated", 3, 0.2,
                         [](NetworkConfig& c) {
                             c.concentration = 3;
                             c.cols = 3;
                             c.extra_nodes = {0, 4, 0};
                         })),
    [](const auto& c) { return std::string(c.param.name); });

}  // namespace
}  // namespace xloop::noc
