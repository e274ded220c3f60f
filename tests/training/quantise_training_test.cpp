#include "training/techniques/quantise_training.hpp"

#include "core/error.hpp"
#include "core/hardware_kinds.hpp"
#include "core/workload/equalise.hpp"
#include "core/workload/executor.hpp"
#include "dnn/tensors.hpp"
#include "dnn/trained_network.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/dnn/small_networks.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace xloop {
namespace {

using testing::HasSubstr;

constexpr int images_seen = 300;

HardwareConfig hardware_of(int weights, int activations) {
    HardwareConfig hw = test::perfect_hardware();
    hw.numerics.weight_bits = weights;
    hw.numerics.activation_bits = activations;
    return hw;
}

LayerRule rule(const std::string& layer, int weights, int activations) {
    LayerRule made;
    made.name = layer;
    made.weight_bits = weights;
    made.activation_bits = activations;
    return made;
}

QuantiseTrainingConfig by(QuantiseTrainingMethod method) {
    QuantiseTrainingConfig config;
    config.method = method;
    return config;
}

/// A network with its technique, trained by a plain loop to tell images by where they are bright.
class Trained {
public:
    Trained(const NetworkSpec& spec, const HardwareConfig& hardware,
            QuantiseTrainingMethod method = QuantiseTrainingMethod::lsq, int steps = 30)
        : net(spec, /*seed=*/3), quantiser(spec, by(method), hardware),
          images(random_images(spec.input, images_seen, 5)) {
        test::disturb(net, 4);
        const torch::Tensor all = image_tensor(images);
        const std::int64_t classes = net->graph(spec.largest_path()).logit_count();
        labels = all.flatten(1).narrow(1, 0, classes).argmax(1);
        std::vector<torch::Tensor> parameters = net->parameters();
        const std::vector<torch::Tensor> own = quantiser.parameters();
        parameters.insert(parameters.end(), own.begin(), own.end());
        torch::optim::Adam optimiser(parameters, torch::optim::AdamOptions(5e-3));
        net->train();
        for (int step = 0; step < steps; ++step) {
            optimiser.zero_grad();
            const std::int64_t first = step * 32 % (images_seen - 32);
            const torch::Tensor logits = net->forward(all.narrow(0, first, 32), &quantiser);
            const torch::Tensor loss = torch::nn::functional::cross_entropy(logits, labels.narrow(0, first, 32));
            losses.push_back(loss.item<double>());
            loss.backward();
            optimiser.step();
            quantiser.end_step({});
        }
        recalibrate_batch_norm(net, all, &quantiser, 100);
    }

    FloatNetwork handed_over() const {
        FloatNetwork network{net->spec(), net->tensors()};
        quantiser.hand_over(network);
        check_tensors(network, "handed over");
        return network;
    }

    /// [N][logits], of the forward pass that was trained, in evaluation mode and double precision.
    torch::Tensor fake_logits() {
        const torch::NoGradGuard no_grad;
        net->to(torch::kFloat64);
        const torch::Tensor logits = net->forward(image_tensor(images).to(torch::kFloat64), &quantiser);
        net->to(torch::kFloat32);
        return logits.contiguous();
    }

