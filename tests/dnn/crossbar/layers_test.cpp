#include "dnn/crossbar/layers.hpp"

#include "core/error.hpp"
#include "dnn/crossbar/products.hpp"
#include "dnn/quantise.hpp"
#include "tests/support.hpp"

#include <torch/torch.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace xloop {
namespace {

constexpr double scale = 1.0 / 255.0;

CrossbarLayerOptions on(HardwareConfig hardware) {
    CrossbarLayerOptions options;
    options.hardware = std::move(hardware);
    options.input_scale = scale;
    return options;
}

CrossbarLayerOptions perfect() { return on(test::perfect_hardware()); }

/// A whole weight in a cell, small arrays, and an ADC with a code for every possible sum.
HardwareConfig fine_hardware() {
    HardwareConfig hw = test::perfect_hardware();
    hw.device.storage = CellStorage::analog;
    hw.crossbar.rows = 12;
    hw.crossbar.cols = 16;
    return hw;
}

HardwareConfig wired(HardwareConfig hw) {
    hw.device.r_on_ohm = 20e3;
    hw.device.r_off_ohm = 200e3;
    hw.crossbar.r_driver_ohm = hw.crossbar.r_sense_ohm = 500.0;
    hw.crossbar.r_wire_row_ohm = 5.0;
    hw.crossbar.r_wire_col_ohm = 10.0;
    return hw;
}

torch::Tensor rounded_inputs(const torch::Tensor& x) { return x.div(scale).round().clamp(0, 255).mul(scale); }

torch::Tensor rounded_weights(const torch::Tensor& weight) {
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(weight.dim()), 1);
    sizes[0] = -1;
    const torch::Tensor scales = weight_scales(weight, false).view(sizes);
    return (weight.detach().to(torch::kFloat64) / scales).round().mul(scales).to(torch::kFloat32);
}

void expect_close(const torch::Tensor& got, const torch::Tensor& wanted, double tolerance) {
    ASSERT_EQ(got.sizes(), wanted.sizes());
    const double largest = wanted.abs().max().item<double>();
    EXPECT_LE((got - wanted).abs().max().item<double>(), tolerance * largest) << "of " << largest;
}

torch::Tensor exact(const torch::Tensor& x) { return x.defined() ? x.detach().to(torch::kFloat64) : x; }

/// Forward and gradients of a layer against the same convolution of rounded inputs and weights, in double precision, since
/// there are builds of LibTorch whose single precision convolutions are wrong.
void expect_convolution(const CrossbarConv2dOptions& options, const CrossbarLayerOptions& crossbar) {
    torch::manual_seed(1);
    CrossbarConv2d layer(options, crossbar);
    {
        const torch::NoGradGuard no_grad;
        layer->weight.view(-1)[1] = 0.0;
    }
    torch::Tensor x = torch::rand({3, options.in_channels(), 9, 8});
    const auto reference_x = exact(rounded_inputs(x)).requires_grad_();
    const auto reference_w = exact(rounded_weights(layer->weight)).requires_grad_();
    x.requires_grad_();
    const auto bias = exact(layer->bias);
    const auto reference = torch::conv2d(reference_x, reference_w, bias, options.stride(), options.padding(),
                                         options.dilation(), options.groups());
    const auto y = layer->forward(x);
    expect_close(y, reference, 1e-5);

    const auto weights = torch::rand_like(reference) - 0.5;
    (reference * weights).sum().backward();
    (y * weights).sum().backward();
    expect_close(x.grad(), reference_x.grad(), 1e-5);
    expect_close(layer->weight.grad(), reference_w.grad(), 1e-5);
    if (options.bias())
        expect_close(layer->bias.grad(), weights.transpose(0, 1).flatten(1).sum(1), 1e-5);
}

TEST(CrossbarConv2d, GivenPerfectHardware_ThenItIsAConvolution) {
    expect_convolution(CrossbarConv2dOptions(3, 5, 3), perfect());
    expect_convolution(CrossbarConv2dOptions(16, 40, 3).padding(1).bias(false), perfect());
    expect_convolution(CrossbarConv2dOptions(4, 6, 3).stride({2, 1}).padding({2, 1}).groups(2), perfect());
    expect_convolution(CrossbarConv2dOptions(6, 6, {3, 2}).dilation({2, 3}).padding({1, 2}).groups(6), perfect());
    expect_convolution(CrossbarConv2dOptions(5, 3, 1), perfect());
}

TEST(CrossbarConv2d, GivenAnyMappingOfWeights_ThenItIsAConvolution) {
    for (WeightMapping mapping : {WeightMapping::offset, WeightMapping::separate})
        for (CellStorage storage : {CellStorage::levels, CellStorage::analog}) {
            SCOPED_TRACE(std::string(name_of(mapping)) + " " + name_of(storage));
            HardwareConfig hw = fine_hardware();
            hw.device.storage = storage;
            hw.device.r_off_ohm = 1e12;
            hw.crossbar.weights = mapping;
            expect_convolution(CrossbarConv2dOptions(4, 6, 3).padding(1), on(hw));
        }
}

