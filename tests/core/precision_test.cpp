#include "core/workload/precision.hpp"

#include "core/workload/digital.hpp"
#include "core/workload/executor.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace xloop {
namespace {

void narrow(WorkloadGraph& graph, int weights, int activations) {
    set_precision(graph, std::vector<LayerBits>(graph.layers.size(), {weights, activations}));
}

std::vector<int> output_bits(const WorkloadGraph& graph) {
    std::vector<int> bits;
    for (const GraphLayer& layer : graph.layers)
        if (!layer.is_output)
            bits.push_back(layer.output_bits);
    return bits;
}

/// `stem` is read by a pool and an addition, `left` is signed.
constexpr const char* shared_map = R"(
name: shared_map
input: {channels: 2, height: 4, width: 4}
layers:
  - {name: stem, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: peak, type: max_pool, kernel: 1}
  - {name: left, type: conv, out_channels: 4, kernel: 1}
  - {name: sum, type: add, inputs: [stem, left], activation: relu}
  - {name: logits, type: linear, out_channels: 3}
)";

TEST(Widths, GivenReadersThatDiffer_ThenAMapHasTheMostBitsAndAPoolThoseOfItsInput) {
    for (bool with_weights : {false, true}) {
        WorkloadGraph graph = build_graph(parse_network(shared_map, "test.yaml"));
        if (with_weights)
            randomise_weights(graph, 1);
        set_precision(graph, {{3, 6}, {0, 0}, {4, 2}, {0, 5}, {5, 1}});
        EXPECT_EQ(graph.input_bits, 6);
        EXPECT_THAT(output_bits(graph), testing::ElementsAre(5, 5, 5, 1));
        EXPECT_EQ(graph.layers[0].weight_bits, 3);
        EXPECT_EQ(graph.layers[2].weight_bits, 4);
        EXPECT_EQ(graph.layers[4].weight_bits, 5);
        set_precision(graph, std::vector<LayerBits>(5, {12, 12}));
        EXPECT_THAT(output_bits(graph), testing::ElementsAre(5, 5, 5, 1)) << "what was narrowed stays so";
    }
}

TEST(Widths, GivenOneBitEdges_ThenSignedOnesKeepTwo) {
    WorkloadGraph graph = test::random_graph(shared_map);
    narrow(graph, 1, 1);
    EXPECT_THAT(output_bits(graph), testing::ElementsAre(1, 1, 2, 1));
}

/// One weight an output, input values as they are.
struct TwoLayers {
    WorkloadGraph graph = test::random_graph(
        "name: n\ninput: {channels: 1, height: 1, width: 2}\nlayers:\n"
        "  - {name: c, type: conv, out_channels: 3, kernel: 1, activation: relu}\n"
        "  - {name: l, type: linear, out_channels: 1}");
    GraphLayer& conv = graph.layers[0];
    GraphLayer& linear = graph.layers[1];
    TwoLayers() {
        set(conv, {127, -64, 20}, {50, -400, 9});
        conv.rescale.assign(3, Rescale::from_real(1.0 / 64));
        conv.adc_range_levels = linear.adc_range_levels = 12.5;
        set(linear, {127, -127, 70, 9, -9, 10}, {1000});
    }
    static void set(GraphLayer& layer, std::vector<std::int8_t> weights, std::vector<std::int32_t> bias) {
        layer.weights = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
        layer.bias = std::make_shared<const std::vector<std::int32_t>>(std::move(bias));
    }
};