    Supernet net;
    QuantiseTraining quantiser;
    ImageSet images;
    torch::Tensor labels;
    std::vector<double> losses;
};

WorkloadGraph integers(const FloatNetwork& network, const HardwareConfig& hardware) {
    const std::vector<float> any(static_cast<std::size_t>(network.spec.input.size()), 0.5f);
    return TrainedNetwork(network).quantise({}, {any.data(), 1}, asked_bits(hardware, build_graph(network.spec)));
}

/// Logits and classes of the integer network against those of the forward pass that was trained.
void expect_same_logits(const WorkloadGraph& graph, const MatrixEngine& engine, Trained& trained, int count) {
    const torch::Tensor expected = trained.fake_logits();
    int other_classes = 0;
    double worst = 0.0, size = 0.0;
    const auto rows = run_images(graph, engine, trained.images.pixels.data(), 0, count);
    for (int i = 0; i < count; ++i) {
        const std::vector<float> real = real_logits(graph, rows[static_cast<std::size_t>(i)]);
        const float* row = expected[i].data_ptr<float>();
        ASSERT_EQ(static_cast<std::int64_t>(real.size()), expected.size(1));
        for (std::size_t c = 0; c < real.size(); ++c) {
            worst = std::max(worst, std::abs(double{real[c]} - row[c]));
            size = std::max(size, std::abs(double{row[c]}));
        }
        // Integers may tie, and then the rounding of real numbers decides: the class must be one of the largest.
        const std::ptrdiff_t best = std::max_element(row, row + real.size()) - row;
        other_classes +=
            real[static_cast<std::size_t>(best)] + 1e-5 * size < *std::max_element(real.begin(), real.end());
    }
    EXPECT_GT(size, 0.0);
    EXPECT_LE(worst, 1e-5 * size);
    EXPECT_EQ(other_classes, 0);
}

/// Integer weights of every layer against what the forward pass multiplies with, over its step.
void expect_same_weights(const WorkloadGraph& graph, const FloatNetwork& network, Trained& trained) {
    const torch::NoGradGuard no_grad;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        const int index = static_cast<int>(l);
        const torch::Tensor made = trained.quantiser.weight(
            {index, layer, *trained.net}, trained.net->active_weight(index, trained.net->spec().largest_path()));
        const torch::Tensor sign = trained.net->folded(index).factor.sign();
        const torch::Tensor steps = torch::tensor(network.tensors.at(layer.name + ".weight_step").values);
        const torch::Tensor rows =
            (made.to(torch::kFloat64) / steps.to(torch::kFloat64).view({-1, 1, 1, 1}) * sign.view({-1, 1, 1, 1}))
                .permute({0, 2, 3, 1})
                .contiguous();
        int different = 0, zeros = 0;
        for (std::size_t i = 0; i < layer.weights->size(); ++i) {
            different += std::abs(rows.data_ptr<double>()[i] - (*layer.weights)[i]) > 1e-5;
            zeros += (*layer.weights)[i] == 0;
        }
        EXPECT_EQ(different, 0) << layer.name;
        EXPECT_LT(zeros, static_cast<int>(layer.weights->size())) << layer.name;
    }
}

struct Widths {
    const char* name;
    int weights, activations;
    QuantiseTrainingMethod method;
};

class HandOver : public testing::TestWithParam<Widths> {};

TEST_P(HandOver, GivenATrainedResidualNetwork_ThenTheIntegersAreThoseThatWereTrained) {
    const HardwareConfig hardware = hardware_of(GetParam().weights, GetParam().activations);
    Trained trained(test::varied_network(), hardware, GetParam().method);
    const FloatNetwork network = trained.handed_over();
    const WorkloadGraph graph = integers(network, hardware);
    EXPECT_EQ(graph.layers[1].weight_bits, GetParam().weights);
    EXPECT_EQ(graph.layers[0].output_bits, GetParam().activations);
    expect_same_weights(graph, network, trained);
    expect_same_logits(graph, IntegerEngine(graph), trained, images_seen);
}

INSTANTIATE_TEST_SUITE_P(Bits, HandOver,
                         testing::Values(Widths{"W8A8", 8, 8, QuantiseTrainingMethod::lsq},
                                         Widths{"W4A4", 4, 4, QuantiseTrainingMethod::lsq},
                                         Widths{"W2A2", 2, 2, QuantiseTrainingMethod::lsq},
                                         Widths{"W1A1", 1, 1, QuantiseTrainingMethod::lsq},
                                         Widths{"W1A4", 1, 4, QuantiseTrainingMethod::lsq},
                                         Widths{"W8A8Pact", 8, 8, QuantiseTrainingMethod::pact},
                                         Widths{"W3A4Pact", 3, 4, QuantiseTrainingMethod::pact}),
                         [](const auto& tested) { return std::string(tested.param.name); });

