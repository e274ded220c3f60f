#include "apps/experiment.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

#include <algorithm>

// The networks that the repository brings, on the hardware that their experiments name.
namespace xloop {
namespace {

using test::TimedRun;

ExperimentConfig experiment(const std::string& name, const std::vector<std::string>& changes = {}) {
    return load_experiment(XLOOP_SOURCE_DIR "/configs/experiments/" + name + ".yaml", changes).config;
}

WorkloadGraph network_of(const ExperimentConfig& config) {
    const NetworkSpec spec = load_network(config.network);
    WorkloadGraph graph = build_graph(spec.resolve(spec.largest_path()));
    randomise_weights(graph, 1);
    return graph;
}

struct Case {
    const char* name;
    const char* experiment;
    std::vector<std::string> changes;
    double tolerance;  ///< of the estimate's cycles
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

const std::vector<std::string> layer_by_layer = {"mapping.schedule=layer_by_layer", "buffer.bytes=1048576"};

const Case cases[] = {
    {"vgg8_pipelined", "vgg8", {}, 0.02},
    {"vgg8_layer_by_layer", "vgg8", layer_by_layer, 0.02},
    {"resnet18_pipelined", "resnet18", {}, 0.03},
    {"resnet18_layer_by_layer", "resnet18", layer_by_layer, 0.02},
    {"resnet18_copies",
     "resnet18",
     {"mapping.replication=list", "mapping.replicas=[stem=4, stage1_1_a=4, stage1_1_b=4, stage1_2_a=4, stage1_2_b=4]"},
     0.05},
    {"resnet20_pipelined", "resnet20", {"mapping.schedule=pipelined"}, 0.01},
    {"resnet20_layer_by_layer", "resnet20", {}, 0.01},
    {"mobile_block_pipelined", "mobile_block", {}, 0.01},
    {"mobile_block_layer_by_layer", "mobile_block", layer_by_layer, 0.01},
    {"mobile_block_packed", "mobile_block", {"mapping.group_packing=diagonal"}, 0.01},
    {"vgg8_reuse", "vgg8", {"tile.window_reuse=true"}, 0.02},
    {"resnet20_reuse", "resnet20", {"mapping.schedule=pipelined", "tile.window_reuse=true"}, 0.01},
    {"mobile_block_packed_reuse", "mobile_block", {"mapping.group_packing=diagonal", "tile.window_reuse=true"}, 0.01},
    {"branches_pipelined", "branches", {}, 0.01},
    {"branches_rounds", "branches", {"mapping.oversubscribed=rounds", "noc.mesh_cols=2", "noc.mesh_rows=2"}, 0.01},
};

class Networks : public testing::TestWithParam<Case> {};

TEST_P(Networks, RunWithTheEstimatesCountsAndNearItsCycles) {
    const ExperimentConfig config = experiment(GetParam().experiment, GetParam().changes);
    const TimedRun run(config.hardware, network_of(config), 2);
    const SimulationResult timed = run.count();
    const Estimate closed_form = estimate(run.network, 2);
    test::expect_equal_counts(closed_form.activity, timed.activity.sizes_only());
    const double error = static_cast<double>(closed_form.cycles) / static_cast<double>(timed.cycles) - 1.0;
    RecordProperty("cycles", std::to_string(timed.cycles));
    RecordProperty("estimate_error_percent", std::to_string(100.0 * error));
    EXPECT_LT(std::abs(error), GetParam().tolerance);
}

INSTANTIATE_TEST_SUITE_P(All, Networks, testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(NetworksWithValues, GivenBranchesAndADepthwiseNetwork_ThenLogitsEqualTheUntimedOnesBitForBit) {
    for (const char* name : {"branches", "mobile_block"}) {
        const ExperimentConfig config = experiment(name);
        TimedRun run(config.hardware, network_of(config), 2);
        EXPECT_EQ(run.compute().logits, run.untimed()) << name;
    }
}

// Shafiee et al., ISCA 2016: a position takes 22 stages of 100 ns (buffer read, 16 reads, conversion, shift-and-add, output
// register to the tile's adders, activation, buffer write), and the next one starts 16 stages later.
TEST(Isaac, GivenOneLayer_ThenPositionsTake22StagesAndFollowEvery16) {
    const ExperimentConfig config = experiment("isaac_step");
    const TimedRun run(config.hardware, network_of(config), 1);
    const SimulationResult::Layer layer = run.count().layers.front();
    const std::uint64_t stage = 100, positions = 36, reading_it_out = stage;
    EXPECT_EQ(layer.images[0].length(), 22 * stage + (positions - 1) * 16 * stage + reading_it_out);
}

}  // namespace
}  // namespace xloop