// A step grows by 127/7 = 18.14; 64 is 3.53, 20 is 1.10 of the new ones, the biases 2.76, -22.05 and 0.50.
TEST(Requantised, GivenFourBitWeights_ThenIntegersAreThoseByHand) {
    TwoLayers n;
    n.graph.layers[0].rescale[0] = Rescale::from_real(0.25);
    set_precision(n.graph, {{4, 8}, {8, 8}});
    EXPECT_EQ(n.conv.weight_bits, 4);
    EXPECT_THAT(*n.conv.weights, testing::ElementsAre(7, -4, 1));
    EXPECT_THAT(*n.conv.bias, testing::ElementsAre(3, -22, 0));
    EXPECT_NEAR(n.conv.rescale[0].real(), 0.25 * 127 / 7, 1e-8);
    EXPECT_NEAR(n.conv.rescale[1].real(), 127.0 / 7 / 64, 1e-8);
    EXPECT_EQ(n.conv.adc_range_levels, 0.0);
    EXPECT_EQ(n.linear.adc_range_levels, 12.5) << "nothing of this layer has changed";
    EXPECT_EQ(*n.linear.bias, std::vector<std::int32_t>{1000});
    EXPECT_EQ(n.conv.output_bits, 8);
}

// Zero point 30 of 255 is 1.76 of 15. The bias holds -30 times the weights; what is real of it, 4000, is 235.3 steps of 17.
TEST(Requantised, GivenFourBitActivations_ThenZeroPointsAndBiasesFollow) {
    TwoLayers n;
    n.graph.input_zero_point = 30;
    const double input_scale = n.graph.input_scale, scale = n.conv.output_scale;
    TwoLayers::set(n.conv, {100, -100, 1}, {4000 - 30 * 100, 30 * 100, -30});
    set_precision(n.graph, {{8, 4}, {8, 4}});
    EXPECT_EQ(n.graph.input_bits, 4);
    EXPECT_EQ(n.graph.input_zero_point, 2);
    EXPECT_DOUBLE_EQ(n.graph.input_scale, 17 * input_scale);
    EXPECT_DOUBLE_EQ(n.conv.output_scale, 17 * scale);
    EXPECT_THAT(*n.conv.weights, testing::ElementsAre(100, -100, 1));
    EXPECT_THAT(*n.conv.bias, testing::ElementsAre(235 - 2 * 100, 2 * 100, -2));
    EXPECT_EQ(n.conv.rescale[0].multiplier, Rescale::from_real(1.0 / 64).multiplier) << "both of its edges grew alike";
    EXPECT_THAT(*n.linear.bias, testing::ElementsAre(59));  // 1000 / 17
    EXPECT_EQ(n.linear.adc_range_levels, 0.0);
}

// Mean magnitudes: of one weight itself; of the output layer 352 / 6 = 58.67, of which 1000 are 17.05.
TEST(Requantised, GivenOneBitWeights_ThenTheyAreSignsAndStepsAreMeanMagnitudes) {
    TwoLayers n;
    TwoLayers::set(n.conv, {127, -64, 0}, {50, -400, 64});
    narrow(n.graph, 1, 8);
    EXPECT_THAT(*n.conv.weights, testing::ElementsAre(1, -1, 1));
    EXPECT_NEAR(n.conv.rescale[0].real(), 127.0 / 64, 1e-8);
    EXPECT_NEAR(n.conv.rescale[1].real(), 1.0, 1e-8);
    EXPECT_THAT(*n.linear.weights, testing::ElementsAre(1, -1, 1, 1, -1, 1));
    EXPECT_THAT(*n.linear.bias, testing::ElementsAre(17));
    // The third output has no weights: what is left is its bias, 64 / 64.
    const std::vector<std::int32_t> sums = {0, 0, 255};
    FeatureMap out(3);
    finish_position(n.conv, sums.data(), out.data());
    EXPECT_EQ(out[2], 1);
}

TEST(Requantised, GivenTernaryWeights_ThenOnlyThoseAboveHalfTheLargestAreLeft) {
    TwoLayers n;
    narrow(n.graph, 2, 8);
    EXPECT_THAT(*n.conv.weights, testing::ElementsAre(1, -1, 0));
    EXPECT_THAT(*n.linear.weights, testing::ElementsAre(1, -1, 1, 0, 0, 0));
}

