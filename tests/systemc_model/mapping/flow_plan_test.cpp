#include "systemc_model/mapping/flow_plan.hpp"

#include "core/error.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"
#include "tests/systemc_model/mapping/untimed_flow.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace xloop {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

WorkloadGraph graph_of(const std::string& layers, int width = 16) {
    return build_graph(parse_network(
        fmt::format("name: test\ninput: {{channels: 4, height: {0}, width: {0}}}\nlayers:\n{1}", width, layers),
        "test.yaml"));
}

WorkloadGraph graph_of_file(const std::string& name) {
    return build_graph(load_network(XLOOP_SOURCE_DIR "/configs/networks/" + name + ".yaml"));
}

/// Line buffers without slack, in buffers without end.
HardwareConfig tight_hardware() {
    HardwareConfig hw;
    hw.mapping.schedule = Schedule::pipelined;
    hw.mapping.line_buffer_slack_rows = 0;
    hw.buffer.bytes = 1 << 26;
    return hw;
}

int index_of(const WorkloadGraph& graph, const std::string& name) {
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
        if (graph.layers[l].name == name)
            return static_cast<int>(l);
    return -1;
}

/// The only stream of `producer` that `reader` reads.
const Stream& stream_between(const WorkloadGraph& graph, const FlowPlan& plan, const std::string& producer,
                             const std::string& reader) {
    for (const Stream& stream : plan.streams)
        if (stream.producer == index_of(graph, producer))
            for (int t : stream.tasks)
                if (plan.tasks[static_cast<std::size_t>(t)].layer == index_of(graph, reader))
                    return stream;
    throw Error("no such stream");
}

int capacity(const WorkloadGraph& graph, const HardwareConfig& hw, const std::string& producer,
             const std::string& reader) {
    const FlowPlan plan = make_flow_plan(map_network(graph, hw));
    return stream_between(graph, plan, producer, reader).capacity;
}

constexpr const char* chain = R"(
  - {name: a, type: conv, out_channels: 4, kernel: 1, activation: relu}
  - {name: same, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: five, type: conv, out_channels: 4, kernel: 5, activation: relu}
  - {name: half, type: conv, out_channels: 4, kernel: 3, stride: 2, activation: relu}
  - {name: pool, type: max_pool, kernel: 2, stride: 2}
  - {name: point, type: conv, out_channels: 4, kernel: 1, stride: 2, activation: relu}
  - {name: logits, type: linear, out_channels: 10}
)";

TEST(LineBuffers, GivenAChain_ThenAStreamHoldsTheSpanOfAWindow) {
    const WorkloadGraph graph = graph_of(chain);  // maps 16 wide, 8 behind `half`, 4 behind `pool`, 2 behind `point`
    const HardwareConfig hw = tight_hardware();
    EXPECT_EQ(capacity(graph, hw, "a", "same"), 2 * 16 + 3);
    EXPECT_EQ(capacity(graph, hw, "same", "five"), 4 * 16 + 5);
    EXPECT_EQ(capacity(graph, hw, "five", "half"), 2 * 16 + 3);
    EXPECT_EQ(capacity(graph, hw, "half", "pool"), 8 + 2);
    EXPECT_EQ(capacity(graph, hw, "pool", "point"), 1);
    EXPECT_EQ(capacity(graph, hw, "point", "logits"), 2 * 2);
}

TEST(LineBuffers, GivenAnImageThatIsSentRowByRow_ThenItsStreamHoldsWholeRows) {
    const HardwareConfig hw = tight_hardware();
    const WorkloadGraph graph = graph_of(R"(
  - {name: first, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: logits, type: linear, out_channels: 10}
)");
    EXPECT_EQ(capacity(graph, hw, "input", "first"), 3 * 16);
}

TEST(LineBuffers, GivenSlack_ThenWholeRowsOfTheMapAreAdded) {
    const WorkloadGraph graph = graph_of(chain);
    HardwareConfig hw = tight_hardware();
    hw.mapping.line_buffer_slack_rows = 3;
    EXPECT_EQ(capacity(graph, hw, "a", "same"), 2 * 16 + 3 + 3 * 16);
    EXPECT_EQ(capacity(graph, hw, "half", "pool"), 8 + 2 + 3 * 8);
}

