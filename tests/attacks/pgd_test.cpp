#include "attacks/pgd.hpp"

#include "core/error.hpp"
#include "tests/dnn/small_networks.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

AttackConfig attack(double epsilon, double step, int steps, bool random_start) {
    AttackConfig a;
    a.epsilon = epsilon;
    a.step_size = step;
    a.steps = steps;
    a.random_start = random_start;
    return a;
}

/// Two classes, logits (w.x, 0): the loss of class 1 grows with w.x, so the worst point of the ball is x + eps sign(w).
class LinearModel : public testing::Test {
protected:
    LinearModel() {
        torch::manual_seed(1);
        weight_ = torch::randn({1, 2, 3, 4});
        images_ = torch::rand({6, 2, 3, 4});
        labels_ = torch::ones({6}, torch::kInt64);
        logits_ = [this](const torch::Tensor& x) {
            const torch::Tensor first = (x * weight_).flatten(1).sum(1);
            return torch::stack({first, torch::zeros_like(first)}, 1);
        };
    }
    torch::Tensor worst(double epsilon) const { return (images_ + epsilon * weight_.sign()).clamp(0, 1); }

    torch::Tensor weight_, images_, labels_;
    LogitsFunction logits_;
};

// Copy me: a model whose worst point is known in closed form.
TEST_F(LinearModel, PgdReachesTheWorstPointOfTheBall) {
    for (bool random_start : {false, true})
        EXPECT_TRUE(torch::allclose(pgd(logits_, images_, labels_, attack(0.1, 0.05, 5, random_start), 3), worst(0.1)));
}

TEST_F(LinearModel, PgdIsNotThereOneStepBefore) {
    const torch::Tensor x = pgd(logits_, images_, labels_, attack(0.1, 0.025, 3, false), 3);
    EXPECT_TRUE(torch::allclose(x, worst(0.075)));
}

TEST_F(LinearModel, AttackedPixelsAreTheWorstOnTheGridWhateverTheBatch) {
    const torch::Tensor clean = images_.mul(255.0).round_().div_(255.0);
    const torch::Tensor worst = (clean + 0.1 * weight_.sign()).clamp(0, 1);
    const torch::Tensor nearest = quantise_to_pixels(worst, clean, 0.1);
    int batches = 0;
    const Watch count = [&](const StepState& state) { EXPECT_DOUBLE_EQ(state.done, 4.0 * batches++ / 6.0); };
    EXPECT_TRUE(
        torch::equal(adversarial_pixels(logits_, clean, labels_, attack(0.1, 0.05, 5, true), 3, count, 4), nearest));
    EXPECT_EQ(batches, 2);
}

class ConvolutionalModel : public testing::Test {
protected:
    ConvolutionalModel() : net_(test::varied_network(), 4) {
        torch::manual_seed(2);
        net_->eval();
        images_ = torch::rand({8, 3, 13, 11});
        images_.slice(0, 0, 2).round_();  // some pixels at the ends of the range
        labels_ = torch::arange(8);
        logits_ = [this](const torch::Tensor& x) { return net_->forward(x); };
    }
    double loss(const torch::Tensor& x) {
        const torch::NoGradGuard no_grad;
        return torch::nn::functional::cross_entropy(net_->forward(x), labels_).item<double>();
    }
    Supernet net_;
    torch::Tensor images_, labels_;
    LogitsFunction logits_;
};

TEST_F(ConvolutionalModel, StaysInTheBallAndTheRangeAndRaisesTheLoss) {
    for (int steps : {1, 4}) {
        const torch::Tensor x = pgd(logits_, images_, labels_, attack(0.06, 0.05, steps, true), 3);
        EXPECT_LE((x - images_).abs().max().item<double>(), 0.06 + 1e-6);
        EXPECT_GE(x.min().item<double>(), 0.0);
        EXPECT_LE(x.max().item<double>(), 1.0);
        EXPECT_GT(loss(x), loss(images_));
        EXPECT_FALSE(x.requires_grad());
    }
}

TEST_F(ConvolutionalModel, KeyedByImageWhateverTheBatchAndOtherDraws) {
    const AttackConfig a = attack(0.06, 0.02, 3, true);
    const torch::Tensor whole = pgd(logits_, images_, labels_, a, 3, 10);
    torch::rand({100});
    EXPECT_TRUE(torch::equal(whole, pgd(logits_, images_, labels_, a, 3, 10)));
    const torch::Tensor part = pgd(logits_, images_.slice(0, 3, 5), labels_.slice(0, 3, 5), a, 3, 13);
    EXPECT_TRUE(torch::allclose(whole.slice(0, 3, 5), part, 1e-5, 1e-6));
    EXPECT_FALSE(torch::equal(whole, pgd(logits_, images_, labels_, a, 4, 10)));
}

TEST_F(ConvolutionalModel, LeavesTheGlobalGeneratorAlone) {
    torch::manual_seed(5);
    const torch::Tensor expected = torch::rand({4});
    torch::manual_seed(5);
    pgd(logits_, images_, labels_, attack(0.06, 0.02, 1, true), 3);
    EXPECT_TRUE(torch::equal(torch::rand({4}), expected));
}

TEST_F(ConvolutionalModel, ParametersKeepTheirGradients) {
    pgd(logits_, images_, labels_, attack(0.06, 0.02, 2, true), 3);
    for (const auto& p : net_->parameters())
        EXPECT_FALSE(p.grad().defined());
}

TEST_F(ConvolutionalModel, ZeroEpsilonChangesNothing) {
    EXPECT_TRUE(torch::equal(pgd(logits_, images_, labels_, attack(0.0, 0.1, 2, true), 3), images_));
}

TEST_F(ConvolutionalModel, NeedsAStep) {
    EXPECT_THROW(pgd(logits_, images_, labels_, attack(0.1, 0.1, 0, true), 3), Error);
}

TEST(QuantiseToPixels, RoundsInsideTheBall) {
    const torch::Tensor clean = torch::tensor({100.0f, 100.0f, 100.0f, 2.0f, 254.0f}).div(255.0f);
    const torch::Tensor attacked = torch::tensor({108.6f, 91.4f, 103.4f, -6.6f, 262.6f}).div(255.0f);
    const auto levels = [](const torch::Tensor& t) { return t.mul(255.0).round(); };
    // A ball of 8.6 levels holds 8; rounding alone would give 109 and 91.
    EXPECT_TRUE(torch::equal(levels(quantise_to_pixels(attacked, clean, 8.6 / 255.0)),
                             torch::tensor({108.0f, 92.0f, 103.0f, 0.0f, 255.0f})));
    // 0.03137 is 7.999 levels and means 8.
    EXPECT_TRUE(torch::equal(levels(quantise_to_pixels(attacked, clean, 0.03137)),
                             torch::tensor({108.0f, 92.0f, 103.0f, 0.0f, 255.0f})));
}

}  // namespace
}  // namespace xloop
