#pragma once

#include "core/workload/workload_graph.hpp"

#include <torch/types.h>

#include <utility>
#include <vector>

namespace xloop {

class SupernetImpl;

/// A layer of the subnet that a forward pass goes through.
struct LayerAt {
    int index;
    const GraphLayer& layer;
    const SupernetImpl& module;  ///< whose forward pass it is
};

/// What a forward pass does otherwise than the network alone: each method may replace a tensor on its way. Called layer by
/// layer, in the order below; maps are [N, C, H, W]. By default everything stays as it is.
class LayerHooks {
public:
    virtual ~LayerHooks() = default;
    /// What the first layers read, after the network's own normalisation. The first call of each forward pass.
    virtual torch::Tensor input(const torch::Tensor& x) { return x; }
    /// The weight that a layer multiplies with, [out][in / groups][kernel height][kernel width]; class matrix only.
    virtual torch::Tensor weight(const LayerAt& /*at*/, const torch::Tensor& active) { return active; }
    /// The products of a layer of class matrix, without bias; undefined leaves them to LibTorch.
    virtual torch::Tensor products(const LayerAt& /*at*/, const torch::Tensor& /*x*/, const torch::Tensor& /*weight*/) {
        return {};
    }
    /// Sums of a layer of class matrix with their bias, before batch normalisation.
    virtual torch::Tensor sums(const LayerAt& /*at*/, const torch::Tensor& sums) { return sums; }
    /// One of the maps that a layer of kind add adds.
    virtual torch::Tensor summand(const LayerAt& /*at*/, const torch::Tensor& map) { return map; }
    /// A layer's output; `before`: what its activation function was applied to.
    virtual torch::Tensor output(const LayerAt& /*at*/, const torch::Tensor& /*before*/, const torch::Tensor& map) {
        return map;
    }
};

/// Several, one after the other; products are those of the first that has any.
class HookChain : public LayerHooks {
public:
    /// They must outlive the chain.
    void add(LayerHooks& hooks) { all_.push_back(&hooks); }
    bool empty() const { return all_.empty(); }

    torch::Tensor input(const torch::Tensor& x) override;
    torch::Tensor weight(const LayerAt& at, const torch::Tensor& active) override;
    torch::Tensor products(const LayerAt& at, const torch::Tensor& x, const torch::Tensor& weight) override;
    torch::Tensor sums(const LayerAt& at, const torch::Tensor& sums) override;
    torch::Tensor summand(const LayerAt& at, const torch::Tensor& map) override;
    torch::Tensor output(const LayerAt& at, const torch::Tensor& before, const torch::Tensor& map) override;

private:
    std::vector<LayerHooks*> all_;
};

/// What is added to each layer's active weight in a forward pass, by layer index, in the active weight's shape. An
/// undefined tensor adds nothing.
using WeightOffsets = std::vector<torch::Tensor>;

/// Adds offsets. Gradients pass to the weight as if nothing had been added (straight-through estimator: Bengio et al.,
/// arXiv 1308.3432).
class OffsetHooks : public LayerHooks {
public:
    OffsetHooks() = default;
    explicit OffsetHooks(WeightOffsets offsets) : offsets_(std::move(offsets)) {}
    const WeightOffsets& offsets() const { return offsets_; }
    torch::Tensor weight(const LayerAt& at, const torch::Tensor& active) override;

private:
    WeightOffsets offsets_;
};

}  // namespace xloop
