#pragma once

#include "dnn/data/preprocessing.hpp"
#include "dnn/supernet.hpp"

#include <torch/types.h>

namespace xloop {

/// A trained network with the mean and deviation of the data in front of it, so that it reads pixels in [0, 1].
class PixelNetwork {
public:
    PixelNetwork(const FloatNetwork& network, const Preprocessing& how);

    /// pixels: float [N, C, H, W] -> [N, classes], showing the layers to `hooks`.
    torch::Tensor logits(const torch::Tensor& pixels, LayerHooks* hooks = nullptr);

private:
    Supernet module_;
    torch::Tensor mean_, deviation_;  ///< [1, C or 1, 1, 1]
};

}  // namespace xloop
