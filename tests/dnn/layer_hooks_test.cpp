#include "dnn/layer_hooks.hpp"

#include "tests/dnn/small_networks.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

/// Writes down which methods are called, and adds to what passes.
class Recorder : public LayerHooks {
public:
    torch::Tensor input(const torch::Tensor& x) override { return note("input", x); }
    torch::Tensor weight(const LayerAt& at, const torch::Tensor& active) override {
        return note("weight " + at.layer.name, active);
    }
    torch::Tensor sums(const LayerAt& at, const torch::Tensor& sums) override {
        return note("sums " + at.layer.name, sums);
    }
    torch::Tensor output(const LayerAt& at, const torch::Tensor& before, const torch::Tensor& map) override {
        EXPECT_EQ(before.sizes(), map.sizes());
        return note("output " + at.layer.name, map);
    }
    std::vector<std::string> calls;

private:
    torch::Tensor note(const std::string& call, const torch::Tensor& value) {
        calls.push_back(call);
        return value;
    }
};

class Factor : public LayerHooks {
public:
    explicit Factor(double factor) : factor_(factor) {}
    torch::Tensor output(const LayerAt& at, const torch::Tensor&, const torch::Tensor& map) override {
        return at.layer.is_output ? map * factor_ + 1.0 : map;
    }

private:
    double factor_;
};

class Zeros : public LayerHooks {
public:
    torch::Tensor products(const LayerAt& at, const torch::Tensor& x, const torch::Tensor&) override {
        return torch::zeros({x.size(0), at.layer.out.channels, at.layer.out.height, at.layer.out.width});
    }
};

TEST(LayerHooks, SeeEveryLayerInOrder) {
    Supernet net(test::small_space(), 3);
    Recorder recorder;
    net->forward(torch::rand({2, 1, 12, 12}), &recorder);
    EXPECT_EQ(recorder.calls,
              (std::vector<std::string>{"input", "weight a", "sums a", "output a", "weight b", "sums b", "output b",
                                        "output mean", "weight logits", "sums logits", "output logits"}));
}

TEST(LayerHooks, OfAChainAreAppliedOneAfterTheOther) {
    Supernet net(test::small_space(), 3);
    Factor two(2.0), three(3.0);
    HookChain chain;
    EXPECT_TRUE(chain.empty());
    chain.add(two);
    chain.add(three);
    const torch::Tensor x = torch::rand({2, 1, 12, 12});
    EXPECT_TRUE(torch::equal(net->forward(x, &chain), (net->forward(x) * 2.0 + 1.0) * 3.0 + 1.0));
}

TEST(LayerHooks, ProductsOfTheFirstThatHasAnyTakeThePlaceOfLibTorchs) {
    Supernet net(test::small_space(), 3);
    Factor none(1.0);
    Zeros zeros;
    HookChain chain;
    chain.add(none);
    chain.add(zeros);
    EXPECT_TRUE(torch::equal(net->forward(torch::rand({2, 1, 12, 12}), &chain), torch::ones({2, 10})))
        << "the last layer's bias is 0, and the hook adds 1";
}

TEST(Supernet, InBfloat16IsNearFloat32AndGivesFloat32) {
    Supernet net(test::varied_network(), 3);
    const torch::Tensor x = torch::rand({4, 3, 13, 11});
    const torch::Tensor exact = net->forward(x);
    net->set_arithmetic(torch::kBFloat16);
    const torch::Tensor near = net->forward(x);
    EXPECT_EQ(near.scalar_type(), torch::kFloat32);
    EXPECT_FALSE(torch::equal(near, exact));
    EXPECT_LT((near - exact).abs().max().item<float>(), 0.05f * exact.abs().max().item<float>());
    near.sum().backward();
    for (const torch::Tensor& p : net->parameters())
        EXPECT_EQ(p.grad().scalar_type(), torch::kFloat32);
}

}  // namespace
}  // namespace xloop