/// 8 bits in the first and the last layer, others in between.
HardwareConfig mixed_hardware() {
    HardwareConfig hardware = hardware_of(2, 4);
    hardware.layers = {rule("stem", 8, 8), rule("depthwise", 1, 3), rule("logits", 8, 8)};
    return hardware;
}

TEST(QuantiseTraining, GivenBitsByLayer_ThenEachLayerIsTrainedWithItsOwn) {
    const HardwareConfig hardware = mixed_hardware();
    Trained trained(test::varied_network(), hardware);
    const FloatNetwork network = trained.handed_over();
    const WorkloadGraph graph = integers(network, hardware);
    EXPECT_EQ(graph.layers[0].weight_bits, 8);
    EXPECT_EQ(graph.layers[1].weight_bits, 2);
    EXPECT_EQ(graph.layers[3].weight_bits, 1);
    EXPECT_EQ(graph.layers[2].output_bits, 3) << "is read with 3 bits";
    EXPECT_EQ(graph.layers[6].output_bits, 8) << "is read with 8 bits";
    expect_same_weights(graph, network, trained);
    expect_same_logits(graph, IntegerEngine(graph), trained, images_seen);
}

TEST(QuantiseTraining, GivenAnIdealChip_ThenItsLogitsAreThoseOfTheForwardPass) {
    const HardwareConfig hardware = mixed_hardware();
    Trained trained(test::varied_network(), hardware);
    const auto chip = program(map_network(integers(trained.handed_over(), hardware), hardware));
    expect_same_logits(chip->network().graph, *chip, trained, 20);
}

class HandOverOf : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(HandOverOf, GivenSignedEdgesZeroPointsAndTables_ThenTheLogitsAreThoseOfTheForwardPass) {
    for (int bits : {8, 4}) {
        const HardwareConfig hardware = hardware_of(bits, bits);
        Trained trained(parse_network(GetParam().second, "test.yaml"), hardware);
        const WorkloadGraph graph = integers(trained.handed_over(), hardware);
        SCOPED_TRACE(bits);
        expect_same_logits(graph, IntegerEngine(graph), trained, images_seen);
    }
}

INSTANTIATE_TEST_SUITE_P(Networks, HandOverOf,
                         testing::Values(std::pair("Kinds", test::all_kinds),
                                         std::pair("Activations", test::all_activations),
                                         std::pair("Gated", test::gated)),
                         [](const auto& tested) { return std::string(tested.param.first); });

TEST(QuantiseTraining, GivenANormalisedInput_ThenItsStepsAreThoseOfThePixels) {
    NetworkSpec spec = test::varied_network();
    spec.input_mean = {0.45, 0.4, 0.5};
    spec.input_std = {0.22, 0.25, 0.3};
    const HardwareConfig hardware = hardware_of(4, 4);
    Trained trained(spec, hardware);
    const FloatNetwork network = trained.handed_over();
    const WorkloadGraph graph = integers(network, hardware);
    EXPECT_GT(graph.input_zero_point, 0);
    const torch::Tensor x = image_tensor(trained.images);
    trained.images.pixels = TrainedNetwork(network).pixels(graph, {x.data_ptr<float>(), images_seen});
    const std::vector<std::uint8_t> pixels = trained.images.pixels;
    trained.images = random_images(spec.input, images_seen, 5);
    const torch::Tensor expected = trained.fake_logits();
    const auto rows = run_images(graph, IntegerEngine(graph), pixels.data(), 0, images_seen);
    for (int i = 0; i < images_seen; ++i) {
        const std::vector<float> real = real_logits(graph, rows[static_cast<std::size_t>(i)]);
        for (std::size_t c = 0; c < real.size(); ++c)
            ASSERT_NEAR(real[c], expected[i].data_ptr<float>()[c], 1e-4) << i;
    }
}

