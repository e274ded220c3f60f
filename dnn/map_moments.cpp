#include "dnn/map_moments.hpp"

#include <torch/torch.h>

namespace xloop {

torch::Tensor MapMoments::input(const torch::Tensor& x) {
    add(0, x);
    return x;
}

torch::Tensor MapMoments::output(const LayerAt& at, const torch::Tensor& /*before*/, const torch::Tensor& map) {
    add(static_cast<std::size_t>(at.index) + 1, map);
    return map;
}

void MapMoments::add(std::size_t map, const torch::Tensor& values) {
    if (of_map_.size() <= map)
        of_map_.resize(map + 1);
    Moments& moments = of_map_[map];
    const torch::Tensor samples = values.detach().transpose(0, 1).flatten(1).to(torch::kFloat64);
    if (!moments.sum.defined()) {
        moments.sum = torch::zeros({samples.size(0)}, torch::kFloat64);
        moments.products = torch::zeros({samples.size(0), samples.size(0)}, torch::kFloat64);
    }
    moments.sum += samples.sum(1);
    moments.products += samples.matmul(samples.t());
    moments.count += samples.size(1);
}

std::vector<int> MapMoments::components(double share) const {
    std::vector<int> counts;
    for (const Moments& moments : of_map_) {
        const torch::Tensor mean = moments.sum / moments.count;
        const torch::Tensor covariance = moments.products / moments.count - torch::outer(mean, mean);
        // Ascending; what cancellation leaves below 0 is 0.
        const torch::Tensor variances = torch::linalg::eigvalsh(covariance, "L").clamp_min(0.0).flip(0).contiguous();
        const double wanted = share * variances.sum().item<double>();
        const auto* variance = variances.data_ptr<double>();
        int count = 0;
        for (double held = 0.0; held < wanted; ++count)
            held += variance[count];
        counts.push_back(count);
    }
    return counts;
}

}  // namespace xloop