constexpr const char* residual = R"(
  - {name: stem, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: b, type: conv, out_channels: 4, kernel: 3}
  - {name: sum, type: add, inputs: [b, stem], activation: relu}
  - {name: logits, type: linear, out_channels: 10}
)";

TEST(LineBuffers, GivenTwoConvolutionsBesideAnIdentity_ThenTheIdentityHoldsTheSkewBetweenThem) {
    // Position p of the sum waits for p + (W + 1) of `a`, which waits for p + 2 (W + 1) of `stem`.
    EXPECT_EQ(capacity(graph_of(residual), tight_hardware(), "stem", "sum"), 2 * (16 + 1) + 1);
}

TEST(LineBuffers, GivenFourConvolutionsBesideAnIdentity_ThenTheSkewIsTwiceThatOfTwo) {
    EXPECT_EQ(capacity(graph_of_file("branches_16x16"), tight_hardware(), "stem", "join"), 4 * (16 + 1) + 1);
}

TEST(LineBuffers, GivenCopiesSideBySide_ThenTheirWindowsFitTogether) {
    const WorkloadGraph graph = graph_of(chain);
    HardwareConfig hw = tight_hardware();
    hw.mapping.replication = Replication::list;
    hw.mapping.replicas = {"a=4", "same=3"};
    // The window of the third copy ends 3 positions behind that of the first, when that one is cut off by the end of the
    // row; three more copies of `a` have a position each under way.
    EXPECT_EQ(capacity(graph, hw, "a", "same"), 2 * 16 + 3 + 3 + (4 - 1));
}

TEST(LineBuffers, GivenLayerByLayer_ThenStreamsHoldWholeMaps) {
    HardwareConfig hw = tight_hardware();
    hw.mapping.schedule = Schedule::layer_by_layer;
    EXPECT_EQ(capacity(graph_of(chain), hw, "a", "same"), 16 * 16);
}

struct FlowCase {
    std::string name;
    WorkloadGraph graph;
    HardwareConfig hardware;
};

std::vector<FlowCase> flow_cases() {
    std::vector<FlowCase> cases;
    const auto add = [&](const std::string& name, WorkloadGraph graph, auto change) {
        HardwareConfig hw = tight_hardware();
        hw.crossbar.rows = hw.crossbar.cols = 128;
        hw.pe.arrays = 4;
        change(hw);
        cases.push_back({name, std::move(graph), hw});
    };
    const auto nothing = [](HardwareConfig&) {};
    const auto automatic = [](HardwareConfig& hw) {
        hw.mapping.replication = Replication::automatic;
        hw.mapping.array_budget = 900;
    };
    add("chain", graph_of(chain), nothing);
    add("residual", graph_of(residual), nothing);
    add("all kinds", build_graph(parse_network(test::all_kinds, "test.yaml")), nothing);
    add("small arrays", build_graph(parse_network(test::all_kinds, "test.yaml")), [](HardwareConfig& hw) {
        hw.crossbar.rows = hw.crossbar.cols = 16;
        hw.tile.pes = 3;
        hw.pe.arrays = 1;
    });
    add("branches", graph_of_file("branches_16x16"), nothing);
    add("branches, copies", graph_of_file("branches_16x16"), automatic);
    add("branches, listed copies on shared tiles", graph_of_file("branches_16x16"), [](HardwareConfig& hw) {
        hw.mapping.replication = Replication::list;
        hw.mapping.replicas = {"stem=7", "deep_2=3", "deep_4=5", "half_shortcut=9"};
        hw.mapping.tiles = TileSharing::shared;
        hw.tile.pes = 5;
    });
    add("residual_16x16, copies", graph_of_file("residual_16x16"), automatic);
    add("mobile block", graph_of_file("mobile_block_32x32"), nothing);
    add("vgg8", graph_of_file("vgg8_32x32"), nothing);
    add("resnet18", graph_of_file("resnet18_32x32"), nothing);
    return cases;
}