// Weights of 8 bits are rounded again, to steps that are 127 / (2^(b-1) - 1) larger; of one bit they are signs.
TEST(CrossbarConv2d, GivenFewerBits_ThenItIsAConvolutionOfFewerSteps) {
    for (WeightMapping mapping : {WeightMapping::differential, WeightMapping::offset, WeightMapping::separate})
        for (const NumericsConfig numerics : {NumericsConfig{5, 4}, NumericsConfig{3, 2}, NumericsConfig{1, 1}}) {
            SCOPED_TRACE(fmt::format("{} {} bits", name_of(mapping), numerics.weight_bits));
            torch::manual_seed(1);
            CrossbarLayerOptions options = perfect();
            options.hardware.crossbar.weights = mapping;
            options.hardware.numerics = numerics;
            const double steps = (1 << numerics.activation_bits) - 1;
            options.input_scale = 1.0 / steps;
            CrossbarConv2d layer(CrossbarConv2dOptions(4, 6, 3).padding(1), options);
            const torch::Tensor w = exact(layer->weight), largest = w.abs().amax({1, 2, 3}, true);
            const double highest = (1 << std::max(1, numerics.weight_bits - 1)) - 1;
            const torch::Tensor eight = (w / largest * 127).round();
            const torch::Tensor narrow =
                numerics.weight_bits > 1
                    ? (eight * highest / 127).round() * largest / highest
                    : torch::where(eight.lt(0), -1.0, 1.0) * eight.abs().mean({1, 2, 3}, true) * largest / 127;
            torch::Tensor x = torch::rand({2, 4, 5, 6});
            const auto rounded = (exact(x) * steps).round() / steps;
            const auto y = layer->forward(x.requires_grad_());
            expect_close(y, torch::conv2d(rounded, narrow, exact(layer->bias), 1, 1), 1e-5);
            expect_close(layer->effective_weight(), narrow, 1e-5);
            y.sum().backward();
            expect_close(x.grad(), torch::conv_transpose2d(torch::ones_like(exact(y)), narrow, {}, 1, 1), 1e-5);
        }
}

TEST(CrossbarConv2d, GivenGroupsThatShareArrays_ThenItIsAConvolution) {
    for (WeightMapping mapping : {WeightMapping::differential, WeightMapping::offset, WeightMapping::separate}) {
        SCOPED_TRACE(name_of(mapping));
        HardwareConfig hw = test::perfect_hardware();
        hw.crossbar.weights = mapping;
        hw.mapping.group_packing = GroupPacking::diagonal;
        expect_convolution(CrossbarConv2dOptions(9, 18, 3).padding(1).groups(9), on(hw));
        expect_convolution(CrossbarConv2dOptions(4, 6, {3, 2}).stride(2).groups(2), on(hw));
    }
}

// Groups of an array are one matrix with zeros written out: what leaks between them has the same part in all gradients.
TEST(CrossbarConv2d, GivenGroupsThatShareAWiredArray_ThenItIsTheDenseLayerOfTheSameCells) {
    constexpr int groups = 4, rows = 3, inputs = groups * rows;
    for (WeightMapping mapping : {WeightMapping::differential, WeightMapping::separate})
        for (WeightGradient gradient :
             {WeightGradient::straight_through, WeightGradient::own_path, WeightGradient::exact}) {
            SCOPED_TRACE(std::string(name_of(mapping)) + " " + std::to_string(static_cast<int>(gradient)));
            torch::manual_seed(7);
            HardwareConfig hw = wired(fine_hardware());
            hw.crossbar.weights = mapping;
            hw.device.programming_sigma = 0.1;
            hw.mapping.group_packing = GroupPacking::diagonal;
            CrossbarLayerOptions options = on(hw);
            options.weight_gradient = gradient;
            CrossbarConv2d grouped(CrossbarConv2dOptions(inputs, groups, 1).groups(groups).bias(false), options);
            CrossbarLinear dense(CrossbarLinearOptions(inputs, groups).bias(false), options);
            const auto diagonal = [](const torch::Tensor& matrix) {
                std::vector<torch::Tensor> parts;
                for (int g = 0; g < groups; ++g)
                    parts.push_back(matrix[g].narrow(0, g * rows, rows));
                return torch::stack(parts);
            };
            {
                const torch::NoGradGuard no_grad;
                dense->weight.zero_();
                for (int g = 0; g < groups; ++g)
                    dense->weight[g].narrow(0, g * rows, rows).copy_(grouped->weight[g].flatten());
            }
            torch::Tensor x = torch::rand({5, inputs}).requires_grad_();
            torch::Tensor maps = x.detach().view({5, inputs, 1, 1}).clone().requires_grad_();
            const auto outer = torch::rand({5, groups}) - 0.5;
            const auto y = dense->forward(x), z = grouped->forward(maps);
            expect_close(z.view({5, groups}), y, 1e-6);
            y.backward(outer);
            z.backward(outer.view({5, groups, 1, 1}));
            expect_close(maps.grad().view({5, inputs}), x.grad(), 1e-6);
            expect_close(grouped->weight.grad().view({groups, rows}), diagonal(dense->weight.grad()), 1e-6);
        }
}

