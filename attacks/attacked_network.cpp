#include "attacks/attacked_network.hpp"

#include <torch/types.h>

namespace xloop {

torch::Tensor AttackedNetwork::logits(const torch::Tensor& pixels, const std::vector<std::int64_t>& images) {
    std::vector<Asked> asked;
    asked.reserve(images.size());
    for (std::int64_t image : images)
        asked.push_back({image, queries_[image]++});
    return answer(pixels, asked);
}

std::int64_t AttackedNetwork::queries(std::int64_t image) const {
    const auto found = queries_.find(image);
    return found == queries_.end() ? 0 : found->second;
}

}  // namespace xloop