TEST(QuantiseTraining, LearnsAndMovesItsSteps) {
    for (auto method : {QuantiseTrainingMethod::lsq, QuantiseTrainingMethod::pact}) {
        Trained trained(test::varied_network(), hardware_of(4, 4), method, 80);
        const auto mean = [&](std::size_t first) {
            double sum = 0.0;
            for (std::size_t i = first; i < first + 10; ++i)
                sum += trained.losses[i] / 10.0;
            return sum;
        };
        EXPECT_LT(mean(70), 0.9 * mean(0)) << name_of(method);
        for (const torch::Tensor& factor : trained.quantiser.parameters())
            EXPECT_TRUE(factor.ne(1.0).any().item<bool>()) << name_of(method);
    }
}

TEST(QuantiseTraining, GivenWeightsOfOneBit_ThenTheGradientIsThatOfSignTimesMeanMagnitude) {
    Supernet net(test::varied_network(), 1);
    QuantiseTraining quantiser(net->spec(), by(QuantiseTrainingMethod::lsq), hardware_of(1, 8));
    const GraphLayer& layer = net->graph(net->spec().largest_path()).layers.front();
    torch::Tensor weight = torch::randn({8, 3, 3, 3}).requires_grad_();
    const torch::Tensor gradient = torch::randn({8, 3, 3, 3});
    const torch::Tensor made = quantiser.weight({0, layer, *net}, weight);
    made.backward(gradient);
    const torch::Tensor sign = torch::where(weight < 0.0, -torch::ones_like(weight), torch::ones_like(weight)).detach();
    const torch::Tensor mean = weight.detach().abs().mean({1, 2, 3}, true);
    EXPECT_TRUE(torch::allclose(made.detach(), mean * sign));
    const torch::Tensor expected =
        mean * gradient * weight.detach().abs().le(1.0) + sign * (gradient * sign).sum({1, 2, 3}, true) / 27.0;
    EXPECT_TRUE(torch::allclose(weight.grad(), expected, 1e-4, 1e-5));
}

TEST(QuantiseTraining, StepsStartAsThePaperSays) {
    Supernet net(test::varied_network(), 1);
    QuantiseTraining quantiser(net->spec(), by(QuantiseTrainingMethod::lsq), hardware_of(4, 4));
    const torch::Tensor x = image_tensor(random_images(net->spec().input, 16, 1));
    net->eval();
    net->forward(x, &quantiser);
    FloatNetwork network{net->spec(), net->tensors()};
    quantiser.hand_over(network);
    const torch::Tensor weight = net->active_weight(1, net->spec().largest_path()).detach();
    for (int o = 0; o < 8; ++o)
        EXPECT_NEAR(network.tensors.at("body.weight_step").values[static_cast<std::size_t>(o)],
                    2.0 * weight[o].abs().mean().item<double>() / std::sqrt(7.0), 1e-6);
    const std::vector<float>& logits = network.tensors.at("logits.weight_step").values;
    EXPECT_TRUE(std::all_of(logits.begin(), logits.end(), [&](float step) { return step == logits.front(); }));
    EXPECT_NEAR(logits.front(),
                2.0 * net->active_weight(7, net->spec().largest_path()).abs().mean().item<double>() / std::sqrt(7.0),
                1e-6);
}

TEST(QuantiseTraining, GivenMapsOfLowPrecision_ThenEverythingLearns) {
    Supernet net(test::varied_network(), 1);
    net->set_arithmetic(torch::kBFloat16);
    QuantiseTraining quantiser(net->spec(), by(QuantiseTrainingMethod::lsq), hardware_of(4, 4));
    const torch::Tensor x = torch::rand({8, 3, 13, 11});
    net->forward(x, &quantiser);  // Steps of additions are known from the second pass on.
    net->forward(x, &quantiser).square().sum().backward();
    std::vector<torch::Tensor> parameters = net->parameters();
    const std::vector<torch::Tensor> own = quantiser.parameters();
    parameters.insert(parameters.end(), own.begin(), own.end());
    for (const torch::Tensor& p : parameters) {
        ASSERT_TRUE(p.grad().defined());
        EXPECT_TRUE(p.grad().isfinite().all().item<bool>());
    }
}