TEST(CrossbarConv2d, GivenANonlinearCircuitOfLinearCells_ThenItIsAConvolution) {
    HardwareConfig hw = fine_hardware();
    hw.crossbar.circuit = Circuit::exact;
    expect_convolution(CrossbarConv2dOptions(2, 3, 3).stride(3), on(hw));
}

TEST(CrossbarLinear, GivenPerfectHardware_ThenItIsAMatrix) {
    CrossbarLinear layer(CrossbarLinearOptions(150, 20), perfect());
    torch::Tensor x = torch::rand({2, 3, 150}).requires_grad_();
    const auto weight = rounded_weights(layer->weight);
    const auto y = layer->forward(x);
    expect_close(y, torch::linear(rounded_inputs(x.detach()), weight, layer->bias.detach()), 1e-5);
    const auto outer = torch::rand_like(y);
    y.backward(outer);
    expect_close(x.grad(), outer.matmul(weight), 1e-5);
    expect_close(layer->weight.grad(), outer.view({6, 20}).t().mm(rounded_inputs(x.detach()).view({6, 150})), 1e-5);
    expect_close(layer->bias.grad(), outer.flatten(0, 1).sum(0), 1e-5);
}

TEST(CrossbarLinear, GivenInputsOutOfRange_ThenTheyAreCutAndHaveNoGradient) {
    CrossbarLinear layer(CrossbarLinearOptions(3, 2), perfect());
    torch::Tensor x = torch::tensor({{-0.3f, 0.5f, 1.2f}}).requires_grad_();
    const auto y = layer->forward(x);
    expect_close(y, layer->forward(torch::tensor({{0.0f, 0.5f, 1.0f}})), 1e-6);
    y.sum().backward();
    EXPECT_EQ(x.grad()[0][0].item<float>(), 0.0f);
    EXPECT_NE(x.grad()[0][1].item<float>(), 0.0f);
    EXPECT_EQ(x.grad()[0][2].item<float>(), 0.0f);
}

TEST(CrossbarLinear, GivenSignedInputs_ThenBothSignsAreRead) {
    CrossbarLayerOptions options = perfect();
    options.signed_inputs = true;
    CrossbarLinear layer(CrossbarLinearOptions(100, 7), options);
    torch::Tensor x = (torch::rand({4, 100}) * 2 - 1).requires_grad_();
    {
        const torch::NoGradGuard no_grad;
        x[0][0] = -1.5;
    }
    const auto inputs = x.detach().div(scale).round().clamp(-255, 255).mul(scale);
    const auto weight = rounded_weights(layer->weight);
    const auto y = layer->forward(x);
    expect_close(y, torch::linear(inputs, weight, layer->bias.detach()), 1e-5);
    const auto outer = torch::rand_like(y) - 0.5;
    y.backward(outer);
    auto wanted = outer.mm(weight);
    wanted[0][0] = 0.0;
    expect_close(x.grad(), wanted, 1e-5);
    expect_close(layer->weight.grad(), outer.t().mm(inputs), 1e-5);
}

TEST(CrossbarConv2d, GivenWires_ThenTheInputGradientIsThatOfTheForwardPass) {
    torch::manual_seed(2);
    HardwareConfig hw = wired(fine_hardware());
    hw.device.programming_sigma = 0.1;
    CrossbarConv2d layer(CrossbarConv2dOptions(2, 3, 3).padding(1).stride(2), on(hw));
    layer->eval();
    torch::Tensor x = torch::rand({1, 2, 4, 5}) * 0.2;
    const auto outer = torch::rand_like(layer->forward(x)) - 0.5;
    const auto loss = [&](const torch::Tensor& maps) { return (layer->forward(maps) * outer).sum(); };
    x.requires_grad_();
    loss(x).backward();
    const torch::NoGradGuard no_grad;
    const float step = 200.0f / 255.0f;  // large against the roundings of ADC and inputs
    torch::Tensor differences = torch::zeros_like(x);
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const auto low = rounded_inputs(x).clone(), high = low.clone();
        high.view(-1)[i] += step;
        differences.view(-1)[i] = (loss(high) - loss(low)) / step;
    }
    expect_close(x.grad(), differences, 0.01);
    const auto without_wires = torch::conv_transpose2d(outer, rounded_weights(layer->weight), {}, 2, 1, {1, 0});
    EXPECT_GT((x.grad() - without_wires).abs().max().item<double>(), 0.05 * differences.abs().max().item<double>())
        << "wires must matter";
}

