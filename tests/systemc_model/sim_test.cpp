#include "core/workload/executor.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/sim/simulate.hpp"
#include "tests/support.hpp"
#include "traces/vcd_writer.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <sstream>

// SystemC elaborates once per process: CTest runs each of these tests in a process of its own.
namespace xloop {
namespace {

struct TestRun {
    explicit TestRun(const HardwareConfig& hw, const char* network = test::all_kinds, int image_count = 2)
        : graph(test::random_graph(network)), chip(graph, hw),
          pixels(test::random_pixels(image_count * graph.input.size(), 21)), images(image_count) {}

    SimulationResult timed(TraceBus* trace = nullptr) const { return simulate(chip, pixels.data(), 0, images, trace); }
    std::vector<std::vector<std::int32_t>> untimed() const { return run_images(graph, chip, pixels.data(), 0, images); }
    Estimate closed_form() const { return estimate(graph, chip.mapping(), chip.hardware(), images); }

    WorkloadGraph graph;
    Chip chip;
    std::vector<std::uint8_t> pixels;
    int images;
};

HardwareConfig small_tiles(int arrays) {
    HardwareConfig hw;
    hw.tile.arrays = arrays;
    return hw;
}

void expect_equal_counts(const ActivityRecord& estimated, const ActivityRecord& simulated) {
    ASSERT_EQ(estimated.instances.size(), simulated.instances.size());
    for (const auto& [path, counters] : simulated.instances) {
        ASSERT_EQ(estimated.instances.count(path), 1u) << path;
        const Counters& other = estimated.instances.at(path);
        for (std::size_t e = 0; e < event_count; ++e)
            EXPECT_EQ(other.events[e], counters.events[e]) << path << " " << name_of(static_cast<Event>(e));
        EXPECT_EQ(other.busy_cycles, counters.busy_cycles) << path;
    }
}

TEST(TimedChip, GivenEveryKindOfLayer_ThenItsLogitsEqualTheUntimedOnesBitForBit) {
    const TestRun run(small_tiles(3));
    ASSERT_GT(run.chip.mapping().tiles(), 4) << "layers must span several tiles";
    EXPECT_EQ(run.timed().logits, run.untimed());
}

TEST(TimedChip, GivenAdcNoise_ThenItsLogitsEqualTheUntimedOnesBitForBit) {
    HardwareConfig hw = small_tiles(2);
    hw.adc.noise_sigma_lsb = 1.5;
    const TestRun run(hw);
    const auto timed = run.timed().logits;
    EXPECT_EQ(timed, run.untimed());
    EXPECT_NE(timed, run_images(run.graph, IntegerEngine(run.graph), run.pixels.data(), 0, run.images));
}

TEST(TimedChip, GivenOffsetWeightsAndNarrowParts_ThenItsLogitsEqualTheUntimedOnesBitForBit) {
    HardwareConfig hw = small_tiles(2);
    hw.crossbar.weights = "offset";
    hw.crossbar.rows = 32;
    hw.adc.columns_per_adc = 4;
    hw.tile.bus_bits = 8;
    hw.tile.vector_lanes = 1;
    hw.noc.flit_bits = 8;
    hw.noc.buffer_flits = 1;
    const TestRun run(hw);
    EXPECT_EQ(run.timed().logits, run.untimed());
}

TEST(TimedChip, GivenSeparateArraysAndMultiBitDacs_ThenLogitsAndCountsAgree) {
    HardwareConfig hw = small_tiles(4);
    hw.crossbar.weights = "separate";
    hw.dac.bits = 3;
    hw.adc.range = "full_scale";
    hw.adc.gain_sigma = 0.01;
    hw.adc.offset_sigma_lsb = 0.5;
    hw.adc.inl_sigma_lsb = 0.5;
    hw.device.read_noise_sigma = 0.02;
    const TestRun run(hw);
    const SimulationResult timed = run.timed();
    EXPECT_EQ(timed.logits, run.untimed());
    expect_equal_counts(run.closed_form().activity, timed.activity);
}

TEST(TimedChip, GivenNonlinearCellsSolvedAtEachRead_ThenItsLogitsEqualTheUntimedOnesBitForBit) {
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 16;
    hw.crossbar.circuit = "exact";
    hw.device.nonlinearity_per_volt = 3.0;
    hw.device.r_access_ohm = 2000;
    hw.dac.bits = 4;
    const TestRun run(hw, R"(
name: small
input: {channels: 2, height: 4, width: 4}
layers:
  - {name: conv, type: conv, out_channels: 3, kernel: 3, activation: relu}
  - {name: logits, type: linear, out_channels: 2}
)", 1);
    EXPECT_EQ(run.timed().logits, run.untimed());
}

TEST(TimedChip, GivenANetwork_ThenEveryCountEqualsTheClosedForm) {
    const TestRun run(small_tiles(3));
    expect_equal_counts(run.closed_form().activity, run.timed().activity);
}

TEST(TimedChip, GivenANetworkWithoutContention_ThenTheEstimateIsWithinOnePercent) {
    const TestRun run(small_tiles(3));
    const auto simulated = static_cast<double>(run.timed().latency_cycles.front());
    EXPECT_NEAR(static_cast<double>(run.closed_form().latency_cycles), simulated, 0.01 * simulated);
}

TEST(TimedChip, GivenImagesOneByOne_ThenEachTakesTheSameTime) {
    const TestRun run(small_tiles(3));
    const SimulationResult result = run.timed();
    ASSERT_EQ(result.latency_cycles.size(), 2u);
    EXPECT_EQ(result.latency_cycles[0], result.latency_cycles[1]);
    EXPECT_EQ(result.cycles, result.latency_cycles[0] + result.latency_cycles[1]);
}

TEST(TimedChip, GivenTracingOnOrOff_ThenNothingElseChanges) {
    const TestRun run(small_tiles(3));
    std::ostringstream vcd;
    VcdWriter writer(vcd, 100, 2000, 1000.0, "test");
    TraceBus bus({&writer});
    const SimulationResult traced = run.timed(&bus);
    EXPECT_EQ(traced.logits, run.untimed());
    expect_equal_counts(run.closed_form().activity, traced.activity);
    EXPECT_NE(vcd.str().find("$scope module xbar_0 $end"), std::string::npos);
    EXPECT_NE(vcd.str().find("#100000\n$dumpvars"), std::string::npos);
}

// One array, one position, by hand: 1 input pixel of 1 byte, 1x1 kernel, 8 outputs.
TEST(TimedChip, GivenOneReadOnOneTile_ThenTheLatencyIsTheSumOfItsStages) {
    HardwareConfig hw;
    hw.crossbar.read_time_ns = 50;
    hw.adc.sample_rate_gsps = 1.0;
    hw.adc.columns_per_adc = 16;
    const TestRun run(hw, "name: n\ninput: {channels: 1, height: 1, width: 1}\n"
                      "layers: [{name: c, type: conv, out_channels: 8, kernel: 1}]", 1);
    const int image = 1 + 3 + 2 - 1 + 1;         // interface, router, head and one payload flit, ejection
    const int fetch = 1;                          // 1 byte on a 384-bit bus
    const int reads = 8 * 50 + 16 + 1;            // bit-serial reads, last sweep of 16 conversions, shift-add
    const int gather = 1;                         // 8 sums of 4 bytes = 256 bits
    const int requantise = 1;                     // 8 channels on 16 lanes
    const int logits = 1 + 3 + (1 + 8) - 1 + 1;   // head and 8 payload flits of 32 bits
    EXPECT_EQ(run.timed().latency_cycles.front(), static_cast<std::uint64_t>(image + fetch + reads + gather + requantise + logits));
    EXPECT_EQ(run.closed_form().latency_cycles, static_cast<std::uint64_t>(image + fetch + reads + gather + requantise + logits));
}

// Two positions on the same array: the second adds exactly eight read intervals, with the sweep hidden or not.
TEST(TimedChip, GivenASecondPosition_ThenItAddsTheSlowerOfReadAndSweepForEachBit) {
    HardwareConfig hw;
    hw.crossbar.read_time_ns = 10;
    hw.adc.sample_rate_gsps = 1.0;
    hw.adc.columns_per_adc = 32;
    const char* two = "name: n\ninput: {channels: 1, height: 1, width: 2}\n"
                      "layers: [{name: c, type: conv, out_channels: 8, kernel: 1}]";
    const TestRun run(hw, two, 1);
    const SimulationResult result = run.timed();
    const auto& layer = result.layers.front();
    EXPECT_EQ(layer.end_cycle - layer.start_cycle, 1u + (10 + 7 * 32 + 32 + 1) + 1 + 1 + 8 * 32);
}

}  // namespace
}  // namespace xloop