TEST(Requantised, GivenTheWidthsThatTheNetworkHas_ThenNothingChanges) {
    for (int bits : {8, 3}) {
        WorkloadGraph graph = test::random_graph(test::all_activations);
        graph.layers[0].rescale[0] = {3, 9};  // not the form that from_real gives
        graph.layers[0].adc_range_levels = 7.0;
        if (bits < 8)
            narrow(graph, bits, bits);
        const WorkloadGraph before = graph;
        for (int asked : {bits, 16, 8}) {
            narrow(graph, asked, asked);
            EXPECT_EQ(graph.input_scale, before.input_scale);
            const int counted = bits < 8 ? bits : asked;  // more than 8 bits have the values of 8
            EXPECT_EQ(graph.input_bits, counted);
            for (std::size_t l = 0; l < graph.layers.size(); ++l) {
                const GraphLayer &a = before.layers[l], &b = graph.layers[l];
                EXPECT_EQ(a.weights, b.weights) << "the same object";
                EXPECT_EQ(a.bias, b.bias);
                EXPECT_EQ(a.table, b.table);
                EXPECT_EQ(a.output_scale, b.output_scale);
                EXPECT_EQ(a.adc_range_levels, b.adc_range_levels);
                EXPECT_EQ(b.weight_bits, a.on_crossbars() ? counted : a.weight_bits);
                EXPECT_EQ(b.output_bits, a.is_output ? a.output_bits : counted);
                for (std::size_t r = 0; r < a.rescale.size(); ++r) {
                    EXPECT_EQ(a.rescale[r].multiplier, b.rescale[r].multiplier);
                    EXPECT_EQ(a.rescale[r].shift, b.rescale[r].shift);
                }
            }
        }
    }
}

struct BitsCase {
    int weights, activations;
};

/// Integers of a requantised network against real arithmetic with the steps of the network that it was made of.
class RealValues : public testing::TestWithParam<BitsCase> {
protected:
    static Edge before(const WorkloadGraph& graph, const GraphLayer& layer) { return graph.edge(layer.inputs.front()); }
    static double step_of_sums(const GraphLayer& layer) { return layer.table ? layer.table_step : layer.output_scale; }
    static std::int64_t sum(const GraphLayer& layer, int o) {
        const auto first = layer.weights->begin() + std::ptrdiff_t{o} * layer.rows();
        return std::accumulate(first, first + layer.rows(), std::int64_t{0});
    }
    /// Real value of a weight step of output `o` in the network of 8 bits.
    static double weight_step(const WorkloadGraph& old, const GraphLayer& layer, int o) {
        return layer.rescale[static_cast<std::size_t>(o)].real() * step_of_sums(layer) / before(old, layer).scale;
    }
    static double narrow_step(const WorkloadGraph& old, const GraphLayer& layer, int o) {
        const int bits = GetParam().weights;
        if (bits > 1)
            return weight_step(old, layer, o) * 127 / ((1 << (bits - 1)) - 1);
        double magnitude = 0;
        for (int r = 0; r < layer.rows(); ++r)
            magnitude += std::abs((*layer.weights)[static_cast<std::size_t>(o * layer.rows() + r)]);
        return weight_step(old, layer, o) * magnitude / layer.rows();
    }

    static void expect_layer(const WorkloadGraph& old, const WorkloadGraph& graph, std::size_t l,
                             const std::vector<InputMap>& inputs, const FeatureMap& out);
};