TEST(UntimedFlow, GivenSafeLineBuffersWithoutSlack_ThenAllImagesPassInAnyOrder) {
    for (const FlowCase& c : flow_cases()) {
        const MappedNetwork network = map_network(c.graph, c.hardware);
        const FlowPlan plan = make_flow_plan(network);
        for (int under_way : {1, 4})
            for (bool falling : {false, true})
                EXPECT_TRUE(test::UntimedFlow(c.graph, network.mapping, plan, 3, under_way).finishes(falling))
                    << c.name << ", " << under_way;
    }
}

TEST(UntimedFlow, GivenRounds_ThenEachRoundPasses) {
    const WorkloadGraph graph = graph_of_file("branches_16x16");
    HardwareConfig hw = tight_hardware();
    hw.noc.mesh_cols = hw.noc.mesh_rows = 2;
    hw.mapping.oversubscribed = Oversubscribed::rounds;
    const MappedNetwork network = map_network(graph, hw);
    const Mapping& mapping = network.mapping;
    ASSERT_GE(mapping.rounds, 2);
    for (int round = 0; round < mapping.rounds; ++round) {
        const FlowPlan plan = make_flow_plan(network, round);
        EXPECT_TRUE(test::UntimedFlow(graph, mapping, plan, 2, 4).finishes()) << round;
    }
}

TEST(UntimedFlow, GivenASkipStreamOnePlaceSmaller_ThenTheFlowStopsForEver) {
    for (const char* name : {"branches_16x16", "residual_16x16", "resnet18_32x32"}) {
        const WorkloadGraph graph = graph_of_file(name);
        HardwareConfig hw = tight_hardware();
        const MappedNetwork network = map_network(graph, hw);
        const Mapping& mapping = network.mapping;
        FlowPlan plan = make_flow_plan(network);
        // An identity: it ends in an addition and begins at the layer that also feeds the other branch.
        Stream* skip = nullptr;
        for (Stream& stream : plan.streams) {
            const int reader = plan.tasks[static_cast<std::size_t>(stream.tasks.front())].layer;
            if (stream.producer >= 0 && stream.tasks.size() == 1 && graph.consumers(stream.producer).size() > 1 &&
                graph.layers[static_cast<std::size_t>(reader)].kind == LayerKind::add &&
                (!skip || stream.capacity > skip->capacity))
                skip = &stream;
        }
        ASSERT_NE(skip, nullptr) << name;
        --skip->capacity;
        // No position may wait inside a task, where it would take the place that the stream lacks.
        EXPECT_FALSE(test::UntimedFlow(graph, mapping, plan, 1, 1).finishes()) << name;
    }
}

TEST(UntimedFlow, GivenLineBuffersOfAWindow_ThenAChainPassesAndRejoiningBranchesStopForEver) {
    HardwareConfig hw = tight_hardware();
    hw.mapping.line_buffers = LineBuffers::window;
    const auto finishes = [&](const WorkloadGraph& graph) {
        const MappedNetwork network = map_network(graph, hw);
        const Mapping& mapping = network.mapping;
        const FlowPlan plan = make_flow_plan(network);
        return test::UntimedFlow(graph, mapping, plan, 2, 4).finishes();
    };
    EXPECT_TRUE(finishes(graph_of(chain)));
    EXPECT_FALSE(finishes(graph_of(residual)));
    EXPECT_FALSE(finishes(graph_of_file("branches_16x16")));
}

TEST(FlowPlan, GivenALayerOverSeveralTiles_ThenEachReadsAStreamOfItsOwnAndOneIsHome) {
    const WorkloadGraph graph = build_graph(parse_network(test::all_kinds, "test.yaml"));
    HardwareConfig hw = tight_hardware();
    hw.tile.pes = 1;
    const MappedNetwork network = map_network(graph, hw);
    const Mapping& mapping = network.mapping;
    const FlowPlan plan = make_flow_plan(network);
    const int half = index_of(graph, "half");
    const std::vector<int> tasks = plan.tasks_of(half);
    ASSERT_GT(tasks.size(), 1u);
    EXPECT_EQ(plan.streams_of(index_of(graph, "sum")).size(), tasks.size());
    int homes = 0;
    std::int64_t covered = 0;
    for (int t : tasks) {
        const FlowTask& task = plan.tasks[static_cast<std::size_t>(t)];
        homes += task.home;
        covered += static_cast<std::int64_t>(task.work.blocks.size());
        ASSERT_EQ(task.streams.size(), 1u);
        EXPECT_EQ(plan.streams[static_cast<std::size_t>(task.streams[0])].tile, task.tile);
    }
    EXPECT_EQ(homes, 1);
    EXPECT_EQ(covered,
              static_cast<std::int64_t>(mapping.layers[static_cast<std::size_t>(half)].copies[0].blocks.size()));
    EXPECT_THAT(plan.imports, ElementsAre(-1));
    EXPECT_THAT(plan.exports, ElementsAre(index_of(graph, "logits")));
}

