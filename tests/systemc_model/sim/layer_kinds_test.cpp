#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/sim/chip_model.hpp"
#include "systemc_model/sim/simulate.hpp"
#include "tests/systemc_model/sim/timed_run.hpp"

// Whatever a network file can say runs on every engine with the same logits and the counts of the estimate.
namespace xloop {
namespace {

using test::TimedRun;

/// Integer executor, untimed chip, cycle model with values, estimate; in both schedules, with copies of the first layer.
void expect_agreement(const WorkloadGraph& graph) {
    for (Schedule schedule : {Schedule::pipelined, Schedule::layer_by_layer}) {
        HardwareConfig hw = test::perfect_hardware();
        hw.mapping.schedule = schedule;
        hw.mapping.replication = Replication::list;
        hw.mapping.replicas = {graph.layers.front().name + "=3"};
        TimedRun run(hw, graph, 2);
        const SimulationResult timed = run.compute();
        const auto exact = run_images(graph, IntegerEngine(graph), run.pixels.data(), 0, 2);
        EXPECT_EQ(timed.logits, exact) << name_of(schedule);
        EXPECT_EQ(run.untimed(), exact) << name_of(schedule);
        const Estimate closed_form = estimate(run.network, 2);
        test::expect_equal_counts(closed_form.activity, timed.activity.sizes_only());
        EXPECT_NEAR(static_cast<double>(closed_form.cycles), static_cast<double>(timed.cycles),
                    0.1 * static_cast<double>(timed.cycles))
            << name_of(schedule);
    }
}

/// With noise and wires there is nothing to compare with but the two runs of the same chip.
void expect_equal_bits(const WorkloadGraph& graph) {
    HardwareConfig hw = test::pipelined(test::small_tiles(1));
    hw.adc.noise_sigma_lsb = 0.5;
    TimedRun run(hw, graph, 2);
    EXPECT_EQ(run.compute().logits, run.untimed());
}

class EachKind : public testing::TestWithParam<std::size_t> {};

TEST_P(EachKind, GivenANetworkWithIt_ThenAllEnginesAgree) {
    const WorkloadGraph graph = test::random_graph(test::network_with(static_cast<LayerKind>(GetParam())));
    expect_agreement(graph);
    expect_equal_bits(graph);
}

INSTANTIATE_TEST_SUITE_P(All, EachKind, testing::Range<std::size_t>(0, layer_kind_count),
                         [](const auto& tested) { return std::string(name_of(static_cast<LayerKind>(tested.param))); });

TEST(Gated, GivenSignedMapsGatesAndAPoolAsOutput_ThenAllEnginesAgree) {
    const WorkloadGraph graph = test::random_graph(test::gated);
    ASSERT_FALSE(graph.layers.back().on_crossbars());
    ASSERT_GT(graph.layers[1].output_zero_point, 0) << "means of silu may be negative, and an array reads them";
    const auto logits = run_images(graph, IntegerEngine(graph), test::random_pixels(graph.input.size(), 5).data(), 0, 1);
    EXPECT_GT(*std::max_element(logits[0].begin(), logits[0].end()), 0) << "logits that say nothing";
    expect_agreement(graph);
    expect_equal_bits(graph);
}

TEST(UnknownKind, GivenAKindWithoutARow_ThenEveryEngineStopsAndNamesIt) {
    MappedNetwork network = map_network(test::random_graph(test::network_with(LayerKind::avg_pool)), HardwareConfig{});
    network.graph.layers[1].kind = test::unknown_kind;
    const auto error_of = [](const auto& work) -> std::string {
        try {
            work();
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    const auto expect_named = [](const std::string& error) {
        EXPECT_NE(error.find("layer kind 99"), std::string::npos) << error;
    };
    expect_named(error_of([&] { map_network(network.graph, network.hardware); }));
    expect_named(error_of([&] { Chip chip(network); }));
    expect_named(error_of([&] { estimate(network, 1); }));
    expect_named(error_of([&] {
        test::fresh_kernel();
        simulate({network, 1});
    }));
}

class OddWindows : public testing::TestWithParam<const char*> {};

TEST_P(OddWindows, GivenAConvolution_ThenAllEnginesAgree) {
    const WorkloadGraph graph =
        test::random_graph(std::string("name: odd\ninput: {channels: 2, height: 9, width: 10}\nlayers:\n"
                                       "  - {name: first, type: conv, out_channels: 4, activation: relu, ") +
                           GetParam() + "}\n  - {name: second, type: conv, out_channels: 3, activation: relu, " +
                           GetParam() + "}\n  - {name: logits, type: linear, out_channels: 5}\n");
    expect_agreement(graph);
    expect_equal_bits(graph);
}

TEST_P(OddWindows, GivenALargestValue_ThenAllEnginesAgree) {
    expect_agreement(
        test::random_graph(std::string("name: odd\ninput: {channels: 2, height: 9, width: 10}\nlayers:\n"
                                       "  - {name: stem, type: conv, out_channels: 4, kernel: 3, activation: relu}\n"
                                       "  - {name: pool, type: max_pool, ") +
                           GetParam() + "}\n  - {name: logits, type: linear, out_channels: 5}\n"));
}

INSTANTIATE_TEST_SUITE_P(All, OddWindows,
                         testing::Values("kernel_hw: [1, 7]", "kernel_hw: [7, 1]", "kernel: 2, stride: 2, padding: 0",
                                         "kernel: 4, padding: [1, 2, 2, 1]", "kernel: 3, dilation: 2, padding: 1",
                                         "kernel: 3, stride: [2, 1]", "kernel: 3, padding: [0, 0, 2, 1]",
                                         "kernel_hw: [2, 3], stride: [1, 2], dilation: [3, 2], padding: [2, 0, 1, 3]"));

TEST(Outputs, GivenTwoHeads_ThenAllEnginesGiveTheLogitsOfBothInOrder) {
    const WorkloadGraph graph = test::random_graph(R"(
name: heads
input: {channels: 2, height: 6, width: 6}
outputs: [far, near]
layers:
  - {name: stem, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: near, type: conv, out_channels: 3, kernel: 3, stride: 3}
  - {name: deep, type: conv, inputs: [stem], out_channels: 4, kernel: 3, activation: relu}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: far, type: linear, out_channels: 5}
)");
    expect_agreement(graph);
    expect_equal_bits(graph);
    // Each layer in a round of its own: the heads' logits leave the chip in different rounds.
    HardwareConfig hw = test::small_tiles(1);
    hw.noc.mesh_cols = hw.noc.mesh_rows = 1;
    hw.pe.arrays = 1;
    hw.mapping.oversubscribed = Oversubscribed::rounds;
    TimedRun run(hw, graph, 2);
    ASSERT_GT(run.network.mapping.rounds, 2);
    EXPECT_EQ(run.compute().logits, run.untimed());

    // An image is done once, with the last of its heads.
    test::fresh_kernel();
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
    int done = 0;
    static auto& model = *new sim::ChipModel("chip", {run.network, 2}, {}, [&](int count) { done = count; });
    for (int image = 0; image < 2; ++image)
        model.io().add_image(nullptr, 0);
    for (int round = 0; round < run.network.mapping.rounds; ++round) {
        model.begin_round(round, model.now());
        sc_core::sc_start();
        model.rethrow();
        model.end_round(model.now());
    }
    EXPECT_EQ(done, 2);
}

/// Sums of weights x (stored value - zero point) over a 3 x 3 window with one position of padding, which is real 0.
std::vector<int> convolved(const std::vector<int>& map, int size, int zero_point, const std::vector<std::int8_t>& w) {
    std::vector<int> sums;
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) {
            int sum = 0;
            for (int ky = 0; ky < 3; ++ky)
                for (int kx = 0; kx < 3; ++kx)
                    if (const int iy = y + ky - 1, ix = x + kx - 1; iy >= 0 && iy < size && ix >= 0 && ix < size)
                        sum += w[static_cast<std::size_t>(ky * 3 + kx)] *
                               (map[static_cast<std::size_t>(iy * size + ix)] - zero_point);
            sums.push_back(sum);
        }
    return sums;
}

void set_weights(GraphLayer& layer, const std::vector<std::int8_t>& w, int bias, int zero_point) {
    int sum = 0;
    for (int one : w)
        sum += one;
    layer.weights = std::make_shared<const std::vector<std::int8_t>>(w);
    layer.bias = std::make_shared<const std::vector<std::int32_t>>(1, bias - zero_point * sum);
}

TEST(ZeroPoints, GivenAPaddedConvolutionOverASignedMap_ThenAllEnginesGiveTheSumsByHand) {
    constexpr int size = 4, input_zero = 128, middle_zero = 100;
    WorkloadGraph graph = test::random_graph(R"(
name: signed
input: {channels: 1, height: 4, width: 4}
layers:
  - {name: first, type: conv, out_channels: 1, kernel: 3, activation: relu}
  - {name: logits, type: conv, out_channels: 1, kernel: 3}
)");
    const std::vector<std::int8_t> w1 = {3, -1, 2, 0, -4, 1, 2, 1, -3}, w2 = {-2, 1, 1, 5, -3, 0, 1, 2, 4};
    graph.input_zero_point = input_zero;
    GraphLayer& first = graph.layers[0];
    first.activation = ActivationFunction::none;
    first.output_zero_point = middle_zero;
    first.rescale = {Rescale::from_real(0.125)};
    set_weights(first, w1, 7, input_zero);
    set_weights(graph.layers[1], w2, -20, middle_zero);
    check_layer(graph, first);
    check_layer(graph, graph.layers[1]);
    const TimedRun run(test::perfect_hardware(), graph, 2);
    const auto logits = run_images(graph, IntegerEngine(graph), run.pixels.data(), 0, 1).front();
    std::vector<int> middle, negative;
    for (int sum : convolved({run.pixels.begin(), run.pixels.begin() + size * size}, size, input_zero, w1))
        middle.push_back(
            std::clamp((sum + 7 + 4 >= 0 ? (sum + 11) / 8 : -((-(sum + 11) + 7) / 8)) + middle_zero, 0, 255));
    EXPECT_LT(*std::min_element(middle.begin(), middle.end()), middle_zero) << "the map has negative values";
    std::vector<std::int32_t> expected;
    for (int sum : convolved(middle, size, middle_zero, w2))
        expected.push_back(sum - 20);
    EXPECT_EQ(logits, expected);
    expect_agreement(graph);
}

TEST(ZeroPoints, GivenOneOnEveryEdge_ThenAllEnginesAgree) {
    for (const char* network : {test::all_kinds, test::all_activations, test::gated}) {
        WorkloadGraph graph = test::random_graph(network);
        graph.input_zero_point = 20;
        for (std::size_t l = 0; l < graph.layers.size(); ++l) {
            GraphLayer& layer = graph.layers[l];
            const bool keeps = layer.traits().factors == FactorRule::none;
            layer.output_zero_point =
                keeps ? graph.edge(layer.inputs.front()).zero_point : 30 + 10 * static_cast<int>(l);
            layer.output_signed = false;
            layer.make_table();
            check_layer(graph, layer);
        }
        expect_agreement(graph);
        expect_equal_bits(graph);
    }
}

}  // namespace
}  // namespace xloop
