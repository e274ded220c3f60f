#include "training/techniques/crossbar.hpp"
#include "training/techniques/weight_clip.hpp"

#include "dnn/crossbar/layers.hpp"
#include "tests/dnn/small_networks.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

/// One network on small arrays of some noise, at the first step.
class CrossbarTechniques : public testing::Test {
protected:
    CrossbarTechniques() : network_(test::small_space()) {
        network_ = network_.resolve(network_.smallest_path());
        hardware_.crossbar.rows = hardware_.crossbar.cols = 16;
        images_ = random_images({1, 12, 12}, 4, 1);
        now_.path = network_.largest_path();
        now_.all_epochs = 10;
    }
    TrainingTask task() const { return {network_, images_, training_, attack_, hardware_, 7}; }

    NetworkSpec network_;
    ImageSet images_;
    TrainingConfig training_;
    AttackConfig attack_;
    HardwareConfig hardware_;
    TrainingMoment now_;
    torch::Tensor x_ = torch::rand({4, 1, 12, 12});
};

TEST_F(CrossbarTechniques, ArraysGiveWhatALayerOnArraysGives) {
    Supernet net(network_, 3);
    const TrainingTask of_training = task();
    const auto technique = make_array_training(net, of_training);
    technique->start_period(now_);
    technique->start_step(now_);
    const WorkloadGraph& graph = net->graph(now_.path);
    const LayerAt first{0, graph.layers[0], *net};
    technique->input(x_);
    const torch::Tensor weight = net->active_weight(0, now_.path);
    const torch::Tensor product = technique->products(first, x_, weight);

    CrossbarLayerOptions options;
    options.hardware = hardware_;
    options.input_scale = x_.max().item<double>() / 255.0;
    const int kernel = first.layer.window.y.kernel;
    CrossbarConv2d layer(
        CrossbarConv2dOptions(1, first.layer.out.channels, kernel).stride(2).padding(kernel / 2).bias(false), options);
    const torch::NoGradGuard no_grad;
    layer->weight.copy_(weight);
    EXPECT_TRUE(torch::equal(product, layer->forward(x_)));
    EXPECT_FALSE(torch::equal(product, net->forward(x_)));
}

TEST_F(CrossbarTechniques, ArraysPassGradientsToTheWeights) {
    Supernet net(network_, 3);
    const TrainingTask of_training = task();
    const auto technique = make_array_training(net, of_training);
    technique->start_period(now_);
    technique->start_step(now_);
    net->forward(x_, technique.get()).square().sum().backward();
    for (const auto& p : net->named_parameters())
        EXPECT_GT(p.value().grad().abs().sum().item<float>(), 0.0f) << p.key();
}

TEST_F(CrossbarTechniques, WhatTheArraysChangeGrowsFromNothing) {
    training_.crossbar_onset_epochs = 4.0;
    for (const auto make : {make_array_training, make_output_noise, make_weight_noise, make_weight_offsets}) {
        Supernet net(network_, 3);
        const TrainingTask of_training = task();
        const auto technique = make(net, of_training);
        const torch::NoGradGuard no_grad;
        const auto apart = [&](double epochs) {
            now_.epochs = epochs;
            now_.epoch = static_cast<int>(epochs);
            technique->start_period(now_);
            technique->start_step(now_);
            return (net->forward(x_, technique.get()) - net->forward(x_)).abs().max().item<double>();
        };
        EXPECT_LT(apart(0.0), 1e-5);
        const double little = apart(0.2), all = apart(4.0);
        EXPECT_GT(little, 1e-6);
        EXPECT_GT(all, 2.0 * little);
    }
}

