#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/estimate/quick_estimate.hpp"
#include "tests/systemc_model/cost/cost_tables.hpp"
#include "tests/systemc_model/sim/edge_networks.hpp"
#include "tests/systemc_model/sim/random_hardware.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

#include <cmath>

// A few cases of bench/estimate_grid.
namespace xloop {
namespace {

double error(double estimated, double simulated) { return std::abs(estimated / simulated - 1.0); }

/// Counts are equal; of what the estimate trusts itself with, times are within 5 %. Whether it does.
bool expect_like_the_cycle_model(const test::RandomHardware& drawn, const WorkloadGraph& graph) {
    const test::TimedRun run(drawn.hardware, graph, drawn.images);
    const SimulationResult timed = run.count();
    const Estimate closed_form = estimate(run.network, drawn.images);
    test::expect_equal_counts(closed_form.activity, timed.activity.sizes_only());
    if (!closed_form.contended.empty())
        return false;
    EXPECT_LT(error(static_cast<double>(closed_form.latency_cycles), static_cast<double>(timed.latency_cycles(0))),
              0.05)
        << drawn.text();
    EXPECT_LT(error(static_cast<double>(closed_form.cycles), static_cast<double>(timed.cycles)), 0.05) << drawn.text();
    if (drawn.images > 1) {
        EXPECT_LT(error(static_cast<double>(closed_form.interval_cycles), timed.interval_cycles()), 0.05)
            << drawn.text();
    }
    return true;
}

TEST(EstimateGrid, GivenRandomHardware_ThenUncontendedTimesAreWithin5PercentOfTheCycleModel) {
    const NetworkSpec spec = load_network(XLOOP_SOURCE_DIR "/configs/networks/branches_16x16.yaml");
    const WorkloadGraph graph = build_graph(spec.resolve(spec.largest_path()));
    int trusted = 0;
    constexpr int seeds = 24;
    for (int seed = 0; seed < seeds; ++seed)
        trusted += expect_like_the_cycle_model(test::random_hardware(seed, graph), graph);
    EXPECT_GT(trusted, seeds / 2);
    EXPECT_LT(trusted, seeds);
}

TEST(EstimateGrid, GivenMapsThatAreNotReadToTheirEnds_ThenUncontendedTimesAreWithin5PercentToo) {
    int trusted = 0;
    constexpr int seeds = 12;
    for (const auto& [name, yaml] : test::edge_networks) {
        SCOPED_TRACE(name);
        const WorkloadGraph graph = test::edge_graph(yaml);
        for (int seed = 0; seed < seeds; ++seed)
            trusted += expect_like_the_cycle_model(test::random_hardware(seed, graph, test::edge_rows), graph);
    }
    EXPECT_GT(trusted, static_cast<int>(seeds * std::size(test::edge_networks)) / 3);
}

/// Also where fetches set the pace: narrow buses before fast arrays.
TEST(EstimateGrid, GivenWindowsThatAreReused_ThenUncontendedTimesAreWithin5PercentToo) {
    const NetworkSpec spec = load_network(XLOOP_SOURCE_DIR "/configs/networks/branches_16x16.yaml");
    const WorkloadGraph graph = build_graph(spec.resolve(spec.largest_path()));
    int trusted = 0;
    for (const bool narrow : {false, true})
        for (int seed = 0; seed < 16; ++seed) {
            test::RandomHardware drawn = test::random_hardware(seed, graph);
            drawn.hardware.tile.window_reuse = true;
            if (narrow) {
                drawn.hardware.mapping.schedule = Schedule::layer_by_layer;
                drawn.hardware.tile.bus_bits = 16;
                drawn.hardware.crossbar.read_time_ns = 5;
                drawn.hardware.adc.sample_rate_gsps = 10;
            }
            trusted += expect_like_the_cycle_model(drawn, graph);
        }
    EXPECT_GT(trusted, 16);
}

/// A 1 x 1 convolution of stride 4 reads its last rows long before they are all there.
TEST(Estimate, GivenAMapThatIsNotReadToItsEnd_ThenItFollowsTheChipBeyondTheLastLogit) {
    const WorkloadGraph graph = test::edge_graph(R"(
name: sparse
input: {channels: 16, height: 8, width: 8}
layers:
  - {name: a, type: conv, out_channels: 16, kernel: 3, activation: relu}
  - {name: b, type: conv, out_channels: 32, kernel: 1, stride: 4, padding: 0, activation: relu}
  - {name: logits, type: linear, out_channels: 10}
)");
    const CostTable costs = load_cost_table(test::cost_table_path("generic_22nm"));
    for (const bool rounds : {false, true})
        for (const int images : {1, 4}) {
            HardwareConfig hw = test::pipelined(test::small_tiles(4));
            if (rounds) {
                hw.noc.mesh_cols = 3;
                hw.noc.mesh_rows = 1;
                hw.mapping.oversubscribed = Oversubscribed::rounds;
            }
            const test::TimedRun run(hw, graph, images);
            EXPECT_EQ(run.network.mapping.rounds > 1, rounds);
            const SimulationResult timed = run.count();
            const Estimate figures = estimate(run.network, images);
            EXPECT_GT(timed.cycles, timed.images.back().end + (rounds ? 0 : 1000));
            EXPECT_LT(error(static_cast<double>(figures.cycles), static_cast<double>(timed.cycles)), 0.005);
            EXPECT_LT(error(static_cast<double>(figures.latency_cycles), static_cast<double>(timed.latency_cycles(0))),
                      0.005);
            EXPECT_EQ(QuickEstimator(graph)(hw, {unit_costs(costs, hw)}, images).cycles, figures.cycles);
        }
}

}  // namespace
}  // namespace xloop
