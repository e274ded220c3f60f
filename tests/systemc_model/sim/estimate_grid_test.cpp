#include "systemc_model/estimate/estimate.hpp"
#include "tests/systemc_model/sim/random_hardware.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

#include <cmath>

// A few cases of bench/estimate_grid.
namespace xloop {
namespace {

double error(double estimated, double simulated) { return std::abs(estimated / simulated - 1.0); }

TEST(EstimateGrid, GivenRandomHardware_ThenUncontendedTimesAreWithin5PercentOfTheCycleModel) {
    const NetworkSpec spec = load_network(XLOOP_SOURCE_DIR "/configs/networks/branches_16x16.yaml");
    const WorkloadGraph graph = build_graph(spec.resolve(spec.largest_path()));
    int trusted = 0;
    constexpr int seeds = 24;
    for (int seed = 0; seed < seeds; ++seed) {
        const test::RandomHardware drawn = test::random_hardware(seed, graph);
        const test::TimedRun run(drawn.hardware, graph, drawn.images);
        const SimulationResult timed = run.count();
        const Estimate closed_form = estimate(run.network, drawn.images);
        test::expect_equal_counts(closed_form.activity, timed.activity.sizes_only());
        if (!closed_form.contended.empty())
            continue;
        ++trusted;
        EXPECT_LT(error(static_cast<double>(closed_form.latency_cycles), static_cast<double>(timed.latency_cycles(0))),
                  0.05)
            << drawn.text();
        if (drawn.images == 1)
            continue;
        EXPECT_LT(error(static_cast<double>(closed_form.interval_cycles), timed.interval_cycles()), 0.05)
            << drawn.text();
    }
    EXPECT_GT(trusted, seeds / 2);
    EXPECT_LT(trusted, seeds);
}

}  // namespace
}  // namespace xloop
