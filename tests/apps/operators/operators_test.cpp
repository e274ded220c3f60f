#include "apps/operators/array_operator.hpp"
#include "apps/operators/network_operator.hpp"
#include "core/hardware_variants.hpp"
#include "core/workload/input_pixels.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <torch/torch.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <limits>

// Operators against the classes behind them; operators_test.py has them in Python.
namespace xloop {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// Wires, programming spread and noise of converters, in arrays smaller than the layers.
HardwareConfig real_hardware() {
    HardwareConfig hw;
    hw.crossbar.rows = 16;
    hw.crossbar.cols = 32;
    hw.adc.bits = 6;
    hw.adc.range = AdcRange::calibrated;
    hw.adc.noise_sigma_lsb = 0.5;
    hw.chip_seed = 7;
    return hw;
}

LayerOperator::Arguments arguments_of(const CrossbarLayerOptions& o, const std::string& gradient) {
    return {hardware_yaml(o.hardware),
            {"chip_seed=9"},
            o.layer,
            o.input_scale,
            o.input_percentile,
            o.signed_inputs,
            gradient,
            o.refresh_steps,
            o.refresh_bound,
            0.0,
            2};
}

CrossbarLayerOptions some_options() {
    CrossbarLayerOptions options;
    options.hardware = real_hardware();
    options.layer = 3;
    options.signed_inputs = true;
    options.input_percentile = 99.0;
    options.weight_gradient = WeightGradient::own_path;
    options.refresh_steps = 2;
    return options;
}

void expect_same_bits(const torch::Tensor& got, const torch::Tensor& wanted) {
    ASSERT_TRUE(got.defined() && wanted.defined());
    EXPECT_TRUE(torch::equal(got, wanted));
}

/// Steps of training and a pass in evaluation mode: outputs, gradients, ranges, effective weights and programmings have the same
/// bits.
template <class Layer>
void expect_same_training(Layer layer, LayerOperator& arrays,
                          const std::function<torch::Tensor(const torch::Tensor&, const ArrayOperands&)>& run,
                          const torch::Tensor& x) {
    ArrayOperands own{layer->weight.detach().clone().requires_grad_(), layer->bias.detach().clone().requires_grad_(),
                      torch::zeros({}, torch::kFloat64), torch::zeros({}, torch::kFloat64), true};
    layer->train();
    for (int step = 0; step < 3; ++step) {
        const torch::Tensor a = x.clone().requires_grad_(), b = x.clone().requires_grad_();
        const torch::Tensor wanted = layer->forward(a), got = run(b, own);
        expect_same_bits(got, wanted);
        const torch::Tensor pull = torch::randn_like(wanted);
        wanted.backward(pull);
        got.backward(pull);
        expect_same_bits(b.grad(), a.grad());
        for (const auto& [ours, theirs] : {std::pair(own.weight, layer->weight), {own.bias, layer->bias}}) {
            expect_same_bits(ours.grad(), theirs.grad());
            const torch::NoGradGuard no_grad;
            ours.sub_(ours.grad(), 0.01);
            theirs.sub_(theirs.grad(), 0.01);
        }
    }
    expect_same_bits(own.input_range, layer->input_range);
    expect_same_bits(own.adc_range, layer->adc_range);
    EXPECT_GT(own.adc_range.template item<double>(), 0.0);
    layer->eval();
    own.training = false;
    const torch::NoGradGuard no_grad;
    expect_same_bits(run(x, own), layer->forward(x));
    expect_same_bits(arrays.effective_weight(), layer->effective_weight());
    EXPECT_EQ(arrays.programmings(), layer->programmings());
    EXPECT_EQ(arrays.image_offset(), layer->image_offset());
}

TEST(LayerOperator, GivenAConvolutionOnRealHardware_ThenItsTrainingIsThatOfCrossbarConv2d) {
    torch::manual_seed(1);
    CrossbarLayerOptions options = some_options();
    LayerOperator arrays(arguments_of(options, "own_path"));
    options.hardware.chip_seed = 9;
    CrossbarConv2d layer(CrossbarConv2dOptions(4, 6, {3, 2}).stride({1, 2}).padding({1, 0}).dilation({2, 1}).groups(2),
                         options);
    expect_same_training(
        layer, arrays,
        [&](const torch::Tensor& x, const ArrayOperands& own) {
            return arrays.conv2d(x, own, {1, 2}, {1, 0}, {2, 1}, 2);
        },
        torch::randn({3, 4, 7, 6}));
}

TEST(LayerOperator, GivenALinearLayerOnRealHardware_ThenItsTrainingIsThatOfCrossbarLinear) {
    torch::manual_seed(2);
    CrossbarLayerOptions options = some_options();
    LayerOperator arrays(arguments_of(options, "own_path"));
    options.hardware.chip_seed = 9;
    CrossbarLinear layer(CrossbarLinearOptions(20, 5), options);
    expect_same_training(
        layer, arrays, [&](const torch::Tensor& x, const ArrayOperands& own) { return arrays.linear(x, own); },
        torch::randn({2, 4, 20}));
}

TEST(LayerOperator, GivenTheFirstCall_ThenTheCallersRandomNumbersGoOn) {
    torch::manual_seed(3);
    const torch::Tensor weight = torch::randn({5, 20}), wanted = torch::randn({4});
    torch::manual_seed(3);
    torch::randn({5, 20});
    CrossbarLayerOptions options;
    options.input_scale = 0.01;
    options.hardware = test::perfect_hardware();
    LayerOperator arrays(arguments_of(options, "exact"));
    arrays.linear(torch::ones({1, 20}), {weight, {}, torch::zeros({}), torch::zeros({}), false});
    expect_same_bits(torch::randn({4}), wanted);
}

TEST(LayerOperator, GivenOtherLayersOrArgumentsThatMakeNoSense_ThenItSaysWhatIsExpected) {
    CrossbarLayerOptions options;
    options.input_scale = 0.01;
    LayerOperator arrays(arguments_of(options, "straight_through"));
    const auto call = [&](const torch::Tensor& weight) {
        arrays.linear(torch::ones({1, weight.size(-1)}), {weight, {}, torch::zeros({}), torch::zeros({}), false});
    };
    const auto message = [](const std::function<void()>& run) -> std::string {
        try {
            run();
        } catch (const InputError& error) {
            return error.what();
        }
        return "nothing was thrown";
    };
    EXPECT_THAT(message([&] { arrays.effective_weight(); }), HasSubstr("expected a forward pass"));
    call(torch::randn({5, 20}));
    EXPECT_THAT(message([&] { call(torch::randn({5, 21})); }), HasSubstr("these arrays are those of a linear layer"));
    EXPECT_THAT(message([&] { call(torch::randn({5, 20}, torch::kFloat64)); }), HasSubstr("float32"));
    EXPECT_THAT(message([&] { arrays.set_image_offset(-1); }), HasSubstr("expected 0 or more, got -1"));
    EXPECT_THAT(message([&] { LayerOperator(arguments_of(options, "exactly")); }), HasSubstr("did you mean `exact`?"));
    options.layer = 5000;
    EXPECT_THAT(message([&] {
                    LayerOperator(arguments_of(options, "exact"))
                        .linear(torch::ones({1, 20}),
                                {torch::ones({5, 20}), {}, torch::zeros({}), torch::zeros({}), false});
                }),
                HasSubstr("0 to 4095"));
}

/// A workload in a folder.
class NetworkOperatorTest : public testing::Test {
protected:
    NetworkOperatorTest()
        : folder_(fs::temp_directory_path() / ("xloop_operators_" + std::to_string(::getpid()) + "_" +
                                               testing::UnitTest::GetInstance()->current_test_info()->name())),
          graph_(test::random_graph(R"(name: small
input: {channels: 2, height: 8, width: 6}
layers:
  - {name: one, type: conv, out_channels: 5, kernel: 3, stride: 2, activation: relu}
  - {name: classes, type: linear, out_channels: 4}
)")) {
        fs::remove_all(folder_);
        save_workload(graph_, folder_.string());
        arguments_.model = folder_.string();
        hardware_ = real_hardware();
        arguments_.hardware = hardware_yaml(hardware_);
        torch::manual_seed(4);
        images_ = torch::rand({5, 2, 8, 6});
        arguments_.calibration = images_;
    }
    ~NetworkOperatorTest() override { fs::remove_all(folder_); }

