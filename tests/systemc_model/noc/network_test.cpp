#include "systemc_model/noc/network.hpp"
#include "core/error.hpp"
#include "systemc_model/noc/traffic.hpp"
#include "tests/systemc_model/noc/closed_forms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <vector>

namespace xloop::noc {
namespace {

using testing::HasSubstr;

/// Cycle of every arrival by node, of all packets.
using Arrivals = std::map<std::pair<std::uint32_t, int>, std::uint64_t>;

Arrivals run_until_idle(Network& network, std::uint64_t from = 0, std::uint64_t limit = 100000) {
    Arrivals arrivals;
    for (std::uint64_t cycle = from; !network.idle(); ++cycle) {
        if (cycle > from + limit)
            throw Error("not empty after the limit\n" + network.state());
        network.step(cycle);
        for (const Network::Ejection& e : network.ejected())
            EXPECT_TRUE(arrivals.insert({{e.packet, e.node}, cycle}).second)
                << "packet " << e.packet << " twice at " << e.node;
    }
    network.check_conservation();
    return arrivals;
}

NetworkConfig small(bool torus, int vcs, int buffer) {
    NetworkConfig c;
    c.torus = torus;
    c.vcs = vcs;
    c.vc_buffer_flits = buffer;
    return c;
}

// Copy me: a time in closed form, exact to the cycle.
TEST(ZeroLoad, GivenEveryPairOfNodes_ThenLatencyIsThatOfTheFormula) {
    for (int routing_delay : {0, 1, 3})
        for (int flits : {1, 5}) {
            NetworkConfig c;
            c.routing_delay_cycles = routing_delay;
            Network network(c);
            std::uint64_t cycle = 0;
            for (int source = 0; source < network.nodes(); ++source)
                for (int destination = 0; destination < network.nodes(); ++destination) {
                    const int hops = network.topology().routers_passed(source, destination);
                    network.offer(1, source, destination, flits, cycle);
                    const Arrivals arrivals = run_until_idle(network, cycle);
                    const int latency = static_cast<int>(arrivals.at({1, destination}) - cycle);
                    ASSERT_EQ(latency, (4 + routing_delay) * hops + 2 + flits - 1) << source << " to " << destination;
                    ASSERT_EQ(zero_load_latency(c, hops, flits), latency);
                    cycle += 1000;
                }
        }
}

TEST(ZeroLoad, GivenSpeculation_ThenAStageIsSavedPerRouter) {
    NetworkConfig c = small(false, 2, 4);
    c.speculative = true;
    Network network(c);
    network.offer(1, 0, 15, 1, 0);
    EXPECT_EQ(run_until_idle(network).at({1, 15}), 3u * 7 + 2);
}

TEST(ZeroLoad, GivenUnusualDelaysAndShortBuffers_ThenTheRecurrenceIsExact) {
    std::mt19937 random(1);
    const auto between = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    for (int trial = 0; trial < 200; ++trial) {
        NetworkConfig c = small(trial % 2 == 1, between(2, 4), between(1, 6));
        c.routing_delay_cycles = between(0, 3);
        c.speculative = between(0, 3) == 0;
        c.vc_alloc_delay_cycles = c.speculative ? 1 : between(1, 3);
        c.switch_alloc_delay_cycles = c.speculative ? 1 : between(1, 3);
        c.switch_delay_cycles = between(1, 3);
        c.link_delay_cycles = between(1, 4);
        c.credit_delay_cycles = between(0, 3);
        const int source = between(0, 15), destination = between(0, 15), flits = between(1, 12);
        Network network(c);
        network.offer(1, source, destination, flits, 0);
        ASSERT_EQ(static_cast<int>(run_until_idle(network).at({1, destination})),
                  zero_load_latency(c, network.topology().routers_passed(source, destination), flits));
    }
}

TEST(Routes, GivenMeshAndTorus_ThenLinksAreThoseOfTheShortestDimensionOrderPath) {
    NetworkConfig mesh;
    mesh.cols = 6;
    mesh.rows = 3;
    NetworkConfig torus = mesh;
    torus.torus = true;
    EXPECT_EQ(Topology(mesh).routers_passed(0, 17), 8);
    EXPECT_EQ(Topology(torus).routers_passed(0, 17), 3);
    EXPECT_EQ(Topology(torus).hop(0, 3).port, east);  // three either way: rising
    EXPECT_EQ(Topology(torus).hop(0, 4).port, west);
    EXPECT_EQ(Topology(torus).hop(0, 12).port, north);
    EXPECT_EQ(multicast_links(Topology(mesh), 0, {2, 8, 14}).size(), 4u);  // east twice, south twice
}

TEST(Multicast, GivenATree_ThenEveryLinkCarriesThePacketOnceAndEachNodeGetsOneCopy) {
    const NetworkConfig c = small(false, 4, 8);
    Network network(c);
    const std::vector<int> destinations = {0, 3, 5, 12, 15};
    network.offer(9, 5, destinations, 6, 0);
    const Arrivals arrivals = run_until_idle(network);
    EXPECT_EQ(arrivals.size(), destinations.size());
    std::uint64_t between_routers = 0;
    for (int r = 0; r < network.routers(); ++r)
        for (int p = 0; p < directions; ++p)
            between_routers += network.link_flits(r, p);
    EXPECT_EQ(between_routers, 6 * multicast_links(network.topology(), 5, destinations).size());
    EXPECT_EQ(network.injected_flits(), 6u);
    EXPECT_EQ(network.replicated_flits(), 24u);
    for (int d : destinations)
        EXPECT_GE(static_cast<int>(arrivals.at({9, d})),
                  zero_load_latency(c, network.topology().routers_passed(5, d), 6));
}

TEST(Multicast, GivenAFarDestinationBehindOneBranch_ThenItCostsNoMoreThanUnicast) {
    const NetworkConfig c = small(false, 4, 8);
    Network network(c);
    network.offer(1, 0, {3, 15}, 1, 0);  // together along the row, apart at its end
    const Arrivals arrivals = run_until_idle(network);
    const std::uint64_t near = arrivals.at({1, 3}), far = arrivals.at({1, 15});
    // The branches take turns at the router where they part.
    EXPECT_EQ(near + far, static_cast<std::uint64_t>(zero_load_latency(c, 4, 1) + zero_load_latency(c, 7, 1) + 1));
}

struct MixedTraffic : testing::TestWithParam<std::tuple<bool, int, int, bool>> {};

TEST_P(MixedTraffic, GivenHeavyUnicastAndMulticastOnSmallBuffers_ThenEverythingArrives) {
    const auto [torus, vcs, buffer, wait] = GetParam();
    for (unsigned seed = 1; seed <= 3; ++seed) {
        NetworkConfig c = small(torus, vcs, buffer);
        c.cols = 5;
        c.rows = 4;
        c.wait_for_tail_credit = wait;
        c.speculative = seed == 2;
        c.extra_nodes = {7};
        if (seed == 3)
            c.vc_alloc_delay_cycles = c.switch_alloc_delay_cycles = 2;
        Network network(c);
        std::mt19937 random(seed);
        const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
        std::size_t expected = 0;
        for (std::uint32_t packet = 0; packet < 1500; ++packet) {
            const int source = below(network.nodes());
            const auto cycle = static_cast<std::uint64_t>(packet / 6);
            if (below(2) == 0) {
                std::set<int> targets;
                for (int i = 0; i < 2 + below(8); ++i)
                    targets.insert(below(network.nodes()));
                network.offer(packet, source, {targets.begin(), targets.end()}, 1 + below(buffer), cycle);
                expected += targets.size();
            } else {
                network.offer(packet, source, below(network.nodes()), 1 + below(3 * buffer), cycle);
                ++expected;
            }
        }
        EXPECT_EQ(run_until_idle(network).size(), expected);
    }
}

INSTANTIATE_TEST_SUITE_P(SmallBuffers, MixedTraffic,
                         testing::Values(std::tuple{false, 1, 1, false}, std::tuple{false, 1, 4, false},
                                         std::tuple{false, 2, 2, true}, std::tuple{true, 2, 1, false},
                                         std::tuple{true, 2, 3, false}, std::tuple{true, 3, 2, true}));

TEST(Order, GivenAnyOrderOfTheRouters_ThenEveryPacketArrivesInTheSameCycle) {
    for (const bool torus : {false, true}) {
        std::vector<Arrivals> runs;
        for (unsigned order = 0; order < 3; ++order) {
            Network network(small(torus, 3, 4));
            std::vector<int> ranks(static_cast<std::size_t>(network.routers()));
            std::iota(ranks.begin(), ranks.end(), 0);
            std::shuffle(ranks.begin(), ranks.end(), std::mt19937(order));
            if (order > 0)
                network.set_visit_ranks(ranks);
            std::mt19937 random(5);
            const auto node = [&] { return std::uniform_int_distribution<int>(0, 15)(random); };
            for (std::uint32_t p = 0; p < 1000; ++p) {
                const int source = node(), first = node(), second = node();
                if (first != second && p % 4 == 0)
                    network.offer(p, source, {first, second}, 3, p / 4);
                else
                    network.offer(p, source, first, 1 + static_cast<int>(p % 5), p / 4);
            }
            runs.push_back(run_until_idle(network));
        }
        EXPECT_EQ(runs[0], runs[1]);
        EXPECT_EQ(runs[0], runs[2]);
    }
}

TEST(Idle, GivenSkippedCycles_ThenThePacketTakesAsLong) {
    Network network{NetworkConfig{}};
    EXPECT_TRUE(network.idle());
    network.offer(1, 2, 13, 3, 5);
    EXPECT_FALSE(network.idle());
    const auto first = run_until_idle(network, 5).at({1, 13}) - 5;
    const std::uint64_t far = 1'000'000'007;
    network.offer(1, 2, 13, 3, far);
    EXPECT_EQ(run_until_idle(network, far).at({1, 13}) - far, first);
}

TEST(Observer, GivenAPacket_ThenItSeesEveryFlitOnEveryLink) {
    Network network{NetworkConfig{}};
    std::uint64_t seen = 0;
    network.set_observer([&](std::uint64_t, int router, int port, int, std::uint32_t packet, int flit) {
        EXPECT_TRUE(network.port_exists(router, port));
        EXPECT_EQ(packet, 77u);
        EXPECT_LT(flit, 4);
        ++seen;
    });
    network.offer(77, 0, 15, 4, 0);
    run_until_idle(network);
    EXPECT_EQ(seen, 28u);  // seven routers
    EXPECT_EQ(network.router_flits(0), 4u);
}

TEST(State, GivenAPacketUnderWay_ThenTextSaysWhereAndConservationFails) {
    Network network{NetworkConfig{}};
    network.offer(3, 0, 15, 4, 0);
    EXPECT_THAT(network.state(), HasSubstr("node 0: packet 3"));
    for (std::uint64_t cycle = 0; cycle < 3; ++cycle)
        network.step(cycle);
    EXPECT_THAT(network.state(), HasSubstr("packet 3 waits for"));
    EXPECT_THROW(network.check_conservation(), Error);
}

TEST(Config, GivenNonsense_ThenTheFieldIsNamed) {
    const auto message = [](auto change) {
        NetworkConfig c;
        change(c);
        try {
            Network network(c);
        } catch (const InputError& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    EXPECT_THAT(message([](NetworkConfig& c) {
                    c.torus = true;
                    c.vcs = 1;
                }),
                HasSubstr("vcs"));
    EXPECT_THAT(message([](NetworkConfig& c) { c.cols = 0; }), HasSubstr("cols"));
    EXPECT_THAT(message([](NetworkConfig& c) { c.extra_nodes = {16}; }), HasSubstr("extra_nodes"));
    EXPECT_THAT(message([](NetworkConfig& c) {
                    c.speculative = true;
                    c.switch_alloc_delay_cycles = 2;
                }),
                HasSubstr("speculative"));
    Network network{NetworkConfig{}};
    EXPECT_THROW(network.offer(1, 0, 16, 1, 0), Error);
    EXPECT_THROW(network.offer(1, 0, 1, 0, 0), Error);
    EXPECT_THROW(network.offer(1, 0, {1, 2}, 9, 0), Error);
    EXPECT_THROW(network.offer(1, 0, {1, 1}, 2, 0), Error);
}

}  // namespace
}  // namespace xloop::noc
