#include "training/losses/loss.hpp"

#include "attacks/pgd.hpp"
#include "training/adversaries/adversary.hpp"
#include "training/optimiser.hpp"
#include "training/training_task.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

namespace xloop {
namespace {

/// Two pixels, two classes: logits (a, b) themselves.
torch::Tensor pixels_as_logits(const torch::Tensor& x) { return x.flatten(1); }

StepImages one_image(double clean_a, double clean_b, int label) {
    StepImages images;
    images.clean = torch::tensor({clean_a, clean_b}).to(torch::kFloat32).view({1, 2, 1, 1});
    images.labels = torch::tensor({label}, torch::kInt64);
    return images;
}

double value(const std::unique_ptr<Loss>& loss, const StepImages& images) {
    return (*loss)(pixels_as_logits, images).loss.item<double>();
}

/// Probability of the first of two logits.
double first_share(double a, double b) { return 1.0 / (1.0 + std::exp(b - a)); }

double divergence(double p, double q) { return p * std::log(p / q) + (1.0 - p) * std::log((1.0 - p) / (1.0 - q)); }

TEST(CrossEntropyLoss, SpreadsAShareOfTheLabelAndMixesLabels) {
    TrainingConfig training;
    training.label_smoothing = 0.2;
    const auto loss = make_loss(training);
    const double p = first_share(1.0, 0.0);
    StepImages images = one_image(1.0, 0.0, 0);
    const double own = -0.9 * std::log(p) - 0.1 * std::log(1.0 - p);
    EXPECT_NEAR(value(loss, images), own, 1e-6);
    images.other_labels = torch::tensor({1}, torch::kInt64);
    images.own_share = 0.7;
    const double other = -0.1 * std::log(p) - 0.9 * std::log(1.0 - p);
    EXPECT_NEAR(value(loss, images), 0.7 * own + 0.3 * other, 1e-6);
}

TEST(CrossEntropyLoss, IsThatOfTheAttackedImagesWhereThereAreSome) {
    StepImages images = one_image(1.0, 0.0, 0);
    images.attacked = torch::zeros({1, 2, 1, 1});
    EXPECT_NEAR(value(make_loss({}), images), std::log(2.0), 1e-6);
}

TEST(TradesLoss, AddsTheDivergenceOfAttackedFromCleanAnswers) {
    TrainingConfig training;
    training.loss = LossKind::trades;
    training.loss_weight = 6.0;
    const auto loss = make_loss(training);
    StepImages images = one_image(1.0, 0.0, 0);
    const double p = first_share(1.0, 0.0), q = first_share(0.2, 0.5);
    EXPECT_NEAR(value(loss, images), -std::log(p), 1e-6) << "before the attacks start";
    images.attacked = torch::tensor({0.2f, 0.5f}).view({1, 2, 1, 1});
    EXPECT_NEAR(value(loss, images), -std::log(p) + 6.0 * divergence(p, q), 1e-6);
    const torch::Tensor clean = torch::tensor({{1.0, 0.0}}), attacked = torch::tensor({{0.2, 0.5}});
    EXPECT_NEAR(loss->attacked_objective(attacked, clean, images.labels).item<double>(), divergence(p, q), 1e-6);
    EXPECT_TRUE(loss->compares_with_clean());
}

TEST(MartLoss, WeighsTheDivergenceByHowLittleTheCleanImageIsBelieved) {
    TrainingConfig training;
    training.loss = LossKind::mart;
    training.loss_weight = 5.0;
    StepImages images = one_image(1.0, 0.0, 0);
    images.attacked = torch::tensor({0.2f, 0.5f}).view({1, 2, 1, 1});
    const double p = first_share(1.0, 0.0), q = first_share(0.2, 0.5);
    const double boosted = -std::log(q) - std::log(1.0 - (1.0 - q));
    EXPECT_NEAR(value(make_loss(training), images), boosted + 5.0 * divergence(p, q) * (1.0 - p), 1e-5);
}

TEST(Distillation, OfATeacherThatAnswersAlikeLeavesAShareOfTheLoss) {
    const StepImages images = one_image(1.0, 0.0, 0);
    const double own = value(make_loss({}), images);
    EXPECT_NEAR(value(make_distillation(make_loss({}), pixels_as_logits, 0.9, 4.0), images), 0.1 * own, 1e-6);
    const LogitsFunction other = [](const torch::Tensor& x) { return -x.flatten(1); };
    const double apart = divergence(first_share(-1.0 / 4.0, 0.0), first_share(1.0 / 4.0, 0.0));
    EXPECT_NEAR(value(make_distillation(make_loss({}), other, 0.9, 4.0), images), 0.1 * own + 0.9 * 16.0 * apart, 1e-5);
}

/// Grey images of 2 x 2, logits by a fixed matrix: the gradient of the loss by a pixel has the sign of w1 - w0 for label 0.
class OnALinearNetwork : public testing::Test {
protected:
    torch::Tensor weight_ = torch::tensor({{1.0f, -2.0f, 3.0f, 0.5f}, {-1.0f, 2.0f, 0.0f, 1.5f}});
    LogitsFunction network_ = [this](const torch::Tensor& x) { return torch::linear(x.flatten(1), weight_); };
    torch::Tensor direction_ = torch::tensor({-1.0f, 1.0f, -1.0f, 1.0f}).view({1, 1, 2, 2});
    std::unique_ptr<Loss> loss_ = make_loss({});
    torch::Tensor images_ = torch::full({3, 1, 2, 2}, 0.5f), labels_ = torch::zeros({3}, torch::kInt64);
    AttackedStep step() const { return {network_, *loss_, images_, labels_, 1, 0}; }
};

TEST_F(OnALinearNetwork, PgdEndsInTheCornerOfTheBall) {
    TrainingConfig training;
    training.attack_steps = 7;
    AttackConfig attack;
    attack.random_start = false;
    const auto adversary = make_adversary(training, training_attack(training, attack));
    EXPECT_TRUE(torch::allclose(adversary->attack(step()), images_ + attack.epsilon * direction_, 0, 1e-6));
    EXPECT_DOUBLE_EQ(adversary->passes(), 8.0);
    EXPECT_FALSE(adversary->single_step());
}

TEST_F(OnALinearNetwork, FgsmStepsFromARandomPointAndStaysInTheBall) {
    TrainingConfig training;
    training.adversary = AdversaryKind::fgsm;
    AttackConfig attack;
    attack.random_start = false;  // the adversary's own does not ask
    const auto adversary = make_adversary(training, training_attack(training, attack));
    const torch::Tensor moved = (adversary->attack(step()) - images_) * direction_ / attack.epsilon;
    EXPECT_LE(moved.max().item<double>(), 1.0 + 1e-5);
    EXPECT_GE(moved.min().item<double>(), 0.25 - 1e-5) << "-1 and the step of 1.25 epsilon";
    EXPECT_LT(moved.min().item<double>(), 1.0 - 1e-3) << "some start far away";
    EXPECT_TRUE(adversary->single_step());
}

TEST_F(OnALinearNetwork, FreeGoesOnFromWhereTheLastStepEnded) {
    TrainingConfig training;
    training.adversary = AdversaryKind::free;
    training.replays = 2;
    AttackConfig attack;
    const auto adversary = make_adversary(training, attack);
    EXPECT_EQ(adversary->replays(), 2);
    EXPECT_TRUE(torch::equal(adversary->attack(step()), images_));
    const torch::Tensor up = torch::ones_like(images_);
    adversary->learn(up * 7.0);
    EXPECT_TRUE(torch::allclose(adversary->attack(step()), images_ + attack.epsilon));
    TrainingState state;
    adversary->save(state);
    const auto copy = make_adversary(training, attack);
    copy->load(state);
    for (Adversary* one : {adversary.get(), copy.get()}) {
        one->learn(-up);
        EXPECT_TRUE(torch::allclose(one->attack(step()), images_, 0, 1e-7)) << "up once and down once";
        one->learn(up);
        one->learn(up);
        EXPECT_TRUE(torch::allclose(one->attack(step()), images_ + attack.epsilon)) << "no further than epsilon";
    }
}

/// The gradient is 1 at every step.
void unit_step(Optimiser& optimiser, torch::Tensor& parameter, double rate) {
    optimiser.zero_grad();
    parameter.sum().backward();
    optimiser.step(rate);
}

TEST(TrainingOptimiser, SgdFollowsNesterovsFormula) {
    TrainingConfig training;
    training.optimiser = OptimiserKind::sgd;
    training.weight_decay = 0.0;
    torch::Tensor p = torch::zeros({1}).requires_grad_(true);
    Optimiser optimiser(training, {p}, {});
    unit_step(optimiser, p, 0.1);
    EXPECT_NEAR(p.item<double>(), -0.1 * (1.0 + 0.9), 1e-6);
    unit_step(optimiser, p, 0.2);
    EXPECT_NEAR(p.item<double>(), -0.19 - 0.2 * (1.0 + 0.9 * 1.9), 1e-6);
}

TEST(TrainingOptimiser, GoesOnFromASavedState) {
    for (const OptimiserKind kind : {OptimiserKind::sgd, OptimiserKind::adam}) {
        TrainingConfig training;
        training.optimiser = kind;
        torch::Tensor p = torch::full({3}, 0.5).requires_grad_(true), own = torch::ones({2}).requires_grad_(true);
        torch::Tensor unused = torch::ones({1}).requires_grad_(true);
        Optimiser first(training, {p, unused}, {own});
        const auto step = [](Optimiser& optimiser, torch::Tensor& a, torch::Tensor& b) {
            optimiser.zero_grad();
            (a.square().sum() + b.square().sum()).backward();
            optimiser.step(0.01);
        };
        step(first, p, own);
        TrainingState state;
        first.save(state);
        torch::Tensor q = p.detach().clone().requires_grad_(true), other = own.detach().clone().requires_grad_(true);
        Optimiser second(training, {q, unused}, {other});
        second.load(state);
        for (int i = 0; i < 3; ++i) {
            step(first, p, own);
            step(second, q, other);
        }
        EXPECT_TRUE(torch::equal(p, q));
        EXPECT_TRUE(torch::equal(own, other));
    }
}

TEST(TrainingOptimiser, WeightDecayIsForTheNetworkAlone) {
    TrainingConfig training;
    training.optimiser = OptimiserKind::sgd;
    training.momentum = 0.0;
    training.nesterov = false;
    training.weight_decay = 0.5;
    torch::Tensor p = torch::ones({1}).requires_grad_(true), own = torch::ones({1}).requires_grad_(true);
    Optimiser optimiser(training, {p}, {own});
    ((p + own) * 0.0).sum().backward();
    optimiser.step(0.1);
    EXPECT_NEAR(p.item<double>(), 0.95, 1e-6);
    EXPECT_EQ(own.item<double>(), 1.0);
}

TEST(TrainingOptimiser, ClipsTheNormOfAllGradients) {
    TrainingConfig training;
    training.optimiser = OptimiserKind::sgd;
    training.momentum = 0.0;
    training.nesterov = false;
    training.weight_decay = 0.0;
    training.clip_gradient = 1.0;
    torch::Tensor p = torch::zeros({2}).requires_grad_(true);
    Optimiser optimiser(training, {p}, {});
    (p * torch::tensor({3.0f, 4.0f})).sum().backward();
    optimiser.step(1.0);
    EXPECT_TRUE(torch::allclose(p, torch::tensor({-0.6f, -0.8f}), 0, 1e-5));
}

TEST(WeightAverage, ForgetsTheFirstWeightsSoonAndSwapsThereAndBack) {
    const torch::Tensor p = torch::zeros({1});
    WeightAverage average(0.5, {p});
    p.fill_(1.0);
    average.add(0);  // share 1 / 10
    p.fill_(3.0);
    average.add(1000);  // share 0.5
    average.swap();
    EXPECT_NEAR(p.item<double>(), 0.5 * 0.9 + 0.5 * 3.0, 1e-6);
    average.swap();
    EXPECT_EQ(p.item<double>(), 3.0);
    WeightAverage none(0.0, {p});
    none.add(0);
    none.swap();
    EXPECT_EQ(p.item<double>(), 3.0);
}

}  // namespace
}  // namespace xloop
