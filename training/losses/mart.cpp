#include "training/losses/loss.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

/// Wang et al., ICLR 2020 ("Improving adversarial robustness requires revisiting misclassified examples"), equation 11: boosted
/// cross-entropy of the attacked images, and beta times the divergence of attacked from clean answers, weighted by how little
/// the clean image is believed.
class Mart : public Loss {
public:
    explicit Mart(double beta) : beta_(beta) {}

    StepLoss operator()(const LogitsFunction& network, const StepImages& images) const override {
        if (!images.attacked.defined()) {
            const torch::Tensor clean = network(images.clean);
            return {smoothed_cross_entropy(clean, images.labels, 0.0).mean(), clean};
        }
        const torch::Tensor clean = network(images.clean), attacked = network(images.attacked);
        const torch::Tensor column = images.labels.unsqueeze(1);
        const torch::Tensor p = clean.log_softmax(1), q = attacked.log_softmax(1);
        const torch::Tensor wrong = q.exp().scatter(1, column, 0.0).amax(1);
        constexpr double least = 1e-12;  // under the logarithm of 1 - p, which may be 0
        const torch::Tensor boosted = -q.gather(1, column).squeeze(1) - (1.0 - wrong).clamp_min(least).log();
        const torch::Tensor believed = p.gather(1, column).squeeze(1).exp();
        const torch::Tensor apart = (p.exp() * (p - q)).sum(1);
        return {(boosted + beta_ * apart * (1.0 - believed)).mean(), attacked};
    }

private:
    double beta_;
};

}  // namespace

std::unique_ptr<Loss> make_mart(const TrainingConfig& training) { return std::make_unique<Mart>(training.loss_weight); }

}  // namespace xloop
