#pragma once

#include "attacks/attacked_network.hpp"
#include "dnn/data/preprocessing.hpp"
#include "dnn/supernet.hpp"

#include <torch/types.h>

namespace xloop {

/// A trained network in float32 with the mean and deviation of the data in front of it, so that it reads pixels in [0, 1].
class PixelNetwork : public AttackedNetwork {
public:
    PixelNetwork(const FloatNetwork& network, const Preprocessing& how);

    /// pixels: float [N, C, H, W] -> [N, classes], showing the layers to `hooks`.
    torch::Tensor forward(const torch::Tensor& pixels, LayerHooks* hooks = nullptr);
    /// What the network itself reads.
    torch::Tensor read(const torch::Tensor& pixels) const;

    torch::Tensor answer(const torch::Tensor& pixels, const std::vector<Asked>&) override { return forward(pixels); }

private:
    Supernet module_;
    torch::Tensor mean_, deviation_;  ///< [1, C or 1, 1, 1]
};

}  // namespace xloop
