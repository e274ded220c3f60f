#pragma once

#include "attacks/attacked_network.hpp"
#include "attacks/hardware_faults.hpp"
#include "attacks/pixel_network.hpp"
#include "core/workload/executor.hpp"
#include "core/workload/float_network.hpp"

#include <memory>
#include <vector>

namespace xloop {

/// A network as a chip, or the exact integer network, computes it: hardware in the loop. Forward, every map is the engine's, bit for
/// bit what run_images computes; backward, each layer counts as the float network's at those maps (straight-through estimator:
/// Bengio et al., arXiv 1308.3432): rounding, wires, cells and converters pass gradients on as they come, and an activation
/// function has its slope at what the engine gave.
class HardwareNetwork : public AttackedNetwork {
public:
    /// `network`: what was quantised to `graph`; `graph`: as it runs on `engine`, with its corrections. `varies`: whether reads have
    /// noise. The last two must outlive this.
    HardwareNetwork(const FloatNetwork& network, const Preprocessing& how, const WorkloadGraph& graph,
                    const MatrixEngine& engine, bool varies, int threads = 1);
    /// From now on stored maps have these faults, which must outlive this.
    void set_memory(const MemoryFaults* faults) { memory_ = faults; }

    bool varies() const override { return varies_ || memory_; }
    /// The real logits of pixels [N, C, H, W] as the judge reads them: image i with the noise of image images[i] in its set.
    torch::Tensor judged(const torch::Tensor& pixels, const std::vector<std::int64_t>& images);
    torch::Tensor answer(const torch::Tensor& pixels, const std::vector<Asked>& asked) override;

private:
    class Maps;
    /// Logits by the engine, [N, classes]; `maps`, where not null, gets the maps of all layers.
    torch::Tensor run(const torch::Tensor& pixels, const std::vector<std::int64_t>& addresses, Maps* maps) const;

    PixelNetwork module_;
    const WorkloadGraph& graph_;
    const MatrixEngine& engine_;
    const MemoryFaults* memory_ = nullptr;
    bool varies_;
    int threads_;
};

/// A distribution over networks: each query of each image is answered by one of them, drawn by (seed, image, query). What an attacker
/// has who knows how chips are made and not which one there is, or a defender who keeps several.
class NetworkMixture : public AttackedNetwork {
public:
    NetworkMixture(std::vector<std::shared_ptr<AttackedNetwork>> members, std::uint64_t seed);
    bool varies() const override { return members_.size() > 1 || members_.front()->varies(); }
    bool has_gradients() const override { return members_.front()->has_gradients(); }
    torch::Tensor answer(const torch::Tensor& pixels, const std::vector<Asked>& asked) override;

private:
    std::vector<std::shared_ptr<AttackedNetwork>> members_;
    std::uint64_t seed_;
};

/// The answers of another network alone: who asks sees no gradient.
class BlackBox : public AttackedNetwork {
public:
    explicit BlackBox(AttackedNetwork& network) : network_(network) {}
    bool varies() const override { return network_.varies(); }
    bool has_gradients() const override { return false; }
    torch::Tensor answer(const torch::Tensor& pixels, const std::vector<Asked>& asked) override;

private:
    AttackedNetwork& network_;
};

}  // namespace xloop
