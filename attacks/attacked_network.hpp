#pragma once

#include <torch/types.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace xloop {

/// Which question about which image: the address of what is random in the answer.
struct Asked {
    std::int64_t image = 0;  ///< its number in its set
    std::int64_t query = 0;  ///< how often the attack has asked about it before
};

/// A network, or a distribution over networks, as an attack asks it.
class AttackedNetwork {
public:
    virtual ~AttackedNetwork() = default;

    /// pixels: float [N, C, H, W] in [0, 1]; images [N]: the number of each in its set -> logits [N, classes]. Where gradients are
    /// recorded, the logits have one with respect to the pixels (has_gradients). Each call is one query of each image; an answer
    /// depends on nothing but its image, its pixels and how often the image was asked about.
    torch::Tensor logits(const torch::Tensor& pixels, const std::vector<std::int64_t>& images);

    /// Queries are counted from 0 again, as every attack on a batch begins.
    void start() { queries_.clear(); }
    /// Of an image since start().
    std::int64_t queries(std::int64_t image) const;

    virtual bool has_gradients() const { return true; }
    /// Whether the same pixels are answered differently from query to query.
    virtual bool varies() const { return false; }

    /// The same for queries with addresses of their own, uncounted.
    virtual torch::Tensor answer(const torch::Tensor& pixels, const std::vector<Asked>& asked) = 0;

private:
    std::unordered_map<std::int64_t, std::int64_t> queries_;
};

}  // namespace xloop
