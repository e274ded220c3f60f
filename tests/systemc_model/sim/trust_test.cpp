#include "core/error.hpp"
#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"
#include "tests/traces/scratch_folder.hpp"
#include "traces/vcd/vcd_sink.hpp"

#include <gmock/gmock.h>
#include <algorithm>
#include <string>
#include <vector>

namespace xloop {
namespace {

using test::TimedRun;
using testing::HasSubstr;

constexpr const char* skewed = R"(
name: skewed
input: {channels: 2, height: 8, width: 8}
layers:
  - {name: stem, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: b, type: conv, out_channels: 4, kernel: 3}
  - {name: sum, type: add, inputs: [b, stem], activation: relu}
  - {name: logits, type: linear, out_channels: 3}
)";

TEST(Watchdog, GivenLineBuffersThatForgetRejoiningBranches_ThenItNamesTheCycleOfWaits) {
    HardwareConfig hw = test::pipelined({});
    hw.mapping.line_buffers = LineBuffers::window;
    hw.mapping.line_buffer_slack_rows = 0;
    try {
        TimedRun(hw, skewed, 1).count();
        FAIL() << "the skew between the branches must not fit";
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), HasSubstr("the model stopped at cycle"));
        EXPECT_THAT(e.what(), HasSubstr("cycle of waits"));
        EXPECT_THAT(e.what(), HasSubstr("layer `sum`"));
        EXPECT_THAT(e.what(), HasSubstr("layer `stem`"));
    }
    hw.mapping.line_buffers = LineBuffers::safe;
    EXPECT_GT(TimedRun(hw, skewed, 1).count().cycles, 0u);
}

TEST(Watchdog, GivenALimitBelowOnePosition_ThenTheRunIsGivenUpWithAllQueues) {
    SimulationOptions options;
    options.limits.watchdog_cycles = 700;  // one position takes 8 reads of 100 cycles
    try {
        TimedRun(HardwareConfig{}, skewed, 1).count(options);
        FAIL();
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), HasSubstr("no position was finished for 700 cycles"));
    }
}

TEST(Progress, GivenARun_ThenItIsToldItsShareAndMayBeGivenUp) {
    HardwareConfig hw = test::pipelined({});
    hw.noc.flit_bits = 8;
    double last = 0.0;
    SimulationOptions options;
    options.watch = [&](const StepState& state) {
        EXPECT_GE(state.done, last);
        EXPECT_LE(state.done, 1.0);
        last = state.done;
    };
    TimedRun run(hw, skewed, 20);
    run.count(options);
    EXPECT_GT(last, 0.5);
    options.watch = [](const StepState&) { throw Interrupted("enough"); };
    EXPECT_THROW(run.count(options), Interrupted);
}

TEST(Buffers, GivenExactlyTheBytesNeeded_ThenItRuns_AndWithOneLessItSaysSo) {
    HardwareConfig hw = test::pipelined({});
    hw.mapping.line_buffer_slack_rows = 0;
    const WorkloadGraph graph = test::random_graph(skewed);
    const MappedNetwork network = map_network(graph, hw);
    const FlowPlan plan = make_flow_plan(network);
    std::int64_t needed = 0;
    for (int t = 0; t < network.mapping.tiles(); ++t)
        needed = std::max(needed, plan.buffer_bytes(network, t));
    hw.buffer.bytes = static_cast<int>(needed);
    TimedRun run(hw, graph, 2);
    EXPECT_EQ(run.compute().logits, run.untimed());
    hw.buffer.bytes = static_cast<int>(needed) - 1;
    EXPECT_THROW(TimedRun(hw, graph, 1).count(), InputError);
}

using Trace = test::ScratchFolder;

TEST_F(Trace, GivenTracingOnOrOff_ThenNothingElseChanges) {
    TimedRun run(test::pipelined(test::small_tiles(3)), skewed, 2);
    trace::VcdSink vcd(path("wave.vcd"));
    trace::TraceBus bus({}, {}, trace::TimeWindows({{100'000, 2'000'000}}), {&vcd});
    SimulationOptions traced;
    traced.trace = &bus;
    const SimulationResult with = run.compute(traced), without = run.compute();
    EXPECT_EQ(with.logits, without.logits);
    test::expect_equal_times(with, without);
    test::expect_equal_counts(with.activity, without.activity);
    const std::string text = read_file(path("wave.vcd"));
    EXPECT_THAT(text, HasSubstr("$scope module xbar_0 $end"));
    EXPECT_THAT(text, HasSubstr("#100000\n$dumpvars"));
}

TEST(Copies, GivenVariation_ThenCopiesOfALayerAreDifferentDevices) {
    HardwareConfig hw = test::pipelined({});
    hw.device.programming_sigma = 0.2;
    TimedRun one(hw, skewed, 1);
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"stem=2"};
    TimedRun two(hw, skewed, 1);
    EXPECT_NE(one.compute().logits, two.compute().logits);
    EXPECT_EQ(two.compute().logits, two.untimed());
}

TEST(Hierarchy, GivenAChip_ThenItsModulesHaveTheDocumentedPaths) {
    HardwareConfig hw = test::pipelined({});
    hw.pe.arrays = 2;
    test::fresh_kernel();
    const WorkloadGraph graph = test::random_graph(skewed);
    const MappedNetwork network = map_network(graph, hw);
    std::vector<std::string> missing = {"chip.io",
                                        "chip.noc.router_1_0",
                                        "chip.tile_0_0.buffer",
                                        "chip.tile_0_0.bus",
                                        "chip.tile_0_0.accumulator",
                                        "chip.tile_0_0.vector_unit",
                                        "chip.tile_0_0.controller",
                                        "chip.tile_0_0.network_interface",
                                        "chip.tile_0_0.pe_0.input_register",
                                        "chip.tile_0_0.pe_0.output_register",
                                        "chip.tile_0_0.pe_0.xbar_0.row_drivers",
                                        "chip.tile_0_0.pe_0.xbar_0.sample_hold",
                                        "chip.tile_0_0.pe_0.xbar_0.adc_bank",
                                        "chip.tile_0_0.pe_0.xbar_0.shift_add"};
    simulate({network, 1});  // its modules live until the process ends
    missing.erase(
        std::remove_if(missing.begin(), missing.end(),
                       [](const std::string& path) { return sc_core::sc_find_object(path.c_str()) != nullptr; }),
        missing.end());
    EXPECT_THAT(missing, testing::IsEmpty());
}

TEST(IdleTiles, GivenATwentyTimesLargerMesh_ThenNothingButTheIdleTilesIsAdded) {
    HardwareConfig hw = test::pipelined({});
    hw.noc.mesh_cols = hw.noc.mesh_rows = 3;
    const SimulationResult small = TimedRun(hw, skewed, 1).count();
    hw.noc.mesh_rows = 60;
    const SimulationResult large = TimedRun(hw, skewed, 1).count();
    EXPECT_EQ(small.cycles, large.cycles);
    EXPECT_EQ(small.events, large.events);
    EXPECT_EQ(small.activity.total().events, large.activity.total().events);
}

}  // namespace
}  // namespace xloop
