#include "training/losses/loss.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

/// KL(softmax(from) || softmax(to)) of each image, [N].
torch::Tensor divergence(const torch::Tensor& from, const torch::Tensor& to) {
    const torch::Tensor p = from.log_softmax(1);
    return (p.exp() * (p - to.log_softmax(1))).sum(1);
}

/// Zhang et al., arXiv 1901.08573, equation 5: cross-entropy of the clean images, and beta times the divergence of the attacked
/// answers from the clean ones, which is what the adversary makes large. Here the network is in training mode during the attack
/// too, and the attack starts where the section `attack` says.
class Trades : public Loss {
public:
    Trades(double beta, double smoothing) : beta_(beta), smoothing_(smoothing) {}

    StepLoss operator()(const LogitsFunction& network, const StepImages& images) const override {
        const torch::Tensor clean = network(images.clean);
        const torch::Tensor natural = smoothed_cross_entropy(clean, images.labels, smoothing_).mean();
        if (!images.attacked.defined())
            return {natural, clean};
        const torch::Tensor attacked = network(images.attacked);
        return {natural + beta_ * divergence(clean, attacked).mean(), attacked};
    }

    torch::Tensor attacked_objective(const torch::Tensor& logits, const torch::Tensor& clean_logits,
                                     const torch::Tensor&) const override {
        return divergence(clean_logits, logits).sum();
    }
    bool compares_with_clean() const override { return true; }

private:
    double beta_, smoothing_;
};

}  // namespace

std::unique_ptr<Loss> make_trades(const TrainingConfig& training) {
    return std::make_unique<Trades>(training.loss_weight, training.label_smoothing);
}

}  // namespace xloop