TEST(QuantiseTraining, GivenPact_ThenThePenaltyDecaysEachEndByTheSameShare) {
    Supernet net(test::varied_network(), 1);
    QuantiseTrainingConfig config = by(QuantiseTrainingMethod::pact);
    config.alpha_decay = 0.25;
    QuantiseTraining quantiser(net->spec(), config, hardware_of(4, 4));
    EXPECT_FALSE(quantiser.penalty().defined()) << "no end is known yet";
    net->forward(torch::rand({4, 3, 13, 11}), &quantiser);
    quantiser.penalty().backward();
    int ends = 0;
    for (const torch::Tensor& factor : quantiser.parameters())
        if (factor.grad().defined()) {
            EXPECT_NEAR(factor.grad().item<float>(), 0.25, 1e-6);
            ++ends;
        }
    EXPECT_EQ(ends, 6) << "of the edges that are neither a maximum's nor logits";
    QuantiseTraining by_lsq(net->spec(), by(QuantiseTrainingMethod::lsq), hardware_of(4, 4));
    net->forward(torch::rand({4, 3, 13, 11}), &by_lsq);
    EXPECT_FALSE(by_lsq.penalty().defined());
}

TEST(QuantiseTraining, GivenSavedState_ThenALoadedOneGoesOnAsTheFirst) {
    const HardwareConfig hardware = mixed_hardware();
    Trained trained(test::varied_network(), hardware, QuantiseTrainingMethod::lsq, 5);
    TrainingState state;
    trained.quantiser.save(state);
    QuantiseTraining other(trained.net->spec(), by(QuantiseTrainingMethod::lsq), hardware);
    const std::vector<torch::Tensor> parameters = other.parameters();
    other.load(state);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        EXPECT_TRUE(parameters[i].is_same(other.parameters()[i]));
        EXPECT_TRUE(torch::equal(parameters[i], trained.quantiser.parameters()[i]));
    }
    // Another first batch must not start the steps anew.
    const torch::Tensor x = image_tensor(random_images(trained.net->spec().input, 8, 99)) * 0.1;
    EXPECT_TRUE(torch::equal(trained.net->forward(x, &other), trained.net->forward(x, &trained.quantiser)));
    FloatNetwork first{trained.net->spec(), trained.net->tensors()}, second = first;
    trained.quantiser.hand_over(first);
    other.hand_over(second);
    for (const auto& [name, tensor] : first.tensors)
        EXPECT_EQ(second.tensors.at(name).values, tensor.values) << name;
}

TEST(QuantiseTraining, GivenAStartEpoch_ThenTheNetworkIsRealBefore) {
    Supernet net(test::varied_network(), 1);
    QuantiseTrainingConfig config = by(QuantiseTrainingMethod::lsq);
    config.start_epoch = 2.0;
    QuantiseTraining quantiser(net->spec(), config, hardware_of(2, 2));
    const torch::Tensor x = torch::rand({8, 3, 13, 11}), real = net->forward(x);
    TrainingMoment now;
    now.epochs = 1.9;
    quantiser.start_step(now);
    EXPECT_TRUE(torch::equal(net->forward(x, &quantiser), real));
    FloatNetwork network{net->spec(), net->tensors()};
    quantiser.hand_over(network);
    EXPECT_FALSE(has_steps(network));
    now.epochs = 2.0;
    quantiser.start_step(now);
    EXPECT_THROW(quantiser.hand_over(network), Error) << "no batch has been seen";
    EXPECT_FALSE(torch::equal(net->forward(x, &quantiser), real));
}

