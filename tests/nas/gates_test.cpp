#include "nas/gates.hpp"

#include "core/error.hpp"
#include "nas/choice_costs.hpp"
#include "tests/dnn/small_networks.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace xloop {
namespace {

NetworkSpec blocks() {
    return parse_network(R"(
name: blocks
input: {channels: 1, height: 6, width: 6}
choices:
  stage: [4, 8]
  expansion: [1, 2]
  depth: [1, 2]
  groups: [1, 2]
layers:
  - {name: stem, type: conv, out_channels_from: [stage], kernel: 3, batch_norm: true, activation: relu}
  - {name: branch, type: conv, out_channels_from: [stage, expansion], kernel: [3, 5], groups_from: groups, batch_norm: true, activation: relu, present_if: depth >= 2}
  - {name: back, type: conv, out_channels_from: [stage], kernel: 1, batch_norm: true, present_if: depth >= 2}
  - {name: sum, type: add, inputs: [back, stem], activation: relu, present_if: depth >= 2}
  - {name: own, type: conv, out_channels: [4, 8], kernel: 1, batch_norm: true, activation: relu}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: logits, type: linear, out_channels: 3}
)",
                         "blocks.yaml");
}

/// Gates that are 1 for the values of a path.
std::vector<torch::Tensor> one_hot(const NetworkSpec& space, const SubnetPath& path) {
    std::vector<torch::Tensor> gates;
    std::size_t c = 0;
    for (OpenChoice& choice : space.open_choices()) {
        std::sort(choice.values.begin(), choice.values.end());
        torch::Tensor gate = torch::zeros({static_cast<std::int64_t>(choice.values.size())});
        gate[std::find(choice.values.begin(), choice.values.end(), path[c++]) - choice.values.begin()] = 1.0;
        gates.push_back(gate);
    }
    return gates;
}

TEST(Gates, GivenGatesOfOneSubnet_ThenTheirLogitsAreThatSubnets) {
    const NetworkSpec space = blocks();
    Supernet net(space, 3);
    test::disturb(net, 7);
    net->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = torch::rand({5, 1, 6, 6});
    for (std::uint64_t i = 0; i < space.path_count(); ++i) {
        const SubnetPath path = space.path(i);
        // The blocks of several groups are those of the largest widths.
        if (path[3] > 1 && (path[0] < 8 || path[1] < 2))
            continue;
        const torch::Tensor expected = net->forward(x, path);
        EXPECT_TRUE(torch::allclose(gated_logits(net, x, one_hot(space, path)), expected, 1e-4, 1e-5))
            << space.path_text(path);
    }
}

class GatesTraining : public testing::Test {
protected:
    /// Costs of the widths and the kernel alone.
    ChoiceCosts costs() const {
        ChoiceCosts costs;
        for (const OpenChoice& choice : space_.open_choices()) {
            costs.effects.emplace_back();
            for (std::size_t v = 0; v < choice.values.size(); ++v)
                costs.effects.back().push_back(static_cast<double>(v));
        }
        return costs;
    }
    Gates::HeldOut images() const { return {torch::rand({32, 1, 6, 6}), torch::arange(32) % 3, 0.03}; }
    Gates gates(const std::string& folder = {}) const {
        return Gates(space_, config_, costs(), held_out_, 5, 40, folder);
    }
    void SetUp() override {
        torch::manual_seed(1);
        held_out_ = images();
        config_.warmup = 0.25;
        config_.batch = 8;
    }

    const NetworkSpec space_ = blocks();
    GatesConfig config_;
    Gates::HeldOut held_out_;
};

TEST_F(GatesTraining, GivenALargeHardwareTerm_ThenCheapChoicesBecomeProbable) {
    config_.weight = 100.0;
    Gates gates = this->gates();
    Supernet net(space_, 3);
    for (std::uint64_t period = 0; period < 40; ++period) {
        gates.path(period, net);
        const auto p = gates.probabilities();
        if (period < 10) {
            EXPECT_DOUBLE_EQ(p[0][0], 0.5) << "within the warm-up";
        }
    }
    for (const auto& p : gates.probabilities())
        EXPECT_GT(p.front(), 0.7);
    EXPECT_TRUE(net->is_training());
}

TEST_F(GatesTraining, GivenAStop_ThenTheRunThatContinuesDrawsTheSameSubnets) {
    const std::string folder = testing::TempDir() + "xloop_gates_" + std::to_string(::getpid());
    std::filesystem::create_directories(folder);
    Supernet net(space_, 3);
    std::vector<SubnetPath> whole;
    {
        Gates gates = this->gates();
        for (std::uint64_t period = 0; period < 40; ++period)
            whole.push_back(gates.path(period, net));
    }
    {
        Gates gates = this->gates(folder);
        for (std::uint64_t period = 0; period < 25; ++period)
            EXPECT_EQ(gates.path(period, net), whole[period]);
    }
    std::ofstream(folder + "/gates.jsonl", std::ios::app) << "{\"logits\": [[0.1";
    Gates gates = this->gates(folder);
    for (std::uint64_t period = 20; period < 40; ++period)
        EXPECT_EQ(gates.path(period, net), whole[period]) << period;
    EXPECT_EQ(Gates::kept(folder), gates.probabilities());
    EXPECT_TRUE(Gates::kept(folder + "/absent").empty());
    std::filesystem::remove_all(folder);
}

TEST_F(GatesTraining, GivenALayerThatIsNoBranch_ThenItIsRefused) {
    const NetworkSpec chain = parse_network(R"(
name: chain
input: {channels: 1, height: 6, width: 6}
choices: {depth: [1, 2]}
layers:
  - {name: a, type: conv, out_channels: 4, kernel: 3, activation: relu}
  - {name: b, type: conv, out_channels: 4, kernel: 3, activation: relu, present_if: depth >= 2}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: logits, type: linear, out_channels: 3}
)",
                                            "chain.yaml");
    EXPECT_THROW(Gates(chain, config_, {{{0, 0}}, 1.0}, held_out_, 5, 40, ""), InputError);
}

TEST(ChoiceCosts, GivenAnEstimate_ThenLargerChoicesCostMoreAndTheFitExplainsMost) {
    const CostTable costs = load_cost_table(std::string(XLOOP_SOURCE_DIR) + "/configs/tech/generic_32nm.yaml");
    const SearchSpace space(load_network(std::string(XLOOP_SOURCE_DIR) + "/configs/search_spaces/fmnist_space.yaml"),
                            {}, HardwareConfig{});
    HardwareEstimator estimator(space, costs);
    const ChoiceCosts found = choice_costs(space, estimator, metric_named("energy_j"), 1, 300);
    EXPECT_GT(found.explained, 0.8);
    double largest = 0.0;
    for (const auto& effects : found.effects) {
        EXPECT_DOUBLE_EQ(effects.front(), 0.0);
        for (std::size_t v = 1; v < effects.size(); ++v)
            EXPECT_GT(effects[v], effects[v - 1]);
        largest += effects.back();
    }
    // What the sum of effects says of the largest against the smallest, and what the estimate says.
    const auto energy = [&](const Genome& genome) {
        Candidate c;
        c.genome = genome;
        c.network = space.network_text(genome);
        estimator(c);
        return c.estimate.figures.energy_alone_j();
    };
    EXPECT_NEAR(largest, std::log(energy(space.largest()) / energy(space.smallest())), 0.4);
}

}  // namespace
}  // namespace xloop