/// Weights that are integers, with a 127 in each row that is never changed: the scale of every output is 1.
void make_integer(CrossbarLinear& layer, std::int64_t from, std::int64_t to) {
    const torch::NoGradGuard no_grad;
    layer->weight.copy_(torch::randint(from, to, layer->weight.sizes()));
    layer->weight.select(1, 0).fill_(127.0);
}

/// d loss / d weight for d loss / d effective weight = outer' x, which one vector gives.
torch::Tensor weight_gradient_of(CrossbarLinear& layer, const torch::Tensor& x, const torch::Tensor& outer) {
    layer->zero_grad();
    layer->forward(x).backward(outer);
    return layer->weight.grad().clone();
}

TEST(CrossbarLinear, GivenExactWeightGradient_ThenItIsThatOfTheEffectiveWeights) {
    for (WeightMapping mapping : {WeightMapping::differential, WeightMapping::offset, WeightMapping::separate}) {
        SCOPED_TRACE(name_of(mapping));
        torch::manual_seed(3);
        HardwareConfig hw = wired(fine_hardware());
        hw.crossbar.weights = mapping;
        hw.device.programming_sigma = 0.1;
        hw.device.stuck_off_rate = 0.05;
        hw.device.r_access_ohm = 2e3;
        hw.adc.gain_sigma = 0.1;
        CrossbarLayerOptions options = on(hw);
        options.weight_gradient = WeightGradient::exact;
        CrossbarLinear layer(CrossbarLinearOptions(14, 5).bias(false), options);
        make_integer(layer, -100, 100);
        {
            const torch::NoGradGuard no_grad;
            layer->weight.select(1, 5).zero_();  // where the cells change that hold a weight
        }
        const auto x = rounded_inputs(torch::rand({1, 14}) * 0.1), outer = torch::rand({1, 5}) - 0.5;
        const auto gradient = weight_gradient_of(layer, x, outer);
        const torch::NoGradGuard no_grad;
        const auto loss = [&] {
            layer->program();
            return (layer->effective_weight().to(torch::kFloat64) * outer.t().mm(x)).sum().item<double>();
        };
        auto differences = torch::zeros_like(gradient);
        for (std::int64_t o = 0; o < 5; ++o)
            for (std::int64_t r = 1; r < 14; ++r) {
                const auto weight = layer->weight[o][r].clone();
                layer->weight[o][r] = weight + 1;
                const double high = loss();
                layer->weight[o][r] = weight - 1;
                differences[o][r] = 0.5 * (high - loss());
                layer->weight[o][r] = weight;
            }
        expect_close(gradient.narrow(1, 1, 13), differences.narrow(1, 1, 13), 2e-3);
    }
}

TEST(CrossbarLinear, GivenOwnPathGradient_ThenItIsWhatAWeightDoesToItsOwnEntry) {
    torch::manual_seed(4);
    HardwareConfig hw = wired(fine_hardware());
    hw.crossbar.weights = WeightMapping::separate;  // no second column in the entry
    CrossbarLayerOptions options = on(hw);
    options.weight_gradient = WeightGradient::own_path;
    CrossbarLinear layer(CrossbarLinearOptions(12, 4).bias(false), options);
    make_integer(layer, 10, 100);
    const auto gradient = weight_gradient_of(layer, torch::full({1, 12}, 1.0), torch::ones({1, 4}));
    const torch::NoGradGuard no_grad;
    for (std::int64_t o = 0; o < 4; ++o)
        for (std::int64_t r = 1; r < 12; ++r) {
            const auto realised = [&] {
                layer->program();
                return layer->effective_weight()[o][r].item<double>();
            };
            layer->weight[o][r] += 2;
            const double high = realised();
            layer->weight[o][r] -= 4;
            const double difference = (high - realised()) / 4;
            layer->weight[o][r] += 2;
            EXPECT_NEAR(gradient[o][r].item<double>(), difference, 2e-3);
            EXPECT_LT(difference, 0.97) << "wires must matter";
        }
}

TEST(CrossbarLinear, GivenNoWires_ThenAllWeightGradientsAreStraightThrough) {
    for (WeightMapping mapping : {WeightMapping::differential, WeightMapping::offset, WeightMapping::separate})
        for (int bits : {1, 2, 3}) {
            SCOPED_TRACE(name_of(mapping));
            torch::manual_seed(5);
            HardwareConfig hw = test::perfect_hardware();
            hw.numerics.weight_bits = bits == 3 ? 1 : 8;
            hw.crossbar.weights = mapping;
            hw.crossbar.rows = 16;
            hw.crossbar.cols = 20;
            hw.device.bits_per_cell = bits;
            hw.adc.bits = 4;  // clips
            CrossbarLayerOptions options = on(hw);
            CrossbarLinear layer(CrossbarLinearOptions(40, 9), options);
            {
                const torch::NoGradGuard no_grad;
                layer->weight.narrow(1, 3, 2).zero_();
            }
            const auto x = torch::rand({6, 40}), outer = torch::rand({6, 9}) - 0.5;
            const auto wanted = weight_gradient_of(layer, x, outer);
            for (WeightGradient path : {WeightGradient::own_path, WeightGradient::exact}) {
                options.weight_gradient = path;
                CrossbarLinear other(CrossbarLinearOptions(40, 9), options);
                {
                    const torch::NoGradGuard no_grad;
                    other->weight.copy_(layer->weight);
                }
                expect_close(weight_gradient_of(other, x, outer), wanted, 1e-6);
            }
        }
}