TEST(QuantiseTraining, GivenASubnetOfASpace_ThenItsIntegersAreThoseOfItsChannels) {
    const NetworkSpec space = test::small_space();
    const HardwareConfig hardware = hardware_of(4, 4);
    Supernet supernet(space, 1);
    QuantiseTraining quantiser(space, by(QuantiseTrainingMethod::lsq), hardware);
    const ImageSet images = random_images(space.input, 64, 2);
    const torch::Tensor x = image_tensor(images);
    // The channels that the smallest subnet has not are seen later.
    supernet->forward(x, space.smallest_path(), &quantiser);
    supernet->forward(x, space.largest_path(), &quantiser).sum().backward();
    Supernet concrete = extract(supernet, space.path(6));
    recalibrate_batch_norm(concrete, x, &quantiser);
    FloatNetwork network{concrete->spec(), concrete->tensors()};
    quantiser.hand_over(network);
    check_tensors(network, "subnet");
    const WorkloadGraph graph = integers(network, hardware);
    const torch::NoGradGuard no_grad;
    concrete->to(torch::kFloat64);
    const torch::Tensor expected = concrete->forward(x.to(torch::kFloat64), &quantiser);
    for (int i = 0; i < images.count(); ++i) {
        const auto real = real_logits(graph, run_graph(graph, IntegerEngine(graph), images.image(i), i));
        for (std::size_t c = 0; c < real.size(); ++c)
            ASSERT_NEAR(real[c], expected[i][static_cast<std::int64_t>(c)].item<float>(), 1e-5) << i;
    }
}

TEST(QuantiseTraining, GivenOtherBitsOfTheHardware_ThenLayerAndKeyAreNamed) {
    Trained trained(test::varied_network(), mixed_hardware(), QuantiseTrainingMethod::lsq, 1);
    const FloatNetwork network = trained.handed_over();
    const auto error_with = [&](const LayerRule& changed) -> std::string {
        HardwareConfig hardware = mixed_hardware();
        hardware.layers.push_back(changed);
        try {
            integers(network, hardware);
        } catch (const KeyError& error) {
            return error.what();
        }
        return "no error";
    };
    EXPECT_EQ(error_with(rule("depthwise", 1, 3)), "no error");
    EXPECT_THAT(error_with(rule("depthwise", 4, 3)),
                testing::AllOf(HasSubstr("numerics.weight_bits: weights of layer `depthwise`"),
                               HasSubstr("trained with 1 bits, the hardware asks for 4")));
    EXPECT_THAT(error_with(rule("depthwise", 1, 6)),
                testing::AllOf(HasSubstr("numerics.activation_bits: outputs of layer `sum`"),
                               HasSubstr("trained with 3 bits, the hardware asks for 6")));
    EXPECT_THAT(error_with(rule("stem", 8, 5)), HasSubstr("values of the input"));
}

TEST(QuantiseTraining, GivenWhatWouldChangeTrainedIntegers_ThenItIsRefused) {
    Trained trained(test::varied_network(), hardware_of(8, 8), QuantiseTrainingMethod::lsq, 1);
    const TrainedNetwork network(trained.handed_over());
    const std::vector<float> any(static_cast<std::size_t>(network.spec().input.size()), 0.5f);
    QuantiseConfig equalises, corrects;
    equalises.equalise = true;
    corrects.bias_correction = true;
    EXPECT_THROW(network.quantise(equalises, {any.data(), 1}), KeyError);
    EXPECT_THROW(network.quantise(corrects, {any.data(), 1}), KeyError);
    EXPECT_EQ(network.quantise({}, {any.data(), 1}).layers.front().weight_bits, 8)
        << "no bits asked: those of training";
}

