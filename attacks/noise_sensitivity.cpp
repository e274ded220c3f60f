#include "attacks/noise_sensitivity.hpp"

#include "attacks/pgd.hpp"
#include "attacks/pixel_network.hpp"
#include "dnn/one_thread.hpp"

#include <torch/torch.h>

#include <map>

namespace xloop {
namespace {

/// Of a batch whose second half is the first, attacked.
class ChangeOfHalves : public LayerHooks {
public:
    torch::Tensor output(const LayerAt& at, const torch::Tensor& /*before*/, const torch::Tensor& map) override {
        if (at.layer.on_crossbars()) {
            const std::int64_t half = map.size(0) / 2;
            const torch::Tensor clean = map.slice(0, 0, half), attacked = map.slice(0, half);
            MapChange& sum = sums_[at.index];
            sum.change += mean_norm(attacked - clean);
            sum.magnitude += mean_norm(clean);
        }
        return map;
    }

    /// Means over the images.
    std::vector<MapChange> means(int images) const {
        std::vector<MapChange> means;
        for (const auto& [layer, sum] : sums_)
            means.push_back({sum.change / images, sum.magnitude / images});
        return means;
    }

private:
    /// Over the positions; summed over the images.
    static double mean_norm(const torch::Tensor& maps) {
        return maps.to(torch::kFloat64).norm(2, {1}).mean({1, 2}).sum().item<double>();
    }
    std::map<int, MapChange> sums_;
};

}  // namespace

std::vector<MapChange> noise_sensitivity(const FloatNetwork& network, const ImageSet& images, const Preprocessing& how,
                                         const AttackConfig& attack, std::uint64_t seed, const Watch& watch) {
    constexpr int batch = 64;
    use_one_thread();
    PixelNetwork reader(network, how);
    const LogitsFunction logits = [&](const torch::Tensor& pixels) { return reader.forward(pixels); };
    const torch::Tensor clean = image_tensor(images);
    const torch::Tensor attacked = adversarial_pixels(logits, clean, label_tensor(images), attack, seed, watch, batch);
    const torch::NoGradGuard no_grad;
    ChangeOfHalves changes;
    for (std::int64_t first = 0; first < clean.size(0); first += batch)
        reader.forward(torch::cat({clean.slice(0, first, first + batch), attacked.slice(0, first, first + batch)}),
                       &changes);
    return changes.means(images.count());
}

}  // namespace xloop