/// Real results of the layer, and how far integers may be from them, in output steps.
void RealValues::expect_layer(const WorkloadGraph& old, const WorkloadGraph& graph, std::size_t l,
                              const std::vector<InputMap>& inputs, const FeatureMap& out) {
    const GraphLayer &layer = graph.layers[l], &was = old.layers[l];
    const Edge edge = graph.edge(static_cast<int>(l));
    const double low = (lowest_value(edge.is_signed, edge.bits) - edge.zero_point) * edge.scale,
                 high = (highest_value(edge.is_signed, edge.bits) - edge.zero_point) * edge.scale;
    for (int p = 0; p < layer.positions(); ++p)
        for (int c = 0; c < layer.out.channels; ++c) {
            double real = 0, slack = 0.5 * edge.scale;
            if (layer.on_crossbars()) {
                const int group = c / (layer.out.channels / layer.groups);
                std::vector<std::uint8_t> window(static_cast<std::size_t>(layer.rows()));
                gather_window(layer, inputs.front(), p, group, window.data());
                const Edge in = graph.edge(layer.inputs.front());
                const double step = narrow_step(old, was, c);
                for (int r = 0; r < layer.rows(); ++r)
                    real += (window[static_cast<std::size_t>(r)] - in.zero_point) * in.scale * step *
                            (*layer.weights)[static_cast<std::size_t>(c * layer.rows() + r)];
                real += static_cast<double>((*was.bias)[static_cast<std::size_t>(c)] +
                                            before(old, was).zero_point * sum(was, c)) *
                        before(old, was).scale * weight_step(old, was, c);
                slack += 0.5 * in.scale * step;  // the bias
                if (layer.table) {
                    // No function is steeper than 1.5. Sums beyond the table are its last ones.
                    slack += 1.5 * (0.5 * layer.table_step + 0.5 * in.scale * step);
                    real = layer.table->input_signed()
                               ? std::clamp(real, -128 * layer.table_step, 127 * layer.table_step)
                               : real;
                }
                real = apply(layer.activation, real);
            } else {
                for (std::size_t i = 0; i < inputs.size(); ++i) {
                    const auto value = [&](int index, int channel) {
                        return (inputs[i].values[static_cast<std::ptrdiff_t>(index) * inputs[i].channels + channel] -
                                inputs[i].zero_point) *
                               graph.edge(layer.inputs[i]).scale;
                    };
                    // Random networks have factors of their own.
                    const double gain = was.rescale[i].real() * was.output_scale / old.edge(layer.inputs[i]).scale;
                    layer.visit_window(p, [&](int, int index) { real += gain * value(index, c); });
                    slack += i > 0 ? 0.5 * edge.scale : 0;
                }
                real = apply(layer.activation, real);
            }
            const double got =
                (out[static_cast<std::size_t>(p * layer.out.channels + c)] - edge.zero_point) * edge.scale;
            ASSERT_NEAR(got, std::clamp(real, low, high), slack * 1.000001)
                << layer.name << " position " << p << " channel " << c;
        }
}

TEST_P(RealValues, GivenEveryLayer_ThenIntegersAreTheRealResultsToHalfAStep) {
    for (const char* network : {test::all_kinds, test::all_activations})
        for (int zero_point : {0, 77}) {
            WorkloadGraph old = test::random_graph(network);
            old.input_zero_point = zero_point;
            for (GraphLayer& layer : old.layers) {
                if (!layer.on_crossbars())
                    continue;
                std::vector<std::int32_t> bias;
                for (int o = 0; o < layer.out.channels; ++o)
                    bias.push_back(static_cast<std::int32_t>(
                        o * 100 - 200 - old.edge(layer.inputs.front()).zero_point * sum(layer, o)));
                layer.bias = std::make_shared<const std::vector<std::int32_t>>(bias);
            }
            WorkloadGraph graph = old;
            narrow(graph, GetParam().weights, GetParam().activations);
            const auto pixels = test::random_pixels(graph.input.size(), 5);
            FeatureMap input;
            for (std::uint8_t pixel : pixels)
                input.push_back(input_value(pixel, graph.input_bits));
            std::vector<FeatureMap> maps(graph.layers.size());
            for (std::size_t l = 0; l < graph.layers.size() && !graph.layers[l].is_output; ++l) {
                const GraphLayer& layer = graph.layers[l];
                check_layer(graph, layer);
                std::vector<InputMap> inputs;
                for (int i : layer.inputs)
                    inputs.push_back({i < 0 ? input.data() : maps[static_cast<std::size_t>(i)].data(),
                                      graph.map_of(i).channels, graph.edge(i).zero_point});
                maps[l].resize(static_cast<std::size_t>(layer.out.size()));
                for (int p = 0; p < layer.positions(); ++p) {
                    Activation* out = &maps[l][static_cast<std::size_t>(p * layer.out.channels)];
                    if (!layer.on_crossbars()) {
                        layer.traits().position(layer, inputs.data(), p, out);
                        continue;
                    }
                    std::vector<std::uint8_t> windows(static_cast<std::size_t>(layer.groups * layer.rows()));
                    for (int g = 0; g < layer.groups; ++g)
                        gather_window(layer, inputs.front(), p, g,
                                      &windows[static_cast<std::size_t>(g * layer.rows())]);
                    std::vector<std::int32_t> sums(static_cast<std::size_t>(layer.out.channels));
                    IntegerEngine(graph).multiply(static_cast<int>(l), {}, 1, windows.data(), sums.data());
                    finish_position(layer, sums.data(), out);
                }
                if (layer.kind != LayerKind::max_pool)
                    expect_layer(old, graph, l, inputs, maps[l]);
                const Edge edge = graph.edge(static_cast<int>(l)), was = old.edge(static_cast<int>(l));
                EXPECT_NEAR(edge.scale * highest_value(edge.is_signed, edge.bits),
                            was.scale * highest_value(edge.is_signed, 8), 1e-9 * was.scale);
                if (layer.on_crossbars() && GetParam().weights > 1)
                    for (std::size_t i = 0; i < layer.weights->size(); ++i) {
                        const int o = static_cast<int>(i) / layer.rows();
                        EXPECT_NEAR((*layer.weights)[i] * narrow_step(old, old.layers[l], o),
                                    (*old.layers[l].weights)[i] * weight_step(old, old.layers[l], o),
                                    0.5001 * narrow_step(old, old.layers[l], o));
                    }
            }
        }
}