    /// By run_images.
    torch::Tensor logits(const WorkloadGraph& graph, const MatrixEngine& engine) const {
        const auto pixels = input_pixels(graph, images_.data_ptr<float>(), 5);
        torch::Tensor all = torch::empty({5, 4});
        const auto rows = run_images(graph, engine, pixels.data(), 0, 5);
        for (int i = 0; i < 5; ++i)
            for (int k = 0; k < 4; ++k)
                all[i][k] = static_cast<float>(rows[i][k] * graph.layers.back().output_scale);
        return all;
    }

    fs::path folder_;
    WorkloadGraph graph_;
    HardwareConfig hardware_;
    torch::Tensor images_;
    NetworkArguments arguments_;
};

TEST_F(NetworkOperatorTest, GivenAWorkload_ThenItsLogitsAreThoseOfTheUntimedChipAndLikewiseOfExactSums) {
    const auto pixels = input_pixels(graph_, images_.data_ptr<float>(), 5);
    const auto chip = program(map_network(graph_, hardware_), {pixels.data(), 5});
    const auto on_chip = NetworkOperator::make(arguments_);
    expect_same_bits(on_chip->forward(images_, 0), logits(chip->network().graph, *chip));
    EXPECT_FALSE(torch::equal(on_chip->forward(images_, 100), on_chip->forward(images_, 0)))
        << "other images have other read noise";
    expect_same_bits(on_chip->forward(images_.slice(0, 2), 2), on_chip->forward(images_, 0).slice(0, 2));
    arguments_.engine = "integer";
    expect_same_bits(NetworkOperator::make(arguments_)->forward(images_, 0), logits(graph_, IntegerEngine(graph_)));
}

TEST_F(NetworkOperatorTest, GivenItsState_ThenTheNetworkMadeOfItGivesTheSameBits) {
    for (const char* engine : {"integer", "ideal_chip", "chip"})
        for (const bool recalibrate : {false, true}) {
            arguments_.engine = engine;
            arguments_.recalibrate = recalibrate && arguments_.engine != "integer";
            const auto network = NetworkOperator::make(arguments_);
            const auto again = NetworkOperator::from_state(network->state());
            expect_same_bits(again->forward(images_, 3), network->forward(images_, 3));
            EXPECT_EQ(again->hardware(), network->hardware());
        }
}

TEST_F(NetworkOperatorTest, GivenWhatCannotBe_ThenItSaysWhatIsExpectedAndLeavesLibTorchAsItWas) {
    const auto refused = [&](const char* message, const std::function<void(NetworkArguments&)>& change) {
        NetworkArguments changed = arguments_;
        change(changed);
        try {
            NetworkOperator::make(changed);
            ADD_FAILURE() << "nothing was thrown; expected " << message;
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), HasSubstr(message));
        }
    };
    at::set_num_threads(3);
    refused("engine: expected one of software, integer, ideal_chip, chip, got `chp`; did you mean `chip`?",
            [](NetworkArguments& a) { a.engine = "chp"; });
    refused("engine: software is the LibTorch module itself", [](NetworkArguments& a) { a.engine = "software"; });
    refused("crossbar.rws", [](NetworkArguments& a) { a.settings = {"crossbar.rws=3"}; });
    refused("calibration: expected images [N, 2, 8, 6]", [](NetworkArguments& a) {
        a.calibration = torch::zeros({1, 2, 6, 8});
    });
    refused("calibration: expected finite values", [](NetworkArguments& a) {
        a.calibration = torch::full({1, 2, 8, 6}, std::numeric_limits<float>::infinity());
    });
    refused("hardware: adc.range: layer `one` has no calibrated ADC range",
            [](NetworkArguments& a) { a.calibration.reset(); });
    refused("recalibrate: is for chips", [](NetworkArguments& a) {
        a.engine = "integer";
        a.recalibrate = true;
    });
    refused("no_such_folder", [](NetworkArguments& a) { a.model = "no_such_folder"; });
    EXPECT_EQ(at::get_num_threads(), 3);
}

}  // namespace
}  // namespace xloop