/// Every weight 127 on 16 rows and an ADC that ends at 7: conversions of driven rows are out of range.
HardwareConfig clipping_hardware() {
    HardwareConfig hw = test::perfect_hardware();
    hw.crossbar.rows = 16;
    hw.adc.bits = 4;
    return hw;
}

TEST(CrossbarLinear, GivenASaturatedAdc_ThenThereIsNoGradient) {
    CrossbarLinear layer(CrossbarLinearOptions(32, 3), on(clipping_hardware()));
    {
        const torch::NoGradGuard no_grad;
        layer->weight.fill_(1.0);
    }
    auto x = torch::ones({2, 32}).requires_grad_();
    layer->forward(x).sum().backward();
    EXPECT_EQ(x.grad().abs().max().item<float>(), 0.0f);
    EXPECT_EQ(layer->weight.grad().abs().max().item<float>(), 0.0f);
}

TEST(CrossbarLinear, GivenSomeConversionsOutOfRange_ThenTheOthersCountForTheGradient) {
    CrossbarLinear layer(CrossbarLinearOptions(32, 3), on(clipping_hardware()));
    {
        const torch::NoGradGuard no_grad;
        layer->weight.fill_(1.0);
    }
    // Bits 0 and 1 of 16 inputs (one array) are driven: 2 of its 8 reads are out of range, none of the other array's.
    auto x = torch::cat({torch::full({1, 16}, 3.0 * scale), torch::zeros({1, 16})}, 1).requires_grad_();
    layer->forward(x).sum().backward();
    EXPECT_TRUE(torch::allclose(x.grad().narrow(1, 0, 16), torch::full({1, 16}, 3.0 * 6 / 8)));
    EXPECT_TRUE(torch::allclose(x.grad().narrow(1, 16, 16), torch::full({1, 16}, 3.0)));
    EXPECT_TRUE(torch::allclose(layer->weight.grad().narrow(1, 0, 16), torch::full({3, 16}, 3.0 * scale * 6 / 8)));
}

TEST(CrossbarLinear, GivenSumsAtTheEndOfTheRange_ThenOnlyThoseBeyondItAreClipped) {
    // Least significant slices: 3 of the weight 127, and 4 or 5 times 1; the ADC ends at 7.
    for (int ones : {4, 5}) {
        CrossbarLinear layer(CrossbarLinearOptions(16, 1), on(clipping_hardware()));
        {
            const torch::NoGradGuard no_grad;
            layer->weight.zero_();
            layer->weight[0].narrow(0, 0, ones).fill_(1.0 / 127.0);
            layer->weight[0][15] = 1.0;
        }
        auto x = torch::ones({1, 16}).requires_grad_();
        layer->forward(x).sum().backward();
        EXPECT_FLOAT_EQ(x.grad()[0][15].item<float>(), ones == 4 ? 1.0f : 0.75f);
    }
}

TEST(CrossbarLinear, GivenSignedInputsAndAClippedSign_ThenOnlyThatSignLosesGradient) {
    CrossbarLayerOptions options = on(clipping_hardware());
    options.signed_inputs = true;
    CrossbarLinear layer(CrossbarLinearOptions(16, 2), options);
    {
        const torch::NoGradGuard no_grad;
        layer->weight.fill_(1.0);
    }
    auto x = torch::ones({1, 16});
    x[0][4] = -scale;
    x.requires_grad_();
    layer->forward(x).sum().backward();
    for (int r = 0; r < 16; ++r)
        EXPECT_FLOAT_EQ(x.grad()[0][r].item<float>(), r == 4 ? 2.0f : 0.0f);
}

TEST(CrossbarLinear, GivenRefreshSteps_ThenTheArraysTakeNewWeightsThatOften) {
    CrossbarLayerOptions options = perfect();
    options.refresh_steps = 3;
    CrossbarLinear layer(CrossbarLinearOptions(8, 4), options);
    const auto x = torch::rand({1, 8});
    const auto step = [&](double factor) {
        const torch::NoGradGuard no_grad;
        layer->weight.mul_(factor);
        return layer->forward(x);
    };
    const auto first = step(1.0);
    EXPECT_EQ(layer->programmings(), 1);
    EXPECT_TRUE(torch::equal(step(2.0), first));
    EXPECT_TRUE(torch::equal(step(2.0), first));
    EXPECT_FALSE(torch::equal(step(2.0), first));
    EXPECT_EQ(layer->programmings(), 2);
    for (int i = 0; i < 5; ++i)
        step(1.0);
    EXPECT_EQ(layer->programmings(), 2) << "the same weights need no programming";
    step(2.0);
    EXPECT_EQ(layer->programmings(), 3);
    step(2.0);
    EXPECT_EQ(layer->programmings(), 3);
    layer->eval();
    step(1.0);
    EXPECT_EQ(layer->programmings(), 4) << "evaluation uses the weights as they are";
}

