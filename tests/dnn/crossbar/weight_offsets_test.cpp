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
    EXPECT_TRUE(torch::allclose(net->forward(x, path), net->forward(x, path, &offsets), 1e-4, 1e-3));
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
