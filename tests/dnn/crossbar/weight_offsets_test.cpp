#include "dnn/crossbar/weight_offsets.hpp"

#include "dnn/quantise.hpp"
#include "tests/dnn/small_networks.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

/// Wires of almost no resistance and exact programming: the arrays realise the integers.
HardwareConfig ideal_hardware() {
    HardwareConfig h;
    h.crossbar.rows = h.crossbar.cols = 32;
    h.device.programming_sigma = 0.0;
    h.crossbar.r_driver_ohm = h.crossbar.r_sense_ohm = 1e-6;
    h.crossbar.r_wire_row_ohm = h.crossbar.r_wire_col_ohm = 1e-6;
    return h;
}

void expect_quantised(Supernet& net, const SubnetPath& path) {
    const WeightOffsets offsets = crossbar_offsets(net, path, ideal_hardware());
    const WorkloadGraph graph = net->graph(path);
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        ASSERT_EQ(offsets[l].defined(), layer.on_crossbars());
        if (!layer.on_crossbars())
            continue;
        const torch::Tensor weight = net->active_weight(static_cast<int>(l), path).detach();
        const torch::Tensor scales = weight_scales(weight, layer.is_output).view({-1, 1, 1, 1});
        const torch::Tensor quantised = (weight.to(torch::kFloat64) / scales).round() * scales;
        ASSERT_EQ(offsets[l].sizes(), weight.sizes());
        EXPECT_TRUE(torch::allclose((weight + offsets[l]).to(torch::kFloat64), quantised, 1e-4, 1e-5)) << layer.name;
    }
}

TEST(CrossbarOffsets, IdealArraysGiveTheQuantisedWeights) {
    Supernet varied(test::varied_network(), 3);
    expect_quantised(varied, varied->spec().largest_path());
    Supernet space(test::small_space(), 3);
    expect_quantised(space, space->spec().smallest_path());
}

// Weights are rounded to 8 bits and then again: to half a step, and half of an eight-bit one.
TEST(CrossbarOffsets, OfFewBitsGiveWeightsOfFewSteps) {
    Supernet net(test::varied_network(), 3);
    const SubnetPath path = net->spec().largest_path();
    const WorkloadGraph graph = net->graph(path);
    for (int bits : {1, 2, 4}) {
        HardwareConfig hardware = ideal_hardware();
        hardware.numerics.weight_bits = bits;
        const WeightOffsets offsets = crossbar_offsets(net, path, hardware);
        for (std::size_t l = 0; l < graph.layers.size(); ++l) {
            if (!graph.layers[l].on_crossbars())
                continue;
            const torch::Tensor w = net->active_weight(static_cast<int>(l), path).detach().flatten(1);
            const torch::Tensor realised = (net->active_weight(static_cast<int>(l), path) + offsets[l]).flatten(1);
            const bool is_output = graph.layers[l].is_output;
            const auto of_all = [&](torch::Tensor rows, bool mean) {
                return is_output ? (mean ? rows.mean() : rows.max()).expand_as(rows) : rows;
            };
            if (bits == 1) {
                const torch::Tensor step = of_all(w.abs().mean(1, true), true);
                EXPECT_TRUE(torch::allclose(realised.abs(), step.expand_as(w), 2e-2, 1e-6)) << graph.layers[l].name;
                EXPECT_TRUE(realised.mul(w).ge(-1e-2 * w.abs().max()).all().item<bool>());
            } else {
                const torch::Tensor step = of_all(w.abs().amax(1, true), false) / ((1 << (bits - 1)) - 1);
                EXPECT_TRUE((realised - w).abs().le(0.53 * step).all().item<bool>()) << graph.layers[l].name;
            }
        }
    }
}

TEST(CrossbarOffsets, VanishWhenTheWeightsAreOnTheGrid) {
    Supernet net(test::small_space(), 3);
    const SubnetPath path = net->spec().largest_path();
    {
        const torch::NoGradGuard no_grad;
        for (auto& p : net->named_parameters())
            if (p.key().find("weight") != std::string::npos) {
                p.value().mul_(20).round_();
                p.value().flatten(1).select(1, 0).fill_(127.0);  // makes every scale 1
            }
    }
    net->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = torch::rand({3, 1, 12, 12});
    const WeightOffsets offsets = crossbar_offsets(net, path, ideal_hardware());
    OffsetHooks hooks(offsets);
    EXPECT_TRUE(torch::allclose(net->forward(x, path), net->forward(x, path, &hooks), 1e-4, 1e-3));
}

TEST(CrossbarOffsets, FollowTheChip) {
    Supernet net(test::small_space(), 3);
    const SubnetPath path = net->spec().smallest_path();
    HardwareConfig hardware;
    const torch::Tensor once = crossbar_offsets(net, path, hardware)[1];
    EXPECT_TRUE(torch::equal(once, crossbar_offsets(net, path, hardware)[1]));
    hardware.chip_seed = 2;
    EXPECT_FALSE(torch::equal(once, crossbar_offsets(net, path, hardware)[1])) << "another chip, other devices";
}

}  // namespace
}  // namespace xloop