TEST(QuantiseTraining, GivenASavedNetwork_ThenFilesKeepTheStepsAndMistakesAreNamed) {
    Trained trained(test::varied_network(), hardware_of(2, 4), QuantiseTrainingMethod::lsq, 1);
    const FloatNetwork network = trained.handed_over();
    const std::string dir = testing::TempDir() + "xloop_steps_" + std::to_string(::getpid());
    save_float_network(network, dir);
    const FloatNetwork loaded = load_float_network(dir);
    std::filesystem::remove_all(dir);
    for (const auto& [name, tensor] : network.tensors)
        EXPECT_EQ(loaded.tensors.at(name).values, tensor.values) << name;
    const auto error_with = [&](const char* tensor, float value) -> std::string {
        FloatNetwork changed = network;
        changed.tensors.at(tensor).values.front() = value;
        try {
            check_tensors(changed, "w");
        } catch (const InputError& error) {
            return error.what();
        }
        return "no error";
    };
    EXPECT_THAT(error_with("stem.weight_step", 0.0f), HasSubstr("`stem.weight_step`: 0 is not above 0"));
    EXPECT_THAT(error_with("sum.output_bits", 2.5f), HasSubstr("2.5 is no integer from 1 to 8"));
    EXPECT_THAT(error_with("body.output_zero_point", 256.0f), HasSubstr("256 is no integer from 0 to 255"));
    FloatNetwork partial = network;
    partial.tensors.erase("stem.weight_bits");
    EXPECT_THROW(check_tensors(partial, "w"), InputError) << "all steps or none";
}

TEST(QuantiseTraining, GivenFoldedBatchNormalisation_ThenTheIntegersAreTheSame) {
    const HardwareConfig hardware = mixed_hardware();
    Trained trained(test::varied_network(), hardware, QuantiseTrainingMethod::lsq, 5);
    const FloatNetwork network = trained.handed_over();
    const WorkloadGraph as_trained = integers(network, hardware), folded = integers(fold_batch_norm(network), hardware);
    for (std::size_t l = 0; l < folded.layers.size(); ++l)
        if (folded.layers[l].on_crossbars()) {
            EXPECT_EQ(*folded.layers[l].weights, *as_trained.layers[l].weights) << folded.layers[l].name;
        }
    expect_same_logits(folded, IntegerEngine(folded), trained, images_seen);
}

TEST(QuantiseTraining, GivenATask_ThenTheInputHasTheStepsOfItsImages) {
    const NetworkSpec spec = test::varied_network();
    const ImageSet images = random_images(spec.input, 4, 1);
    const HardwareConfig hardware = hardware_of(4, 4);
    const TrainingConfig training;
    const AttackConfig attack;
    TrainingTask task{spec, images, training, attack, hardware, 1};
    task.preprocessing.mean = {0.5};
    task.preprocessing.deviation = {0.5};
    Supernet net(spec, 1);
    const auto quantiser = make_quantise_training(by(QuantiseTrainingMethod::lsq), net, task);
    net->forward(image_tensor(images), quantiser.get());
    FloatNetwork network{spec, net->tensors()};
    quantiser->hand_over(network);
    EXPECT_NEAR(network.tensors.at("input_step").values.front(), 2.0 / 15.0, 1e-7);
    EXPECT_EQ(network.tensors.at("input_zero_point").values.front(), 8.0f);
}

TEST(QuantiseTraining, GivenWhatCannotBeTrained_ThenItIsRefused) {
    EXPECT_THROW(QuantiseTraining(test::varied_network(), by(QuantiseTrainingMethod::lsq), hardware_of(9, 8)),
                 KeyError);
    NetworkSpec spec = test::varied_network();
    spec.layers.back() = test::conv("logits", "mean", {10}, {1}, 1, 1, ActivationFunction::none);
    EXPECT_THROW(QuantiseTraining(spec, by(QuantiseTrainingMethod::lsq), hardware_of(8, 8)), InputError);
}

}  // namespace
}  // namespace xloop
