#include "dnn/trained_network.hpp"

#include "core/error.hpp"
#include "core/workload/equalise.hpp"
#include "core/workload/executor.hpp"
#include "dnn/supernet.hpp"
#include "systemc_model/chip/chip.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// With weights as an untrained module has them.
FloatNetwork random_network(const std::string& yaml, std::uint64_t seed = 1) {
    FloatNetwork network{parse_network(yaml, "net.yaml"), {}};
    network.tensors = Supernet(network.spec, seed)->tensors();
    return network;
}

/// Standard normal samples about `mean`.
std::vector<float> samples_of(const Shape& shape, int count, double mean = 0.0) {
    std::vector<double> z(static_cast<std::size_t>(shape.size()) * static_cast<std::size_t>(count));
    KeyedRandom(7, RandomUse::random_images).normals(0, 0, static_cast<int>(z.size()), z.data());
    std::vector<float> values;
    for (double x : z)
        values.push_back(static_cast<float>(x + mean));
    return values;
}

/// Root mean square difference between the logits of integers and of real numbers, over the latter's root mean square.
double integer_error(const TrainedNetwork& network, const QuantiseConfig& config, const std::vector<float>& values,
                     const std::vector<LayerBits>& bits = {}) {
    const Samples samples{values.data(), static_cast<int>(values.size()) / network.spec().input.size()};
    const WorkloadGraph graph = network.quantise(config, samples, bits);
    const std::vector<float> real = network.logits(samples);
    const std::vector<std::uint8_t> pixels = network.pixels(graph, samples);
    double difference = 0.0, size = 0.0;
    std::size_t at = 0;
    for (const auto& row : run_images(graph, IntegerEngine(graph), pixels.data(), 0, samples.count))
        for (float logit : real_logits(graph, row)) {
            difference += std::pow(logit - real[at], 2);
            size += std::pow(real[at++], 2);
        }
    return std::sqrt(difference / size);
}

std::vector<LayerBits> all_at(const TrainedNetwork& network, int bits) {
    return std::vector<LayerBits>(network.spec().layers.size(), LayerBits{bits, bits});
}

TEST(TrainedNetwork, GivenSignedMapsGatesAndANormalisedInput_ThenIntegersFollow) {
    FloatNetwork made = random_network(test::gated);
    made.spec.input_mean = {0.4, -0.2};
    made.spec.input_std = {0.9, 1.3};
    const TrainedNetwork network(std::move(made));
    const std::vector<float> values = samples_of(network.spec().input, 100);
    for (RangeRule rule : {RangeRule::max, RangeRule::percentile, RangeRule::mse, RangeRule::entropy}) {
        QuantiseConfig config;
        config.activations = rule;
        EXPECT_LE(integer_error(network, config, values), rule == RangeRule::entropy ? 0.15 : 0.06) << name_of(rule);
    }
}

TEST(TrainedNetwork, GivenAFewLargeValues_ThenTheRangeOfLeastErrorLeavesThemOut) {
    FloatNetwork made = random_network(R"(
name: tail
input: {channels: 1, height: 8, width: 8}
layers:
  - {name: hidden, type: conv, out_channels: 1, kernel: 1, activation: relu}
  - {name: logits, type: conv, out_channels: 1, kernel: 1}
)");
    made.tensors["hidden.weight"].values = made.tensors["logits.weight"].values = {1.0f};
    const TrainedNetwork network(std::move(made));
    std::vector<float> values = samples_of(network.spec().input, 50);
    for (float& v : values)
        v = std::pow(std::abs(v), 3.0f);
    // The input keeps 8 bits, the map between has 4.
    const std::vector<LayerBits> bits = {{8, 8}, {8, 4}};
    const auto error = [&](RangeRule rule) {
        QuantiseConfig config;
        config.activations = rule;
        return integer_error(network, config, values, bits);
    };
    EXPECT_LT(error(RangeRule::mse), 0.9 * error(RangeRule::max));
    EXPECT_LT(error(RangeRule::mse), error(RangeRule::percentile));
    EXPECT_LE(error(RangeRule::mse), error(RangeRule::entropy));
    const TrainedNetwork all(random_network(test::all_kinds));
    const std::vector<float> samples = samples_of(all.spec().input, 60, 2.0);
    EXPECT_LT(integer_error(all, {}, samples, all_at(all, 6)), integer_error(all, {}, samples, all_at(all, 4)));
}