TEST(CrossbarLinear, GivenARefreshBound_ThenTheArraysFollowWhenAWeightHasMovedFurther) {
    CrossbarLayerOptions options = perfect();
    options.refresh_steps = 1000;
    options.refresh_bound = 0.1;
    CrossbarLinear layer(CrossbarLinearOptions(4, 1), options);
    const auto x = torch::rand({1, 4});
    const auto with = [&](float value) {
        const torch::NoGradGuard no_grad;
        layer->weight.fill_(1.0);
        layer->weight[0][2] = value;
        layer->forward(x);
        return layer->programmings();
    };
    EXPECT_EQ(with(0.5f), 1);
    EXPECT_EQ(with(0.59f), 1);
    EXPECT_EQ(with(0.41f), 1);
    EXPECT_EQ(with(0.61f), 2);
    EXPECT_EQ(with(0.52f), 2);
}

TEST(CrossbarLinear, GivenProgrammingBeforeTheBackwardPass_ThenGradientsAreThoseOfTheForwardPass) {
    CrossbarLinear layer(CrossbarLinearOptions(8, 4), perfect());
    auto x = torch::rand({1, 8}).requires_grad_();
    const auto weight = rounded_weights(layer->weight);
    const auto y = layer->forward(x);
    {
        const torch::NoGradGuard no_grad;
        layer->weight.neg_();
    }
    layer->program();
    y.sum().backward();
    expect_close(x.grad(), weight.sum(0, true), 1e-6);
}

HardwareConfig harsh_hardware() {
    HardwareConfig hw = wired(HardwareConfig{});
    hw.crossbar.rows = hw.crossbar.cols = 32;
    hw.device.programming_sigma = 0.1;
    hw.device.read_noise_sigma = 0.02;
    hw.device.stuck_on_rate = hw.device.stuck_off_rate = 0.01;
    hw.adc.bits = 6;
    hw.adc.noise_sigma_lsb = 0.5;
    return hw;
}

TEST(CrossbarLayers, GivenNoise_ThenAnImageHasTheSameBitsInAnyBatchAndOnAnyThreads) {
    for (bool with_sign : {false, true}) {
        torch::manual_seed(6);
        CrossbarLayerOptions options = on(harsh_hardware());
        options.signed_inputs = with_sign;
        CrossbarConv2d layer(CrossbarConv2dOptions(4, 10, 3).padding(1), options);
        layer->eval();
        options.threads = 3;
        CrossbarConv2d threaded(CrossbarConv2dOptions(4, 10, 3).padding(1), options);
        {
            const torch::NoGradGuard no_grad;
            threaded->weight.copy_(layer->weight);
            threaded->bias.copy_(layer->bias);
        }
        const auto x = torch::rand({5, 4, 7, 5}) - (with_sign ? 0.5 : 0.0), outer = torch::rand({5, 10, 7, 5}) - 0.5;
        const auto run = [&](CrossbarConv2d& on_layer, std::int64_t first, std::int64_t count) {
            on_layer->zero_grad();
            on_layer->set_image_offset(100 + first);
            auto part = x.narrow(0, first, count).clone().requires_grad_();
            const auto y = on_layer->forward(part);
            y.backward(outer.narrow(0, first, count));
            return std::make_pair(y.detach(), part.grad());
        };
        const auto all = run(layer, 0, 5);
        const auto all_weights = layer->weight.grad().clone();
        const auto a = run(layer, 0, 2), b = run(layer, 2, 3);
        EXPECT_TRUE(torch::equal(all.first, torch::cat({a.first, b.first})));
        EXPECT_TRUE(torch::equal(all.second, torch::cat({a.second, b.second})));
        const auto parallel = run(threaded, 0, 5);
        EXPECT_TRUE(torch::equal(all.first, parallel.first));
        EXPECT_TRUE(torch::equal(all.second, parallel.second));
        EXPECT_TRUE(torch::equal(all_weights, threaded->weight.grad()));
        EXPECT_EQ(threaded->image_offset(), 105);
        EXPECT_FALSE(torch::equal(threaded->forward(x), all.first)) << "other images, other noise";
    }
}

TEST(CrossbarLayers, GivenNoiseAndSignedInputs_ThenTheTwoPassesDrawNoiseOfTheirOwn) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.noise_sigma_lsb = 2.0;
    CrossbarLayerOptions options = on(hw);
    options.signed_inputs = true;
    CrossbarLinear layer(CrossbarLinearOptions(4, 50).bias(false), options);
    EXPECT_GT(layer->forward(torch::zeros({1, 4})).abs().max().item<float>(), 0.0f) << "equal noise would cancel";
}

