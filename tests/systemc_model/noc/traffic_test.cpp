#include "core/error.hpp"
#include "core/files.hpp"
#include "systemc_model/noc/measurement.hpp"
#include "tests/systemc_model/noc/closed_forms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace xloop::noc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::vector<int>> counts(const TrafficConfig& traffic, const NetworkConfig& network, std::uint64_t cycles) {
    TrafficSource source(traffic, network);
    const auto nodes = static_cast<std::size_t>(Topology(network).nodes());
    std::vector<std::vector<int>> sent(nodes, std::vector<int>(nodes, 0));
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle)
        source.packets_of(
            cycle, [&](int from, int to) { ++sent[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)]; });
    return sent;
}

int sum(const std::vector<int>& values) {
    int total = 0;
    for (int v : values)
        total += v;
    return total;
}

TEST(Traffic, GivenUniform_ThenRateAndDestinationsAreEven) {
    TrafficConfig traffic;
    traffic.injection_rate = 0.5;
    traffic.packet_flits = 5;
    const auto sent = counts(traffic, {}, 100000);
    for (const auto& from : sent) {
        EXPECT_NEAR(sum(from), 10000, 5 * std::sqrt(9000.0));  // Bernoulli: variance n p (1 - p)
        for (int to : from)
            EXPECT_NEAR(to, 625, 5 * 25);
    }
}

TEST(Traffic, GivenFixedPatterns_ThenDestinationsAreThoseOfTheDefinition) {
    NetworkConfig network;
    network.cols = 6;
    network.rows = 3;
    TrafficConfig traffic;
    traffic.injection_rate = 1.0;
    traffic.pattern = Pattern::neighbor;
    auto sent = counts(traffic, network, 10);
    EXPECT_EQ(sent[0][7], 10);
    EXPECT_EQ(sent[17][0], 10);
    traffic.pattern = Pattern::tornado;
    EXPECT_EQ(counts(traffic, network, 10)[7][9], 10);
    traffic.pattern = Pattern::bit_complement;
    EXPECT_EQ(counts(traffic, network, 10)[1][16], 10);
    traffic.pattern = Pattern::transpose;
    EXPECT_THROW(counts(traffic, network, 1), InputError);
    network.cols = 3;
    EXPECT_EQ(counts(traffic, network, 10)[1][3], 10);
    EXPECT_EQ(counts(traffic, network, 10)[4][4], 10);
}

TEST(Traffic, GivenHotNodes_ThenTheyGetTheirShareBesidesTheUniformOne) {
    TrafficConfig traffic;
    traffic.pattern = Pattern::hotspot;
    traffic.injection_rate = 0.5;
    traffic.hotspot_nodes = {3, 12};
    traffic.hotspot_share = 0.3;
    const auto sent = counts(traffic, {}, 20000);
    double to_hot = 0, all = 0;
    for (const auto& from : sent) {
        to_hot += from[3] + from[12];
        all += sum(from);
    }
    EXPECT_NEAR(to_hot / all, 0.3 + 0.7 * 2 / 16, 0.01);
}

TEST(Traffic, GivenTheSameSeed_ThenTheMeasurementIsTheSameToTheBit) {
    TrafficConfig traffic;
    traffic.injection_rate = 0.2;
    MeasurementConfig how;
    how.sample_cycles = 500;
    const Measurement a = measure({}, traffic, how), b = measure({}, traffic, how);
    EXPECT_EQ(a.packet_latency_avg, b.packet_latency_avg);
    EXPECT_EQ(a.packets, b.packets);
    EXPECT_EQ(a.link_flits, b.link_flits);
    traffic.seed = 2;
    EXPECT_NE(measure({}, traffic, how).packet_latency_avg, a.packet_latency_avg);
}

TEST(Measurement, GivenALoadAboveTheBisectionBound_ThenItIsUnstable) {
    TrafficConfig traffic;
    traffic.pattern = Pattern::transpose;
    traffic.injection_rate = 0.8;
    traffic.packet_flits = 5;
    const Measurement m = measure({}, traffic, {});
    EXPECT_FALSE(m.stable);
    EXPECT_LT(m.accepted_rate, 0.7);
}