TEST_F(CrossbarTechniques, OutputNoiseHasTheMomentsOfTheArraysErrors) {
    Supernet net(network_, 3);
    const TrainingTask of_training = task();
    const auto noise = make_output_noise(net, of_training), arrays = make_array_training(net, of_training);
    const torch::NoGradGuard no_grad;
    for (Technique* technique : {noise.get(), arrays.get()}) {
        technique->start_period(now_);
        technique->start_step(now_);
        technique->input(x_);
    }
    const WorkloadGraph& graph = net->graph(now_.path);
    const LayerAt first{0, graph.layers[0], *net};
    const torch::Tensor weight = net->active_weight(0, now_.path);
    const int half = first.layer.window.y.kernel / 2;
    const torch::Tensor exact = torch::conv2d(x_, weight, {}, 2, half);
    const torch::Tensor error = arrays->products(first, x_, weight) - exact;
    EXPECT_FALSE(noise->products(first, x_, weight).defined());
    const torch::Tensor added = noise->sums(first, torch::zeros({4096, exact.size(1), 4, 4}));
    const std::vector<std::int64_t> all_but_channels{0, 2, 3};
    const torch::Tensor mean = error.mean(all_but_channels), deviation = error.std(all_but_channels, false);
    EXPECT_TRUE(torch::allclose(added.mean(all_but_channels), mean, 0.0, 0.03 * deviation.max().item<double>()));
    EXPECT_TRUE(torch::allclose(added.std(all_but_channels, false), deviation, 0.03, 0.0));
}

TEST_F(CrossbarTechniques, WeightNoiseIsAShareOfTheLargestWeightAndNewInEachPass) {
    training_.weight_noise = 0.1;
    Supernet net(network_, 3);
    const TrainingTask of_training = task();
    const auto technique = make_weight_noise(net, of_training);
    technique->start_step(now_);
    const LayerAt first{0, net->graph(now_.path).layers[0], *net};
    const torch::Tensor weight = torch::zeros({200, 10, 5, 5});
    weight[0][0][0][0] = -2.0;
    const auto pass = [&] {
        technique->input(x_);
        return technique->weight(first, weight) - weight;
    };
    const torch::Tensor once = pass(), again = pass();
    EXPECT_NEAR(once.std().item<double>(), 0.2, 0.004);
    EXPECT_NEAR(once.mean().item<double>(), 0.0, 0.004);
    EXPECT_NEAR((once * again).mean().item<double>(), 0.0, 0.001) << "independent";
    technique->start_step(now_);
    EXPECT_TRUE(torch::equal(once, pass())) << "addressed by step and pass";
}

TEST_F(CrossbarTechniques, WeightsAreClippedToDeviationsOfTheirLayerAfterEachStep) {
    training_.clip_weights = 2.0;
    Supernet net(network_, 3);
    const TrainingTask of_training = task();
    const torch::Tensor before = net->active_weight(0, now_.path).detach().clone();
    const double bound = 2.0 * before.std(false).item<double>();
    net->active_weight(0, now_.path).detach().flatten()[0] = 10.0;
    const auto technique = make_weight_clip(net, of_training);
    technique->end_step(now_);
    const torch::Tensor after = net->active_weight(0, now_.path).detach();
    EXPECT_GT(after.flatten()[0].item<double>(), bound) << "the outlier is part of the deviation";
    for (int step = 0; step < 20; ++step)
        technique->end_step(now_);
    EXPECT_LE(after.abs().max().item<double>(), 2.001 * after.std(false).item<double>());
    const torch::Tensor inside = before.abs() < 0.5 * after.abs().max();
    EXPECT_TRUE(torch::equal(after.masked_select(inside).slice(0, 1), before.masked_select(inside).slice(0, 1)))
        << "what lies within the bound stays as it is";
}

TEST_F(CrossbarTechniques, AChipOfEachEpochHasItsOwnSeed) {
    const TrainingTask of_training = task();
    now_.epoch = 3;
    EXPECT_EQ(chip_at(of_training, now_).chip_seed, hardware_.chip_seed);
    training_.crossbar_chip = TrainingChip::per_epoch;
    EXPECT_EQ(chip_at(of_training, now_).chip_seed, hardware_.chip_seed + 3);
}

TEST_F(CrossbarTechniques, GoOnFromASavedState) {
    for (const auto make : {make_array_training, make_output_noise, make_weight_offsets}) {
        Supernet net(network_, 3);
        const TrainingTask of_training = task();
        const auto first = make(net, of_training);
        const torch::NoGradGuard no_grad;
        first->start_period(now_);
        first->start_step(now_);
        net->forward(x_, first.get());
        net->parameters()[0].mul_(1.3);  // what is programmed stays as it was
        TrainingState state;
        first->save(state);
        const auto second = make(net, of_training);
        second->load(state);
        TrainingMoment next = now_;
        next.step = 1;
        first->start_step(next);
        second->start_step(next);
        EXPECT_TRUE(torch::equal(net->forward(x_ * 0.5, first.get()), net->forward(x_ * 0.5, second.get())));
    }
}

}  // namespace
}  // namespace xloop
