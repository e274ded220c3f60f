#pragma once

#include "dnn/layer_hooks.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Means and products of the channels of every map that passes, over images and positions, in float64.
class MapMoments : public LayerHooks {
public:
    torch::Tensor input(const torch::Tensor& x) override;
    torch::Tensor output(const LayerAt& at, const torch::Tensor& before, const torch::Tensor& map) override;

    /// Of the input, then of each layer's output: how many principal components hold at least `share` of the variance together;
    /// 0 of a map that does not vary.
    std::vector<int> components(double share) const;

private:
    struct Moments {
        torch::Tensor sum, products;  ///< [C], [C][C]
        std::int64_t count = 0;
    };
    void add(std::size_t map, const torch::Tensor& values);

    std::vector<Moments> of_map_;
};

}  // namespace xloop
