#include "training/adversaries/adversary.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

/// Shafahi et al., arXiv 1904.12843, algorithm 1: each batch is trained on several times, and the gradient that a step has for its
/// images anyway moves their perturbation, which the next batch starts from.
class Free : public Adversary {
public:
    Free(int replays, double epsilon) : replays_(replays), epsilon_(epsilon) {}

    torch::Tensor attack(const AttackedStep& step) override {
        const torch::NoGradGuard no_grad;
        if (!moved_.defined() || moved_.sizes() != step.images.sizes())
            moved_ = torch::zeros_like(step.images);
        return (step.images + moved_).clamp_(0.0, 1.0);
    }
    int replays() const override { return replays_; }
    bool learns() const override { return true; }
    void learn(const torch::Tensor& gradient) override {
        const torch::NoGradGuard no_grad;
        moved_.add_(gradient.sign(), epsilon_).clamp_(-epsilon_, epsilon_);
    }
    double passes() const override { return replays_; }
    const char* title() const override { return "free"; }
    void save(TrainingState& state) const override {
        if (moved_.defined())
            state.tensors["free.moved"] = moved_;
    }
    void load(const TrainingState& state) override {
        const auto found = state.tensors.find("free.moved");
        moved_ = found == state.tensors.end() ? torch::Tensor() : found->second.clone();
    }

private:
    int replays_;
    double epsilon_;
    torch::Tensor moved_;
};

}  // namespace

std::unique_ptr<Adversary> make_free_adversary(const TrainingConfig& training, const AttackConfig& attack) {
    return std::make_unique<Free>(training.replays, attack.epsilon);
}

}  // namespace xloop
