#include "training/techniques/fake_quantise.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <array>

namespace xloop {
namespace {

torch::Tensor leaf(std::vector<double> values) { return torch::tensor(values, torch::kFloat64).requires_grad_(); }

TEST(FakeQuantise, GivenValuesInAndOutsideTheRange_ThenLsqGradientsAreThoseOfTheFormula) {
    torch::Tensor x = leaf({-0.4, 0.3, 1.2, 9.0}), step = leaf({0.5});
    const torch::Tensor made = fake_quantise(x, step, {0, 7}, StepGradient::lsq, 0.25);
    EXPECT_TRUE(torch::allclose(made, leaf({0.0, 0.5, 1.0, 3.5})));
    made.backward(torch::tensor({1.0, 2.0, 3.0, 4.0}, torch::kFloat64));
    EXPECT_TRUE(torch::equal(x.grad(), torch::tensor({0.0, 2.0, 3.0, 0.0}, torch::kFloat64)));
    // 0 below, round(v) - v within: 1 - 0.6 and 2 - 2.4, the largest integer above.
    EXPECT_NEAR(step.grad().item<double>(), 0.25 * (1 * 0.0 + 2 * 0.4 + 3 * -0.4 + 4 * 7.0), 1e-12);
}

TEST(FakeQuantise, GivenASignedRange_ThenItsLowerEndMovesTheStepToo) {
    torch::Tensor x = leaf({-9.0, -2.0, 0.1}), step = leaf({0.5});
    fake_quantise(x, step, {-4, 3}, StepGradient::lsq, 1.0).sum().backward();
    EXPECT_NEAR(step.grad().item<double>(), -4.0 - 4.0 + (0.0 - 0.2), 1e-12) << "an end belongs to what lies beyond";
    EXPECT_TRUE(torch::equal(x.grad(), torch::tensor({0.0, 0.0, 1.0}, torch::kFloat64)));
}

TEST(FakeQuantise, GivenAStepForEachChannel_ThenEachGetsTheGradientOfItsChannel) {
    torch::Tensor x = torch::tensor({{0.3, 9.0}, {1.2, -9.0}}, torch::kFloat64), step = leaf({0.5, 1.0});
    fake_quantise(x, step.view({2, 1}), {-3, 3}, StepGradient::lsq, 1.0).sum().backward();
    EXPECT_TRUE(torch::allclose(step.grad(), torch::tensor({0.4 + 3.0, -0.2 - 3.0}, torch::kFloat64)));
}

TEST(FakeQuantise, GivenPact_ThenOnlyValuesAtOrBeyondTheEndMoveIt) {
    constexpr double largest = 7.0;
    torch::Tensor x = leaf({-0.4, 0.3, 1.2, 3.5, 9.0}), alpha = leaf({3.5});
    const torch::Tensor made = fake_quantise(x, alpha / largest, {0, largest}, StepGradient::pact, 1.0);
    made.backward(torch::tensor({1.0, 2.0, 3.0, 4.0, 5.0}, torch::kFloat64));
    EXPECT_NEAR(alpha.grad().item<double>(), 4.0 + 5.0, 1e-12);
    EXPECT_TRUE(torch::equal(x.grad(), torch::tensor({0.0, 2.0, 3.0, 0.0, 0.0}, torch::kFloat64)));
}

TEST(FakeQuantise, GivenHalves_ThenActivationsAreRoundedUpAndWeightsToEven) {
    const torch::Tensor x = torch::tensor({-1.5, -0.5, 0.5, 1.5, 2.5}), step = torch::ones({1});
    EXPECT_TRUE(torch::equal(fake_quantise(x, step, {-8, 7}, StepGradient::lsq, 1.0),
                             torch::tensor({-1.0f, 0.0f, 1.0f, 2.0f, 3.0f})));
    EXPECT_TRUE(torch::equal(fake_quantise_weight(x, step, 7, 1.0), torch::tensor({-2.0f, 0.0f, 0.0f, 2.0f, 2.0f})));
}

TEST(FakeQuantise, GivenValuesOfLowPrecision_ThenIntegersAreThoseOfSingle) {
    const torch::Tensor x = torch::rand({1000}) * 3.0, step = torch::full({1}, 0.0117);
    const torch::Tensor low = x.to(torch::kBFloat16);
    const torch::Tensor made = fake_quantise(low, step, {0, 255}, StepGradient::lsq, 1.0);
    EXPECT_EQ(made.scalar_type(), torch::kBFloat16);
    EXPECT_TRUE(torch::equal(
        made, fake_quantise(low.to(torch::kFloat32), step, {0, 255}, StepGradient::lsq, 1.0).to(torch::kBFloat16)));
}

TEST(BinarySign, PassesGradientsUpToOne) {
    torch::Tensor x = leaf({-1.5, -1.0, -0.2, 0.0, 0.3, 1.1});
    const torch::Tensor made = binary_sign(x);
    EXPECT_TRUE(torch::equal(made, torch::tensor({-1.0, -1.0, -1.0, 1.0, 1.0, 1.0}, torch::kFloat64)));
    made.sum().backward();
    EXPECT_TRUE(torch::equal(x.grad(), torch::tensor({0.0, 1.0, 1.0, 1.0, 1.0, 0.0}, torch::kFloat64)));
}

TEST(Relative, GivenAStepOfGradientDescent_ThenTheProductMovesAsIfItWereTheParameter) {
    const torch::Tensor start = torch::tensor({0.01, 4.0}, torch::kFloat64);
    torch::Tensor factor = leaf({1.0, 1.0}), itself = leaf({0.01, 4.0});
    const auto loss = [](const torch::Tensor& s) { return (s * s * s).sum(); };
    loss(relative(start, factor)).backward();
    loss(itself).backward();
    constexpr double rate = 1e-3;
    const torch::NoGradGuard no_grad;
    EXPECT_TRUE(torch::allclose(start * (factor - rate * factor.grad()), itself - rate * itself.grad()));
}

TEST(FakeQuantise, GivenOneStepOrOneForEachChannel_ThenLoopsAndTensorsGiveTheSame) {
    torch::manual_seed(3);
    const torch::Tensor values = torch::randn({3, 4, 5, 5});
    const torch::Tensor weights = torch::randn({3, 4, 5, 5});
    for (const StepGradient rule : {StepGradient::lsq, StepGradient::pact})
        for (const auto format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
            const auto run = [&](const torch::Tensor& step) {
                torch::Tensor x = values.clone(format).requires_grad_(true), s = step.clone().requires_grad_(true);
                const torch::Tensor made = fake_quantise(x, s, {-4.0, 3.0}, rule, 0.5);
                (made * weights).sum().backward();
                return std::array{made.detach().contiguous(), x.grad().contiguous(), s.grad().sum()};
            };
            const torch::Tensor one = torch::full({1}, 0.3f);
            const auto loops = run(one), tensors = run(one.expand({1, 4, 1, 1}));
            EXPECT_TRUE(torch::equal(loops[0], tensors[0]));
            EXPECT_TRUE(torch::equal(loops[1], tensors[1]));
            EXPECT_NEAR(loops[2].item<double>(), tensors[2].item<double>(), 1e-4);
        }
}

}  // namespace
}  // namespace xloop
