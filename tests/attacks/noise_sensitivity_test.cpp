#include "attacks/noise_sensitivity.hpp"

#include "dnn/supernet.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace xloop {
namespace {

/// One step within 8 levels of a pixel.
AttackConfig fgsm() {
    AttackConfig attack;
    attack.epsilon = attack.step_size = 8.0 / 255.0;
    attack.steps = 1;
    attack.random_start = false;
    return attack;
}

/// Two linear layers over two pixels: classes of the second differ along one direction only, so that the step is known.
FloatNetwork linear_network() {
    FloatNetwork network;
    network.spec = parse_network(R"(name: linear
input: {channels: 2, height: 1, width: 1}
layers:
  - {name: hidden, type: linear, out_channels: 2}
  - {name: classes, type: linear, out_channels: 2}
)",
                                 "test");
    network.tensors["hidden.weight"] = {{2, 2, 1, 1}, {3, 0, 0, 4}};
    network.tensors["hidden.bias"] = {{2}, {0, 0}};
    network.tensors["classes.weight"] = {{2, 2, 1, 1}, {1, 0, 0, 2}};
    network.tensors["classes.bias"] = {{2}, {0, 0}};
    return network;
}

ImageSet pixels(std::vector<std::uint8_t> values, std::vector<int> labels) {
    ImageSet images;
    images.shape = {2, 1, 1};
    images.pixels = std::move(values);
    images.labels = std::move(labels);
    return images;
}

TEST(NoiseSensitivity, GivenALinearNetwork_ThenEachLayerChangesByItsWeightsTimesTheStep) {
    // Towards the other class: one pixel moves by 8 levels down, the other up, whatever the label.
    const double step = 8.0 / 255.0;
    const auto measured = noise_sensitivity(linear_network(), pixels({100, 50, 60, 200}, {0, 1}), {}, fgsm(), 1);
    ASSERT_EQ(measured.size(), 2u);
    EXPECT_NEAR(measured[0].change, 5.0 * step, 1e-6) << "|(3, 4)| a step";
    EXPECT_NEAR(measured[1].change, std::hypot(3.0, 8.0) * step, 1e-6);
    EXPECT_NEAR(measured[0].magnitude, (std::hypot(300, 200) + std::hypot(180, 800)) / 2 / 255, 1e-5);
    EXPECT_NEAR(measured[1].magnitude, (std::hypot(300, 400) + std::hypot(180, 1600)) / 2 / 255, 1e-5);
}

TEST(NoiseSensitivity, GivenDeviations_ThenPixelsAreAttackedNotWhatTheNetworkReads) {
    Preprocessing how;
    how.mean = {0.2, 0.5};
    how.deviation = {0.5, 0.25};
    const double step = 8.0 / 255.0;
    const auto measured = noise_sensitivity(linear_network(), pixels({100, 50}, {1}), how, fgsm(), 1);
    EXPECT_NEAR(measured[0].change, std::hypot(3 / 0.5, 4 / 0.25) * step, 1e-5);
}

TEST(NoiseSensitivity, GivenAPixelAtItsEnd_ThenTheAttackCannotPassIt) {
    const auto measured = noise_sensitivity(linear_network(), pixels({0, 50}, {0}), {}, fgsm(), 1);
    EXPECT_NEAR(measured[0].change, 4.0 * 8.0 / 255.0, 1e-6) << "the first pixel is black already";
}

TEST(NoiseSensitivity, GivenAMap_ThenNormsAreOverChannelsAndMeansOverPositions) {
    FloatNetwork network;
    network.spec = parse_network(R"(name: maps
input: {channels: 1, height: 1, width: 2}
layers:
  - {name: conv, type: conv, out_channels: 2, kernel: 1, activation: relu}
  - {name: classes, type: linear, out_channels: 2}
)",
                                 "test");
    network.tensors["conv.weight"] = {{2, 1, 1, 1}, {3, -4}};
    network.tensors["conv.bias"] = {{2}, {0, 4}};
    // Only the left pixel speaks for class 0.
    network.tensors["classes.weight"] = {{2, 2, 1, 2}, {1, 0, 0, 0, 0, 0, 0, 0}};
    network.tensors["classes.bias"] = {{2}, {0, 0}};
    ImageSet images = pixels({51, 102}, {0});
    images.shape = {1, 1, 2};
    const auto measured = noise_sensitivity(network, images, {}, fgsm(), 1);
    EXPECT_NEAR(measured[0].change, 5.0 * 8.0 / 255.0 / 2, 1e-6) << "a gradient of 0 leaves the right pixel";
    EXPECT_NEAR(measured[0].magnitude, (std::hypot(0.6, 3.2) + std::hypot(1.2, 2.4)) / 2, 1e-6);
}

TEST(NoiseSensitivity, GivenMoreImagesThanABatch_ThenEachCountsOnce) {
    std::vector<std::uint8_t> values;
    std::vector<int> labels;
    for (int image = 0; image < 150; ++image) {
        values.insert(values.end(), {100, 50});
        labels.push_back(0);
    }
    const auto many = noise_sensitivity(linear_network(), pixels(values, labels), {}, fgsm(), 1);
    const auto one = noise_sensitivity(linear_network(), pixels({100, 50}, {0}), {}, fgsm(), 1);
    EXPECT_NEAR(many[1].change, one[1].change, 1e-6);
    EXPECT_NEAR(many[1].magnitude, one[1].magnitude, 1e-6);
}

}  // namespace
}  // namespace xloop