TEST(FlowPlan, GivenRounds_ThenMapsThatLaterRoundsReadAreExportedAndImported) {
    const WorkloadGraph graph = graph_of(residual);
    HardwareConfig hw = tight_hardware();
    hw.noc.mesh_cols = 3;
    hw.noc.mesh_rows = 1;
    hw.mapping.oversubscribed = Oversubscribed::rounds;
    const MappedNetwork network = map_network(graph, hw);
    const Mapping& mapping = network.mapping;  // stem, a, b, sum | logits takes more than a tile
    ASSERT_EQ(mapping.rounds, 2);
    const int sum = index_of(graph, "sum"), logits = index_of(graph, "logits");
    EXPECT_EQ(mapping.layers[static_cast<std::size_t>(logits)].round, 1);
    const FlowPlan first = make_flow_plan(network, 0), second = make_flow_plan(network, 1);
    EXPECT_THAT(first.imports, ElementsAre(-1));
    EXPECT_THAT(first.exports, ElementsAre(sum));
    EXPECT_THAT(second.imports, ElementsAre(sum));
    EXPECT_THAT(second.exports, ElementsAre(logits));
    EXPECT_THAT(first.sources(mapping, sum), ElementsAre(mapping.layers[static_cast<std::size_t>(sum)].copies[0].home));
    EXPECT_THAT(second.sources(mapping, sum), ElementsAre(mapping.io_node()));
    EXPECT_THAT(first.receivers(mapping, sum, 0), ElementsAre(mapping.io_node()));
    EXPECT_TRUE(second.tasks_of(sum).empty());
}

TEST(FlowPlan, GivenATile_ThenItsBytesAreItsStreamsAndItsPositionsUnderWay) {
    const WorkloadGraph graph = graph_of(residual);
    const HardwareConfig hw = tight_hardware();
    const MappedNetwork network = map_network(graph, hw);
    const Mapping& mapping = network.mapping;
    const FlowPlan plan = make_flow_plan(network);
    // `sum` runs on the tile of `b`: streams a -> b, b -> sum, stem -> sum of 4 bytes a position; two homes.
    const int tile = mapping.layers[static_cast<std::size_t>(index_of(graph, "b"))].copies[0].home;
    EXPECT_EQ(plan.buffer_bytes(network, tile), 4 * (2 * 16 + 3) + 4 * 1 + 4 * (2 * 16 + 3) + 2 * 4 * 4);
}

TEST(FlowPlan, GivenABufferThatIsTooSmall_ThenTheMessageNamesTileBytesAndStreams) {
    const WorkloadGraph graph = graph_of(R"(
  - {name: stem, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: b, type: conv, out_channels: 4, kernel: 3}
  - {name: sum, type: add, inputs: [b, stem], activation: relu}
  - {name: last, type: conv, out_channels: 4, kernel: 1}
)");
    HardwareConfig hw = tight_hardware();
    hw.buffer.bytes = 300;
    try {
        make_flow_plan(map_network(graph, hw));
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("needs 316 bytes"));
        EXPECT_THAT(e.what(), HasSubstr("buffer.bytes is 300"));
        EXPECT_THAT(e.what(), HasSubstr("`stem` -> `sum` (35 positions, 140 bytes)"));
        EXPECT_THAT(e.what(), HasSubstr("spread the layers"));
    }
    hw.mapping.schedule = Schedule::layer_by_layer;
    try {
        make_flow_plan(map_network(graph, hw));
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("mapping.schedule: pipelined"));
    }
}

}  // namespace
}  // namespace xloop
