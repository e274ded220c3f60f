#include "attacks/hardware_network.hpp"

#include "attacks/attack.hpp"
#include "core/workload/input_pixels.hpp"
#include "dnn/quantise.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/chip/running_network.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

namespace xloop {
namespace {

/// A small network with random weights on noisy arrays.
class HardwareNetworkTest : public testing::Test {
protected:
    HardwareNetworkTest() {
        network_.spec = parse_network(R"(name: small
input: {channels: 2, height: 6, width: 6}
layers:
  - {name: one, type: conv, out_channels: 6, kernel: 3, batch_norm: true, activation: relu}
  - {name: pool, type: max_pool, kernel: 2, stride: 2}
  - {name: two, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: classes, type: linear, out_channels: 4}
)",
                                      "test");
        for (const TensorShape& shape : tensor_shapes(network_.spec)) {
            FloatTensor& made = network_.tensors[shape.name];
            made.shape = shape.shape;
            const bool positive =
                shape.name.find("variance") != std::string::npos || shape.name.find("gamma") != std::string::npos;
            for (std::int64_t i = 0; i < FloatTensor::count(made.shape); ++i)
                made.values.push_back((positive ? 1.5f : 0.0f) +
                                      0.4f * static_cast<float>(std::sin(1.7 * static_cast<double>(++drawn_))));
        }
        torch::manual_seed(4);
        pixels_ = torch::randint(0, 256, {5, 2, 6, 6}).div(255.0);
        Supernet module = load_module(network_);
        integer_ = quantise(module, pixels_, "small");
        hardware_.crossbar.rows = hardware_.crossbar.cols = 16;
        hardware_.adc.columns_per_adc = 8;
        hardware_.adc.noise_sigma_lsb = 0.5;
    }

    RunningNetwork on_chip() {
        EngineMaker maker(integer_, hardware_, {}, 0, 1);
        return maker.make({EngineKind::chip, 3});
    }

