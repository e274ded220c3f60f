#include "attacks/pixel_network.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

torch::Tensor by_channel(const std::vector<double>& values, double otherwise) {
    return (values.empty() ? torch::full({1}, otherwise) : torch::tensor(values))
        .to(torch::kFloat32)
        .view({1, -1, 1, 1});
}

}  // namespace

PixelNetwork::PixelNetwork(const FloatNetwork& network, const Preprocessing& how)
    : module_(load_module(network)), mean_(by_channel(how.mean, 0.0)), deviation_(by_channel(how.deviation, 1.0)) {}

torch::Tensor PixelNetwork::forward(const torch::Tensor& pixels, LayerHooks* hooks) {
    return module_->forward(read(pixels), hooks);
}

torch::Tensor PixelNetwork::read(const torch::Tensor& pixels) const { return (pixels - mean_) / deviation_; }

}  // namespace xloop