/// Whatever its latencies, which a limit beyond all of them does not judge.
TEST(Measurement, GivenNoLatencyLimitToSpeakOf_ThenALoadAboveSaturationIsStillUnstable) {
    NetworkConfig narrow;
    narrow.vcs = 1;
    MeasurementConfig how;
    how.latency_limit = 1e12;
    how.sample_cycles = 1000;
    for (const Pattern pattern : {Pattern::uniform, Pattern::transpose, Pattern::bit_complement, Pattern::tornado})
        for (const double rate : {0.6, 1.0}) {
            TrafficConfig traffic;
            traffic.pattern = pattern;
            traffic.packet_flits = 5;
            traffic.injection_rate = rate;
            const Measurement m = measure(narrow, traffic, how);
            EXPECT_EQ(m.stable, m.accepted_rate > 0.97 * rate)
                << static_cast<int>(pattern) << " at " << rate << ": accepted " << m.accepted_rate;
        }
}

TEST(Measurement, GivenNoLatencyLimitToSpeakOf_ThenALoadBelowSaturationIsStable) {
    MeasurementConfig how;
    how.latency_limit = 1e12;
    for (const int flits : {1, 5, 200})
        for (const double rate : {0.05, 0.3}) {
            TrafficConfig traffic;
            traffic.packet_flits = flits;
            traffic.injection_rate = rate;
            NetworkConfig network;
            network.cols = network.rows = 4;
            EXPECT_TRUE(measure(network, traffic, how).stable) << flits << " flits at " << rate;
        }
}

TEST(Measurement, GivenNoPacketAtAll_ThenNothingIsSaidOfStability) {
    TrafficConfig traffic;
    traffic.injection_rate = 1e-13;
    const Measurement m = measure({}, traffic, {});
    EXPECT_EQ(m.created, 0u);
    EXPECT_EQ(m.packets, 0u);
    EXPECT_FALSE(m.saturated());
    traffic.injection_rate = 0.1;
    EXPECT_GT(measure({}, traffic, {}).created, 0u);
}

TEST(Measurement, GivenAnyLoad_ThenProgressRisesToAHundredPercentAtMost) {
    for (const double rate : {0.1, 0.4, 0.5, 0.9}) {
        double last = 0.0;
        TrafficConfig traffic;
        traffic.packet_flits = 5;
        traffic.injection_rate = rate;
        MeasurementConfig how;
        how.latency_limit = 1e12;
        how.sample_cycles = 1000;
        measure({}, traffic, how, [&last](const StepState& state) {
            EXPECT_GE(state.done, last);
            last = state.done;
        });
        EXPECT_GT(last, 0.0);
        EXPECT_LE(last, 1.0);
    }
}

TEST(Measurement, GivenALargeNetwork_ThenWhoeverWatchesIsAskedAsOftenAsInASmallOne) {
    NetworkConfig large;
    large.cols = large.rows = 128;
    TrafficConfig traffic;
    traffic.injection_rate = 1.0;
    int asked = 0;
    const auto give_up = [&asked](const StepState&) {
        if (++asked == 3)
            throw Interrupted("enough");
    };
    EXPECT_THROW(measure(large, traffic, {}, give_up), Interrupted);
    EXPECT_EQ(asked, 3);
}

class TraceFile : public testing::Test {
protected:
    ~TraceFile() override { std::filesystem::remove(path_); }
    std::vector<TracePacket> read(const std::string& text) {
        write_file_atomically(path_, "cycle,source,destination,flits\n" + text);
        return read_trace(path_, {});
    }
    std::string path_ =
        testing::TempDir() + "noc_trace_" + testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv";
};

TEST_F(TraceFile, GivenUnicastAndMulticast_ThenBothAreReplayed) {
    const auto trace = read("500, 0, 15, 3\n0, 3, 1;2 7, 2\n");
    ASSERT_EQ(trace.size(), 2u);
    EXPECT_EQ(trace[0].cycle, 0u);
    EXPECT_THAT(trace[0].destinations, ElementsAre(1, 2, 7));
    const Measurement m = replay({}, trace);
    EXPECT_EQ(m.packets, 4u);
    EXPECT_EQ(m.packet_latency_max, zero_load_latency({}, 7, 3));
    EXPECT_GT(m.cycles, 500u);
}

TEST_F(TraceFile, GivenNonsense_ThenFileAndLineAreNamed) {
    const auto message = [&](const std::string& text) {
        try {
            read(text);
        } catch (const InputError& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    EXPECT_THAT(message("0,0,16,1\n"), HasSubstr(":2"));
    EXPECT_THAT(message("0,0,1;1,1\n"), HasSubstr("different"));
    EXPECT_THAT(message("0,0,1,1\n0,0,1;2,9\n"), HasSubstr(":3"));
    EXPECT_THAT(message("0,99,1,1\n"), HasSubstr("source"));
    EXPECT_THAT(message("0,0,,1\n"), HasSubstr("destination"));
}

}  // namespace
}  // namespace xloop::noc