TEST(TrainedNetwork, GivenPaddingOfANormalisedInput_ThenItHoldsTheZeroOfTheIntegers) {
    FloatNetwork made = random_network(R"(
name: padded
input: {channels: 1, height: 2, width: 2, mean: [0.3], std: [0.25]}
layers:
  - {name: logits, type: conv, out_channels: 1, kernel: 3}
)");
    std::fill(made.tensors["logits.weight"].values.begin(), made.tensors["logits.weight"].values.end(), 1.0f);
    const TrainedNetwork network(std::move(made));
    // The mean everywhere is 0 everywhere for the first layer, and so is what the padding holds.
    const std::vector<float> calibration = {0.0f, 1.0f, 0.3f, 0.6f}, mean(4, 0.3f);
    const WorkloadGraph graph = network.quantise({}, {calibration.data(), 1});
    EXPECT_EQ(graph.input_zero_point, std::lround(0.3 * 255));
    const auto pixels = network.pixels(graph, {mean.data(), 1});
    const auto logits = run_graph(graph, IntegerEngine(graph), pixels.data(), 0);
    for (std::int32_t logit : logits)
        EXPECT_EQ(logit, 0);
}

TEST(TrainedNetwork, GivenBiasCorrection_ThenTheMeanOfEachOutputIsThatOfTheRealNetwork) {
    // One layer: its integers' inputs are exact, so what is left is what the weights' rounding adds.
    const TrainedNetwork network(random_network(R"(
name: one
input: {channels: 3, height: 6, width: 6}
layers:
  - {name: logits, type: conv, out_channels: 4, kernel: 3, stride: 2}
)"));
    std::vector<float> values = samples_of(network.spec().input, 40);
    for (float& v : values)
        v = std::clamp(std::round(v * 40.0f + 90.0f), 0.0f, 255.0f) / 255.0f;
    values.front() = 1.0f;
    const Samples samples{values.data(), 40};
    const auto mean_errors = [&](bool corrected) {
        QuantiseConfig config;
        config.bias_correction = corrected;
        const WorkloadGraph graph = network.quantise(config, samples, {LayerBits{3, 8}});
        const std::vector<float> real = network.logits(samples);
        const double step = graph.layers.front().output_scale;
        const auto pixels = network.pixels(graph, samples);
        std::vector<double> errors(4, 0.0);
        std::size_t at = 0;
        for (const auto& row : run_images(graph, IntegerEngine(graph), pixels.data(), 0, 40))
            for (std::size_t i = 0; i < row.size(); ++i, ++at)
                errors[i % 4] += (row[i] - real[at] / step) / static_cast<double>(real.size() / 4);
        double worst = 0.0;
        for (double e : errors)
            worst = std::max(worst, std::abs(e));
        return worst;
    };
    EXPECT_GT(mean_errors(false), 20.0) << "in steps of the logits";
    EXPECT_LT(mean_errors(true), 4.0);
}

TEST(TrainedNetwork, GivenEqualisation_ThenTheRealNetworkIsTheSame) {
    FloatNetwork made = random_network(test::all_kinds);
    const std::vector<float> values = samples_of(made.spec.input, 5, 1.0);
    const TrainedNetwork before(made), after(equalise(made));
    const std::vector<float> a = before.logits({values.data(), 5}), b = after.logits({values.data(), 5});
    for (std::size_t i = 0; i < a.size(); ++i)
        EXPECT_NEAR(a[i], b[i], 1e-4 * std::max(1.0f, std::abs(a[i])));
}

TEST(TrainedNetwork, GivenOrdersOfTheFile_ThenSamplesAndResultsFollowThem) {
    FloatNetwork made = random_network(R"(
name: ordered
input: {channels: 2, height: 3, width: 2}
layers:
  - {name: map, type: conv, out_channels: 4, kernel: 1}
)");
    const std::vector<float> chw = samples_of(made.spec.input, 2);
    std::vector<float> hwc(chw.size());
    for (std::size_t n = 0; n < 2; ++n)
        for (std::size_t c = 0; c < 2; ++c)
            for (std::size_t p = 0; p < 6; ++p)
                hwc[n * 12 + p * 2 + c] = chw[n * 12 + c * 6 + p];
    const TrainedNetwork plain(made);
    made.spec.input_order = MapOrder::hwc;
    const TrainedNetwork other(made);
    EXPECT_EQ(plain.logits({chw.data(), 2}), other.logits({hwc.data(), 2}));

    const WorkloadGraph shapes = build_graph(made.spec);
    std::vector<float> logits;  // position by position
    for (int i = 0; i < 24; ++i)
        logits.push_back(static_cast<float>(i));
    NetworkSpec spec = made.spec;
    const std::vector<float> results = results_of(spec, shapes, logits);
    EXPECT_EQ(results[1], 4.0f) << "channel 0 of position 1";
    spec.output_order = MapOrder::hwc;
    EXPECT_EQ(results_of(spec, shapes, logits), logits);
    spec.host_functions = {HostFunction::arg_max};
    EXPECT_EQ(results_of(spec, shapes, logits), std::vector<float>(6, 3.0f));
    spec.host_functions = {HostFunction::softmax};
    EXPECT_NEAR(results_of(spec, shapes, logits)[3], 1 / (1 + std::exp(-1.0) + std::exp(-2.0) + std::exp(-3.0)), 1e-6);
    spec.host_functions = {HostFunction::log_softmax};
    EXPECT_NEAR(results_of(spec, shapes, logits)[3], -std::log(1 + std::exp(-1.0) + std::exp(-2.0) + std::exp(-3.0)),
                1e-6);
}

TEST(PrincipalComponents, GivenMapsOfKnownVariances_ThenTheyAreAsManyAsHoldTheShare) {
    FloatNetwork made{parse_network(R"(name: known
input: {channels: 3, height: 1, width: 2}
layers:
  - {name: scaled, type: conv, out_channels: 3, kernel: 1}
  - {name: wide, type: conv, out_channels: 5, kernel: 1, inputs: [input]}
  - {name: still, type: conv, out_channels: 2, kernel: 1, inputs: [input]}
outputs: [scaled, wide, still]
)",
                                    "net.yaml"),
                      {}};
    made.tensors["scaled.weight"] = {{3, 3, 1, 1}, {10, 0, 0, 0, 3, 0, 0, 0, 1}};
    made.tensors["scaled.bias"] = {{3}, {1000, -1000, 5}};
    // Five mixtures of two channels.
    made.tensors["wide.weight"] = {{5, 3, 1, 1}, {1, 0, 0, 0, 1, 0, 1, 1, 0, 1, -1, 0, 2, 5, 0}};
    made.tensors["wide.bias"] = {{5}, {0, 0, 0, 0, 0}};
    made.tensors["still.weight"] = {{2, 3, 1, 1}, {0, 0, 0, 0, 0, 0}};
    made.tensors["still.bias"] = {{2}, {3, 4}};
    const TrainedNetwork network(std::move(made));
    // Every sign of the three channels equally often, in more images than a batch has.
    std::vector<float> values;
    for (int image = 0; image < 100; ++image) {
        const float first = image % 2 == 0 ? 1.0f : -1.0f, second = image / 2 % 2 == 0 ? 1.0f : -1.0f;
        values.insert(values.end(), {first, first, second, second, 1.0f, -1.0f});
    }
    const auto count = [&](double share) { return network.principal_components({values.data(), 100}, share); };
    // Of the input 1, 1, 1; of `scaled` 100, 9, 1; of `wide` the eigenvalues of [7 10; 10 28], 32.0 and 3.0.
    EXPECT_EQ(count(0.6), (std::vector<int>{2, 1, 1, 0}));
    EXPECT_EQ(count(0.9), (std::vector<int>{3, 1, 1, 0}));
    EXPECT_EQ(count(0.95), (std::vector<int>{3, 2, 2, 0}));
    EXPECT_EQ(count(0.999), (std::vector<int>{3, 3, 2, 0}));
}

TEST(TrainedNetwork, GivenItsTensors_ThenTheModuleGivesThemBack) {
    const FloatNetwork network = random_network(test::all_kinds, 3);
    const TensorMap again = load_module(network)->tensors();
    ASSERT_EQ(again.size(), network.tensors.size());
    for (const auto& [name, tensor] : network.tensors)
        EXPECT_EQ(again.at(name).values, tensor.values) << name;
}

}  // namespace
}  // namespace xloop
