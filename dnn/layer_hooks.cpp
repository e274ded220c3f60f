#include "dnn/layer_hooks.hpp"

#include <torch/torch.h>

namespace xloop {

torch::Tensor HookChain::input(const torch::Tensor& x) {
    torch::Tensor value = x;
    for (LayerHooks* hooks : all_)
        value = hooks->input(value);
    return value;
}

torch::Tensor HookChain::weight(const LayerAt& at, const torch::Tensor& active) {
    torch::Tensor value = active;
    for (LayerHooks* hooks : all_)
        value = hooks->weight(at, value);
    return value;
}

torch::Tensor HookChain::products(const LayerAt& at, const torch::Tensor& x, const torch::Tensor& weight) {
    torch::Tensor value;
    for (std::size_t i = 0; i < all_.size() && !value.defined(); ++i)
        value = all_[i]->products(at, x, weight);
    return value;
}

torch::Tensor HookChain::sums(const LayerAt& at, const torch::Tensor& sums) {
    torch::Tensor value = sums;
    for (LayerHooks* hooks : all_)
        value = hooks->sums(at, value);
    return value;
}

torch::Tensor HookChain::summand(const LayerAt& at, const torch::Tensor& map) {
    torch::Tensor value = map;
    for (LayerHooks* hooks : all_)
        value = hooks->summand(at, value);
    return value;
}

torch::Tensor HookChain::output(const LayerAt& at, const torch::Tensor& before, const torch::Tensor& map) {
    torch::Tensor value = map;
    for (LayerHooks* hooks : all_)
        value = hooks->output(at, before, value);
    return value;
}

torch::Tensor OffsetHooks::weight(const LayerAt& at, const torch::Tensor& active) {
    const auto l = static_cast<std::size_t>(at.index);
    return l < offsets_.size() && offsets_[l].defined() ? active + offsets_[l].detach() : active;
}

}  // namespace xloop