INSTANTIATE_TEST_SUITE_P(Widths, RealValues,
                         testing::Values(BitsCase{8, 8}, BitsCase{4, 8}, BitsCase{8, 4}, BitsCase{5, 3}, BitsCase{3, 5},
                                         BitsCase{2, 2}, BitsCase{1, 6}, BitsCase{7, 1}, BitsCase{1, 1}),
                         [](const auto& tested) {
                             return fmt::format("w{}a{}", tested.param.weights, tested.param.activations);
                         });

TEST(Images, GivenFewerBits_ThenPixelsAreRoundedToTheNearestStep) {
    for (int bits = 1; bits <= 8; ++bits) {
        const double step = 255.0 / ((1 << bits) - 1);
        for (int pixel = 0; pixel <= 255; ++pixel)
            EXPECT_LT(std::abs(input_value(static_cast<std::uint8_t>(pixel), bits) * step - pixel), step / 2);
    }
    EXPECT_EQ(input_value(128, 1), 1);
    EXPECT_EQ(input_value(127, 1), 0);
    EXPECT_EQ(input_value(200, 8), 200);
}

TEST(Images, GivenAnInputOfTwoBits_ThenTheNetworkReadsNumbersFromZeroToThree) {
    WorkloadGraph graph = test::random_graph(
        "name: n\ninput: {channels: 1, height: 2, width: 2}\nlayers: [{name: c, type: conv, out_channels: 1, kernel: "
        "1}]");
    TwoLayers::set(graph.layers.front(), {1}, {0});
    narrow(graph, 8, 2);
    const std::vector<std::uint8_t> image = {0, 42, 43, 255};
    EXPECT_EQ(run_graph(graph, IntegerEngine(graph), image.data(), 0), (std::vector<std::int32_t>{0, 0, 1, 3}));
}

TEST(Tables, GivenFewerBits_ThenResultsAreThoseOfEightBitSumsToHalfAStep) {
    for (int bits = 1; bits <= 8; ++bits) {
        const int highest = (1 << bits) - 1;
        const ActivationTable table(ActivationFunction::sigmoid, 6.5 / 127, 1.0 / highest, 0, bits);
        for (int sum = -128; sum < 128; ++sum)
            EXPECT_NEAR(table[static_cast<Activation>(sum)] * 1.0 / highest, 1 / (1 + std::exp(-sum * 6.5 / 127)),
                        0.5001 / highest);
        const ActivationTable shifted(ActivationFunction::tanh, 6.5 / 127, 1.0, 1, bits);
        EXPECT_EQ(shifted[-128], 0);
        EXPECT_EQ(shifted[127], std::min(highest, 2));
    }
}

}  // namespace
}  // namespace xloop
