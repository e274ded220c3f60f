#include "training/techniques/sparsity.hpp"

#include "core/error.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"
#include "training/techniques/masks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>
#include <algorithm>
#include <cmath>
#include <set>

namespace xloop {
namespace {

using testing::ElementsAre;

// The schedule by hand, 0.8 (1 - (1 / 2)^3) halfway.
TEST(Sparsity, GivenASchedule_ThenTheShareGrowsWithTheCube) {
    SparsityConfig config;
    config.share = 0.8;
    config.begin_epochs = 1.0;
    config.end_epochs = 3.0;
    EXPECT_EQ(pruned_share(config, 0.99), 0.0);
    EXPECT_EQ(pruned_share(config, 1.0), 0.0);
    EXPECT_NEAR(pruned_share(config, 2.0), 0.7, 1e-12);
    EXPECT_EQ(pruned_share(config, 3.0), 0.8);
    EXPECT_EQ(pruned_share(config, 9.0), 0.8);
    config.end_epochs = 1.0;
    EXPECT_EQ(pruned_share(config, 1.0), 0.8) << "at once";
}

std::vector<float> values(const torch::Tensor& tensor) {
    const torch::Tensor flat = tensor.detach().to(torch::kFloat32).contiguous().flatten();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

TEST(Masks, GivenScores_ThenTheSmallestGoAndOfEqualOnesTheFirst) {
    const torch::Tensor scores = torch::tensor({0.3f, 0.1f, 0.2f, 0.1f, 0.1f}).view({1, 5});
    EXPECT_THAT(values(mask_without_smallest(scores, 0)), ElementsAre(1, 1, 1, 1, 1));
    EXPECT_THAT(values(mask_without_smallest(scores, 2)), ElementsAre(1, 0, 1, 0, 1));
    EXPECT_THAT(values(mask_without_smallest(scores, 4)), ElementsAre(1, 0, 0, 0, 0));
}

TEST(Masks, GivenAWeight_ThenItsColumnsAreThoseOfTheArraysReadByRead) {
    // Two inputs, a 1 x 3 kernel: six rows (kx, input), in arrays of four rows, three at a time.
    const torch::Tensor weight = torch::tensor({0, 1, 2, 10, 11, 12}).to(torch::kFloat32).view({1, 2, 1, 3});
    const ColumnGeometry geometry{4, 3, 8};
    const torch::Tensor columns = to_columns(weight, geometry);
    EXPECT_EQ(columns.sizes(), (torch::IntArrayRef{1, 4, 3}));
    EXPECT_THAT(values(columns), ElementsAre(0, 10, 1, 11, 0, 0, 2, 12, 0, 0, 0, 0));
    EXPECT_TRUE(torch::equal(from_columns(columns, weight.sizes(), geometry), weight));
}

TEST(Masks, GivenEquallyFullColumns_ThenTheirVarianceIs0) {
    const ColumnGeometry geometry{4, 4, 2};
    torch::Tensor weight = torch::zeros({3, 4, 1, 1});
    for (int out = 0; out < 3; ++out)
        weight[out][out] = out % 2 == 0 ? 5.0f : -5.0f;
    EXPECT_EQ(column_variance(weight, 1, 0.01, geometry).item<float>(), 0.0f);
    // The first array: 1 / 4 and 3 / 4 of its rows; the third column has an array of its own.
    weight[1].fill_(5.0f);
    weight[1][0] = 0.0f;
    EXPECT_NEAR(column_variance(weight, 1, 0.01, geometry).item<float>(), 0.0625f, 1e-6);
    EXPECT_EQ(column_variance(weight, 3, 0.01, geometry).item<float>(), 0.0f) << "groups have arrays of their own";
}

TEST(Masks, GivenTheVarianceOfColumns_ThenItsGradientIsThatOfFiniteDifferences) {
    const ColumnGeometry geometry{8, 5, 3};
    torch::Tensor weight = torch::sin(torch::arange(4 * 3 * 9, torch::kFloat64)).view({4, 3, 3, 3});
    weight.set_requires_grad(true);
    column_variance(weight, 1, 0.4, geometry).backward();
    for (const int at : {0, 17, 50, 107}) {
        const auto moved = [&](double by) {
            torch::Tensor other = weight.detach().clone();
            other.view({-1})[at] += by;
            return column_variance(other, 1, 0.4, geometry).item<double>();
        };
        EXPECT_NEAR(weight.grad().view({-1})[at].item<double>(), (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-8);
    }
}

TEST(Masks, GivenColumns_ThenTheyAreCutToPowersOfTwo) {
    const auto kept = [](int held, int level, double margin) {
        torch::Tensor column = torch::zeros({1, 16});
        for (int i = 0; i < held; ++i)
            column[0][i] = 16.0f - static_cast<float>(i);
        const torch::Tensor mask = snap_columns(column, level, margin);
        EXPECT_TRUE(torch::equal(mask[0], (torch::arange(16) < mask.sum().item<int>()).to(torch::kFloat32)))
            << "the largest stay";
        return mask.sum().item<int>();
    };
    EXPECT_EQ(kept(9, 0, 0.125), 8);
    EXPECT_EQ(kept(10, 0, 0.125), 8);
    EXPECT_EQ(kept(11, 0, 0.125), 11);
    EXPECT_EQ(kept(5, 0, 0.125), 4);
    EXPECT_EQ(kept(8, 0, 0.125), 8) << "it is at a power of two, and far above the next";
    EXPECT_EQ(kept(1, 0, 0.125), 1);
    EXPECT_EQ(kept(0, 0, 0.125), 0);
    EXPECT_EQ(kept(16, 2, 0.0), 4);
    EXPECT_EQ(kept(3, 2, 0.0), 3);
    EXPECT_EQ(kept(16, 6, 0.0), 1);
}

TEST(Masks, GivenAllPatterns_ThenTheyAre56OfFourWeightsWithTheMiddle) {
    const torch::Tensor patterns = all_patterns();
    ASSERT_EQ(patterns.size(0), 56);
    std::set<std::vector<float>> different;
    for (int p = 0; p < 56; ++p) {
        EXPECT_EQ(patterns[p].sum().item<float>(), 4.0f);
        EXPECT_EQ(patterns[p][1][1].item<float>(), 1.0f);
        different.insert(values(patterns[p]));
    }
    EXPECT_EQ(different.size(), 56u);
}

TEST(Masks, GivenKernels_ThenEachKeepsThePatternOfItsLargestWeights) {
    torch::Tensor weight = torch::full({3, 1, 3, 3}, 0.1f);
    const auto set = [&](int kernel, std::vector<int> taps) {
        for (int tap : taps)
            weight[kernel][0][tap / 3][tap % 3] = -2.0f;
    };
    set(0, {0, 1, 2});
    set(1, {0, 1, 2});
    set(2, {0, 1, 5});
    EXPECT_THAT(values(pattern_mask(weight, 2)[2]), ElementsAre(1, 1, 0, 0, 1, 1, 0, 0, 0));
    EXPECT_THAT(values(pattern_mask(weight, 1)[2]), ElementsAre(1, 1, 1, 0, 1, 0, 0, 0, 0)) << "the most frequent one";
}

/// A residual block, a concatenation and groups between convolutions with batch normalisation.
constexpr const char* block = R"(
name: block
input: {channels: 2, height: 6, width: 6}
layers:
  - {name: a, type: conv, out_channels: 8, kernel: 3, batch_norm: true, activation: relu}
  - {name: b, type: conv, out_channels: 8, kernel: 3, batch_norm: true}
  - {name: sum, type: add, inputs: [a, b], activation: relu}
  - {name: pool, type: max_pool, kernel: 2, stride: 2}
  - {name: c, type: conv, out_channels: 8, kernel: 3, groups: 2, activation: relu}
  - {name: joined, type: concat, inputs: [c, pool]}
  - {name: d, type: conv, out_channels: 4, kernel: 1, activation: relu}
  - {name: logits, type: linear, out_channels: 3}
)";

TEST(Masks, GivenFiltersThatAreGone_ThenTheirZerosFollowTheMaps) {
    const WorkloadGraph graph = test::random_graph(block);
    std::vector<std::vector<bool>> gone(graph.layers.size());
    gone[0] = {true, true, false, false, false, false, false, false};
    gone[1] = {true, false, true, false, false, false, false, false};
    gone[4] = {false, false, false, false, false, false, false, true};
    const auto zero = zero_channels(graph, gone);
    EXPECT_EQ(zero[2], (std::vector<bool>{true, false, false, false, false, false, false, false}));
    EXPECT_EQ(zero[3], zero[2]);
    EXPECT_THAT(zero[5], ElementsAre(false, false, false, false, false, false, false, true, true, false, false, false,
                                     false, false, false, false));
}

class SparsityOfABlock : public testing::Test {
protected:
    NetworkSpec spec_ = parse_network(block, "block.yaml");
    Supernet supernet_{spec_, 3};
    HardwareConfig hardware_;
    SparsityConfig config_;

    std::unique_ptr<Technique> make(SparsityMethod method, double share) {
        config_.method = method;
        config_.share = share;
        config_.begin_epochs = 1.0;
        config_.end_epochs = 2.0;
        config_.every_steps = 5;
        return make_sparsity(supernet_, config_, hardware_, 7);
    }
    /// Ten steps an epoch.
    TrainingMoment at(int step) { return {step, step / 10, step / 10.0, 4, 0, spec_.largest_path()}; }
    static double all(const Technique& technique) { return technique.figures()["sparsity"].get<double>(); }
    FloatNetwork handed_over(const Technique& technique) {
        FloatNetwork network{spec_, supernet_->tensors()};
        technique.hand_over(network);
        return network;
    }
};

TEST_F(SparsityOfABlock, GivenMagnitude_ThenTheSmallestWeightsGoByTheScheduleAndGradientsOfThemAreZero) {
    const std::vector<float> before = values(supernet_->active_weight(0, spec_.largest_path()));
    std::vector<float> sizes;
    for (float value : before)
        sizes.push_back(std::abs(value));
    std::sort(sizes.begin(), sizes.end());
    const auto technique = make(SparsityMethod::magnitude, 0.5);
    technique->start_step(at(9));
    EXPECT_EQ(all(*technique), 0.0);
    technique->start_step(at(15));
    EXPECT_NEAR(technique->figures()["sparsity.a"].get<double>(), std::floor(0.4375 * 144) / 144, 1e-12);
    technique->start_step(at(16));
    EXPECT_NEAR(technique->figures()["sparsity.a"].get<double>(), std::floor(0.4375 * 144) / 144, 1e-12)
        << "not this step";
    technique->start_step(at(20));
    EXPECT_EQ(all(*technique), 0.5);

    torch::Tensor logits = supernet_->forward(torch::rand({2, 2, 6, 6}), technique.get());
    logits.sum().backward();
    const torch::Tensor own = supernet_->active_weight(0, spec_.largest_path());
    const std::vector<float> left = handed_over(*technique).tensors.at("a.weight").values;
    for (const auto& parameter : supernet_->parameters())
        if (parameter.sizes() == own.sizes() && torch::equal(parameter, own)) {
            const std::vector<float> gradient = values(parameter.grad());
            for (std::size_t i = 0; i < left.size(); ++i) {
                EXPECT_EQ(left[i], std::abs(before[i]) > sizes[71] ? before[i] : 0.0f);
                EXPECT_EQ(gradient[i] == 0.0f, left[i] == 0.0f);
            }
        }
    supernet_->active_weight(0, spec_.largest_path()).detach().fill_(1.0f);
    technique->end_step(at(20));
    EXPECT_EQ(supernet_->active_weight(0, spec_.largest_path()).sum().item<float>(), 72.0f);
    technique->start_step(at(30));
    EXPECT_EQ(all(*technique), 0.5) << "what is zero stays so";
}

TEST_F(SparsityOfABlock, GivenASavedState_ThenALoadedTechniqueGoesOnTheSame) {
    for (SparsityMethod method :
         {SparsityMethod::magnitude, SparsityMethod::dub, SparsityMethod::patterns, SparsityMethod::filters}) {
        config_.criterion = FilterCriterion::mean_activation;
        const auto one = make(method, 0.5), other = make(method, 0.5);
        one->start_step(at(12));
        supernet_->forward(torch::rand({2, 2, 6, 6}), one.get());
        one->start_step(at(15));
        TrainingState state;
        one->save(state);
        for (const auto& [name, tensor] : state.tensors)
            EXPECT_EQ(name.rfind("sparsity.", 0), 0u);
        other->load(state);
        // Each from the same weights: what becomes zero does so in the network too.
        std::vector<torch::Tensor> weights;
        for (const torch::Tensor& parameter : supernet_->parameters())
            weights.push_back(parameter.detach().clone());
        for (Technique* technique : {one.get(), other.get()}) {
            const torch::NoGradGuard no_grad;
            for (std::size_t i = 0; i < weights.size(); ++i)
                supernet_->parameters()[i].copy_(weights[i]);
            technique->start_step(at(20));
        }
        EXPECT_EQ(handed_over(*one).tensors.at("b.weight").values, handed_over(*other).tensors.at("b.weight").values)
            << name_of(method);
        EXPECT_EQ(one->figures(), other->figures());
        EXPECT_GT(all(*one), 0.0);
    }
}

TEST_F(SparsityOfABlock, GivenFiltersThatAreGone_ThenTheNetworkHandedOverIsTheOneWithHooks) {
    for (FilterCriterion criterion : {FilterCriterion::l1, FilterCriterion::mean_activation, FilterCriterion::random}) {
        config_.criterion = criterion;
        const auto technique = make(SparsityMethod::filters, 0.5);
        supernet_->forward(torch::rand({4, 2, 6, 6}), technique.get());
        technique->start_step(at(25));
        const torch::Tensor images = torch::rand({3, 2, 6, 6});
        supernet_->eval();
        const torch::Tensor hooked = supernet_->forward(images, technique.get());
        const FloatNetwork network = handed_over(*technique);
        Supernet plain = load_module(network);
        EXPECT_TRUE(torch::allclose(plain->forward(images), hooked, 1e-5, 1e-6)) << name_of(criterion);
        // Four of eight filters; what reads them: the other convolution sees half of its inputs.
        EXPECT_EQ(technique->figures()["sparsity.a"].get<double>(), 0.5);
        EXPECT_EQ(technique->figures()["sparsity.b"].get<double>(), 0.75);
        supernet_->train();
    }
}

TEST_F(SparsityOfABlock, GivenL1_ThenTheFiltersOfTheLeastNormGo) {
    const auto technique = make(SparsityMethod::filters, 0.25);
    torch::Tensor weight = supernet_->active_weight(0, spec_.largest_path()).detach();
    weight.fill_(1.0f);
    weight[3].fill_(0.5f);
    weight[6].fill_(-0.4f);
    technique->start_step(at(20));
    const std::vector<float> left = handed_over(*technique).tensors.at("a.weight").values;
    for (std::size_t i = 0; i < left.size(); ++i)
        EXPECT_EQ(left[i] == 0.0f, i / 18 == 3 || i / 18 == 6);
}

TEST_F(SparsityOfABlock, GivenPatterns_ThenKernelsHaveFourWeightsOrNone) {
    config_.patterns = 3;
    const auto technique = make(SparsityMethod::patterns, 0.5);
    technique->start_step(at(10));
    EXPECT_NEAR(all(*technique), 5.0 / 9, 1e-6);
    technique->start_step(at(20));
    const FloatNetwork network = handed_over(*technique);
    for (const char* layer : {"a", "b", "c"}) {
        const FloatTensor& weight = network.tensors.at(std::string(layer) + ".weight");
        std::set<std::set<std::size_t>> kinds;
        std::size_t gone = 0;
        for (std::size_t k = 0; k < weight.values.size() / 9; ++k) {
            std::set<std::size_t> taps;
            for (std::size_t tap = 0; tap < 9; ++tap)
                if (weight.values[9 * k + tap] != 0.0f)
                    taps.insert(tap);
            gone += taps.empty();
            if (!taps.empty()) {
                EXPECT_EQ(taps.size(), 4u);
                kinds.insert(taps);
            }
        }
        EXPECT_EQ(gone, weight.values.size() / 18);
        EXPECT_LE(kinds.size(), 3u);
    }
}

TEST_F(SparsityOfABlock, GivenALevel_ThenTheChipSparesAsManyBits) {
    hardware_.crossbar.rows = 16;
    hardware_.adc.bits_by_column = true;
    config_.dub.level = 2;
    const auto technique = make(SparsityMethod::dub, 0.25);
    technique->start_step(at(12));
    EXPECT_GT(technique->penalty().item<float>(), 0.0f);
    EXPECT_TRUE(technique->penalty().requires_grad());
    technique->start_step(at(20));
    EXPECT_FALSE(technique->penalty().defined());
    WorkloadGraph graph = test::random_graph(block);
    const FloatNetwork network = handed_over(*technique);
    for (GraphLayer& layer : graph.layers) {
        if (!layer.on_crossbars())
            continue;
        const std::vector<float>& from = network.tensors.at(layer.name + ".weight").values;
        std::vector<std::int8_t> weights(from.size());
        const int in = layer.in.channels / layer.groups, taps = layer.window.taps();
        for (std::size_t i = 0; i < from.size(); ++i) {
            const int out = static_cast<int>(i) / (in * taps), c = static_cast<int>(i) / taps % in,
                      tap = static_cast<int>(i) % taps;
            weights[static_cast<std::size_t>((out * taps + tap) * in + c)] = from[i] != 0.0f ? 1 : 0;
        }
        layer.weights = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
    }
    const MappedNetwork chip = map_network(graph, hardware_);
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
        if (graph.layers[l].on_crossbars()) {
            EXPECT_GE(chip.layer_hardware(static_cast<int>(l)).adc.spared_bits, 2) << graph.layers[l].name;
        }
}

TEST_F(SparsityOfABlock, GivenNoStepAfterTheEnd_ThenTheLastEpochEndsWithTheShare) {
    const auto technique = make(SparsityMethod::magnitude, 0.5);
    technique->start_step(at(15));
    technique->end_epoch(at(39));
    EXPECT_EQ(all(*technique), 0.5);
}

TEST_F(SparsityOfABlock, GivenWhatCannotBePruned_ThenTheKeyIsNamed) {
    config_.begin_epochs = 3.0;
    config_.end_epochs = 2.0;
    config_.method = SparsityMethod::magnitude;
    EXPECT_THROW(make_sparsity(supernet_, config_, hardware_, 1), KeyError);
    const NetworkSpec flat = parse_network(
        "name: flat\ninput: {channels: 2, height: 2, width: 2}\nlayers:\n"
        "  - {name: logits, type: linear, out_channels: 3}\n",
        "flat.yaml");
    Supernet module(flat, 1);
    config_ = {};
    for (SparsityMethod method : {SparsityMethod::patterns, SparsityMethod::filters}) {
        config_.method = method;
        EXPECT_THROW(make_sparsity(module, config_, hardware_, 1), KeyError);
    }
}

}  // namespace
}  // namespace xloop