    FloatNetwork network_;
    torch::Tensor pixels_;
    WorkloadGraph integer_;
    HardwareConfig hardware_;
    int drawn_ = 0;
};

TEST_F(HardwareNetworkTest, JudgedLogitsAreThoseOfTheUntimedChip) {
    const RunningNetwork running = on_chip();
    HardwareNetwork network(network_, {}, running.graph(), running.engine(), true);
    const torch::Tensor judged = network.judged(pixels_, {7, 8, 9, 10, 11});
    const auto inputs = input_pixels(running.graph(), pixels_.contiguous().data_ptr<float>(), 5);
    for (int i = 0; i < 5; ++i) {
        const auto logits = run_graph(running.graph(), running.engine(), inputs.data() + i * 72, 7 + i);
        for (int c = 0; c < 4; ++c)
            EXPECT_EQ(judged[i][c].item<float>(), static_cast<float>(logits[static_cast<std::size_t>(c)] *
                                                                     running.graph().layers.back().output_scale));
    }
}

TEST_F(HardwareNetworkTest, AnswersWithGradientsHaveTheValuesOfThoseWithout) {
    const RunningNetwork running = on_chip();
    HardwareNetwork network(network_, {}, running.graph(), running.engine(), true);
    const std::vector<Asked> asked{{0, 0}, {1, 0}, {2, 5}, {3, 1}, {4, 0}};
    const torch::Tensor leaf = pixels_.clone().requires_grad_(true);
    EXPECT_TRUE(torch::equal(network.answer(leaf, asked), network.answer(pixels_, asked)));
}

TEST_F(HardwareNetworkTest, QueriesDrawNewNoiseAndNeitherBatchNorOrderMatter) {
    const RunningNetwork running = on_chip();
    HardwareNetwork network(network_, {}, running.graph(), running.engine(), true);
    const torch::Tensor first = network.logits(pixels_, {0, 1, 2, 3, 4}),
                        second = network.logits(pixels_, {0, 1, 2, 3, 4});
    EXPECT_FALSE(torch::equal(first, second));
    network.start();
    for (const std::int64_t i : {4, 2, 0, 1, 3})
        EXPECT_TRUE(torch::equal(network.logits(pixels_.narrow(0, i, 1), {i})[0], first[i]));
    EXPECT_EQ(network.queries(2), 1);
    EXPECT_FALSE(torch::equal(network.judged(pixels_, {0, 1, 2, 3, 4}), first)) << "no query has the judge's noise";
}

TEST_F(HardwareNetworkTest, OfExactIntegersTheGradientIsThatOfTheFloatNetworkAtTheSamePoint) {
    // Rounding turns the sign of an activation here and there; but for that the direction must be the same.
    const RunningNetwork running{integer_};
    HardwareNetwork network(network_, {}, running.graph(), running.engine(), false);
    PixelNetwork real(network_, {});
    const auto gradient = [&](AttackedNetwork& of) {
        const torch::Tensor leaf = pixels_.clone().requires_grad_(true);
        const torch::Tensor logits = of.answer(leaf, std::vector<Asked>(5));
        return torch::autograd::grad({logits.select(1, 1).sum()}, {leaf})[0];
    };
    const torch::Tensor a = gradient(network).flatten(1), b = gradient(real).flatten(1);
    const torch::Tensor cosine = torch::cosine_similarity(a, b);
    EXPECT_GT(cosine.min().item<double>(), 0.9) << cosine;
    EXPECT_GT(cosine.max().item<double>(), 0.999) << cosine;
}

TEST_F(HardwareNetworkTest, AnswersVaryIsTrueOfNoisyChipsAlone) {
    const auto inputs = input_pixels(integer_, pixels_.contiguous().data_ptr<float>(), 2);
    EXPECT_TRUE(answers_vary(on_chip(), {inputs.data(), 2}));
    hardware_.adc.noise_sigma_lsb = 0.0;
    EXPECT_FALSE(answers_vary(on_chip(), {inputs.data(), 2}));
    EXPECT_FALSE(answers_vary(RunningNetwork(integer_), {inputs.data(), 2}));
}

TEST_F(HardwareNetworkTest, AMixtureAnswersByOneMemberForEachQueryWhateverTheBatch) {
    EngineMaker maker(integer_, hardware_, {}, 0, 1);
    std::vector<RunningNetwork> running;
    std::vector<std::shared_ptr<AttackedNetwork>> members;
    for (const std::uint64_t seed : {21, 22, 23})
        running.push_back(maker.make({EngineKind::chip, seed}));
    for (const RunningNetwork& r : running)
        members.push_back(std::make_shared<HardwareNetwork>(network_, Preprocessing(), r.graph(), r.engine(), true));
    NetworkMixture mixture(members, 9);
    const torch::Tensor together = mixture.logits(pixels_, {0, 1, 2, 3, 4});
    int of_each[3] = {0, 0, 0};
    for (std::int64_t i = 0; i < 5; ++i) {
        const torch::Tensor alone = mixture.answer(pixels_.narrow(0, i, 1), {{i, 0}});
        EXPECT_TRUE(torch::equal(alone[0], together[i]));
        for (std::size_t m = 0; m < 3; ++m)
            of_each[m] += torch::equal(members[m]->answer(pixels_.narrow(0, i, 1), {{i, 0}})[0], together[i]) ? 1 : 0;
    }
    EXPECT_EQ(of_each[0] + of_each[1] + of_each[2], 5);
}

TEST_F(HardwareNetworkTest, AnAttackWithTheHardwareInTheLoopLowersItsMargins) {
    const RunningNetwork running = on_chip();
    HardwareNetwork network(network_, {}, running.graph(), running.engine(), true);
    const torch::Tensor labels = network.judged(pixels_, {0, 1, 2, 3, 4}).argmax(1);
    AttackConfig config;
    config.epsilon = 0.05;
    config.step_size = 0.01;
    config.steps = 10;
    const AttackBatch batch{pixels_, labels, {0, 1, 2, 3, 4}};
    const torch::Tensor attacked = run_attack(AttackKind::pgd, {network, batch, config, 1, {}});
    const auto margin = [&](const torch::Tensor& x) {
        return network.judged(x, batch.numbers).gather(1, labels.unsqueeze(1)).sum().item<double>();
    };
    EXPECT_LT(margin(attacked), margin(pixels_));
}

TEST_F(HardwareNetworkTest, ABlackBoxRefusesAttacksByGradient) {
    PixelNetwork real(network_, {});
    BlackBox box(real);
    const AttackBatch batch{pixels_, torch::zeros({5}, torch::kInt64), {0, 1, 2, 3, 4}};
    EXPECT_ANY_THROW(run_attack(AttackKind::pgd, {box, batch, {}, 1, {}}));
    AttackConfig config;
    config.steps = 20;
    EXPECT_NO_THROW(run_attack(AttackKind::square, {box, batch, config, 1, {}}));
}

}  // namespace
}  // namespace xloop