TEST(CrossbarLayers, GivenHarshHardware_ThenTrainingLowersTheLoss) {
    for (WeightGradient path : {WeightGradient::straight_through, WeightGradient::exact}) {
        torch::manual_seed(7);
        CrossbarLayerOptions options = on(harsh_hardware());
        options.weight_gradient = path;
        options.refresh_steps = 4;
        CrossbarConv2d conv(CrossbarConv2dOptions(1, 6, 3).stride(2), options);
        options.layer = 1;
        options.input_scale = 0.0;
        CrossbarLinear linear(CrossbarLinearOptions(6 * 3 * 3, 4), options);
        auto parameters = conv->parameters();
        for (const auto& p : linear->parameters())
            parameters.push_back(p);
        torch::optim::Adam optimiser(parameters, torch::optim::AdamOptions(0.02));
        // Which quarter of the picture is bright?
        const auto labels = torch::arange(16).remainder(4);
        auto x = torch::rand({16, 1, 8, 8}) * 0.3;
        for (int n = 0; n < 16; ++n)
            x[n].narrow(1, n % 4 / 2 * 4, 4).narrow(2, n % 2 * 4, 4) += 0.4;
        std::vector<double> losses;
        for (int i = 0; i < 24; ++i) {
            optimiser.zero_grad();
            const auto loss =
                torch::cross_entropy_loss(linear->forward(torch::relu(conv->forward(x)).flatten(1)), labels);
            loss.backward();
            optimiser.step();
            losses.push_back(loss.item<double>());
        }
        EXPECT_LT(losses.back(), 0.5 * losses.front());
    }
}

TEST(CrossbarLayers, GivenNoInputScale_ThenTrainingObservesTheLargestInput) {
    CrossbarLayerOptions options = perfect();
    options.input_scale = 0.0;
    CrossbarLinear layer(CrossbarLinearOptions(4, 2), options);
    layer->eval();
    EXPECT_THROW(layer->forward(torch::ones({1, 4})), InputError);
    layer->train();
    layer->forward(torch::zeros({1, 4}));
    layer->forward(torch::full({1, 4}, 3.0));
    layer->forward(torch::full({1, 4}, 2.0));
    EXPECT_DOUBLE_EQ(layer->input_range.item<double>(), 3.0);
    layer->eval();
    expect_close(layer->forward(torch::full({1, 4}, 9.0)), layer->forward(torch::full({1, 4}, 3.0)), 1e-6);
    EXPECT_DOUBLE_EQ(layer->input_range.item<double>(), 3.0);

    options.input_percentile = 75.0;
    options.signed_inputs = true;
    CrossbarLinear percentile(CrossbarLinearOptions(4, 2), options);
    percentile->forward(torch::tensor({{1.0f, -2.0f, -3.0f, 40.0f}}));
    EXPECT_DOUBLE_EQ(percentile->input_range.item<double>(), 3.0);
}

TEST(CrossbarLayers, GivenACalibratedAdc_ThenItsRangeIsMeasuredOnTheFirstBatch) {
    HardwareConfig hw = test::perfect_hardware();
    hw.adc.range = AdcRange::calibrated;
    hw.adc.percentile = 100.0;
    CrossbarConv2d layer(CrossbarConv2dOptions(2, 3, 3), on(hw));
    layer->eval();
    const auto x = torch::rand({4, 2, 6, 6});
    EXPECT_THROW(layer->forward(x), InputError);
    layer->train();
    const auto y = layer->forward(x);
    const double range = layer->adc_range.item<double>();
    EXPECT_GT(range, 3.0);
    EXPECT_LE(range, 2 * 9 * 3.0);
    expect_close(y, torch::conv2d(exact(rounded_inputs(x)), exact(rounded_weights(layer->weight)), exact(layer->bias)),
                 0.01);
    layer->forward(torch::ones({1, 2, 6, 6}));
    EXPECT_DOUBLE_EQ(layer->adc_range.item<double>(), range);
}

TEST(CrossbarLayers, GivenSavedParameters_ThenALoadedLayerGivesTheSameBits) {
    CrossbarLayerOptions options = on(harsh_hardware());
    options.input_scale = 0.0;
    CrossbarLinear layer(CrossbarLinearOptions(20, 5), options), other(CrossbarLinearOptions(20, 5), options);
    const auto x = torch::rand({3, 20});
    layer->forward(x);
    std::stringstream file;
    torch::save(layer, file);
    torch::load(other, file);
    for (auto* each : {&layer, &other}) {
        (*each)->eval();
        (*each)->set_image_offset(0);
    }
    EXPECT_TRUE(torch::equal(layer->forward(x), other->forward(x)));
}

