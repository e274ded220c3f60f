#include "training/losses/loss.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

class CrossEntropy : public Loss {
public:
    explicit CrossEntropy(double smoothing) : smoothing_(smoothing) {}

    StepLoss operator()(const LogitsFunction& network, const StepImages& images) const override {
        const torch::Tensor logits = network(images.seen());
        torch::Tensor loss = smoothed_cross_entropy(logits, images.labels, smoothing_).mean();
        if (images.other_labels.defined())
            loss = images.own_share * loss +
                   (1.0 - images.own_share) * smoothed_cross_entropy(logits, images.other_labels, smoothing_).mean();
        return {loss, logits};
    }

private:
    double smoothing_;
};

}  // namespace

std::unique_ptr<Loss> make_cross_entropy(const TrainingConfig& training) {
    return std::make_unique<CrossEntropy>(training.label_smoothing);
}

}  // namespace xloop