template <class Make>
std::string refusal(const Make& make) {
    try {
        make();
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(CrossbarLayers, GivenBadOptions_ThenTheMessageSaysWhich) {
    using testing::HasSubstr;
    const auto conv = [](const CrossbarConv2dOptions& shape) {
        return refusal([&] { CrossbarConv2d layer(shape, perfect()); });
    };
    EXPECT_THAT(conv(CrossbarConv2dOptions(0, 4, 3)), HasSubstr("input and one output channel"));
    EXPECT_THAT(conv(CrossbarConv2dOptions(4, 4, 0)), HasSubstr("kernel"));
    EXPECT_THAT(conv(CrossbarConv2dOptions(4, 6, 3).groups(4)), HasSubstr("4 groups of 4 and 6 channels"));
    EXPECT_THAT(conv(CrossbarConv2dOptions(4, 6, 3).groups(0)), HasSubstr("groups"));
    EXPECT_THAT(conv(CrossbarConv2dOptions(4, 6, 3).stride({1, 0})), HasSubstr("stride of at least 1, got 1 x 0"));
    EXPECT_THAT(conv(CrossbarConv2dOptions(4, 6, 3).padding(-1)), HasSubstr("padding"));
    EXPECT_THAT(conv(CrossbarConv2dOptions(4, 6, 3).dilation(0)), HasSubstr("dilation"));
    const auto linear = [](auto change) {
        CrossbarLayerOptions options = perfect();
        change(options);
        return refusal([&] { CrossbarLinear layer(CrossbarLinearOptions(4, 2), options); });
    };
    EXPECT_THAT(linear([](CrossbarLayerOptions& o) { o.layer = 5000; }), HasSubstr("layer number"));
    EXPECT_THAT(linear([](CrossbarLayerOptions& o) { o.refresh_steps = 0; }), HasSubstr("refresh_steps"));
    EXPECT_THAT(linear([](CrossbarLayerOptions& o) { o.refresh_bound = -1; }), HasSubstr("refresh_bound"));
    EXPECT_THAT(linear([](CrossbarLayerOptions& o) { o.input_scale = -1; }), HasSubstr("input_scale"));
    EXPECT_THAT(linear([](CrossbarLayerOptions& o) { o.input_percentile = 101; }), HasSubstr("input_percentile"));
    EXPECT_THAT(linear([](CrossbarLayerOptions& o) { o.adc_range_levels = -1; }), HasSubstr("adc_range_levels"));
    EXPECT_THAT(linear([](CrossbarLayerOptions& o) { o.threads = 0; }), HasSubstr("thread"));
    EXPECT_THAT(linear([](CrossbarLayerOptions& o) { o.hardware.crossbar.cols = 3; }), HasSubstr("crossbar.cols"));
    EXPECT_THAT(linear([](CrossbarLayerOptions& o) { o.hardware.numerics.weight_bits = 9; }),
                HasSubstr("numerics.weight_bits"));

    CrossbarConv2d layer(CrossbarConv2dOptions(2, 3, 3), perfect());
    EXPECT_THAT(refusal([&] { layer->forward(torch::rand({1, 3, 5, 5})); }), HasSubstr("[N, 2, height, width]"));
    EXPECT_THAT(refusal([&] { layer->forward(torch::rand({1, 2, 2, 5})); }), HasSubstr("2 x 5"));
    EXPECT_THAT(refusal([&] { layer->set_image_offset(-1); }), HasSubstr("image offset"));
    CrossbarLinear matrix(CrossbarLinearOptions(4, 2), perfect());
    EXPECT_THAT(refusal([&] { matrix->forward(torch::rand({1, 5})); }), HasSubstr("4 inputs"));
}

TEST(AddProduct, GivenAnyCutOfTheWork_ThenTheBitsAreThoseOfOneLoop) {
    const int rows = 7, cols = 75, depth = 21;
    const auto a = torch::rand({depth, rows}) - 0.5, b = torch::rand({depth, cols}) - 0.5,
               start = torch::rand({rows, cols});
    auto loop = start.clone(), whole = start.clone(), parts = start.clone();
    auto *la = a.data_ptr<float>(), *lb = b.data_ptr<float>(), *lc = loop.data_ptr<float>();
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < cols; ++j)
            for (int l = 0; l < depth; ++l)
                lc[i * cols + j] += la[l * rows + i] * lb[l * cols + j];
    add_product(rows, cols, depth, {la, 1, rows}, {lb, cols, 1}, whole.data_ptr<float>(), cols);
    EXPECT_TRUE(torch::equal(whole, loop));
    for (int first : {0, 8})
        for (int left : {0, 40})
            add_product(rows, left == 0 ? 40 : 35, first == 0 ? 8 : 13, {la + first * rows, 1, rows},
                        {lb + first * cols + left, cols, 1}, parts.data_ptr<float>() + left, cols);
    EXPECT_TRUE(torch::equal(parts, loop));
}

}  // namespace
}  // namespace xloop
