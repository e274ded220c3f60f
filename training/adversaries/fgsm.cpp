#include "training/adversaries/adversary.hpp"

namespace xloop {
namespace {

/// One step from a random point of the ball: Wong et al., arXiv 2001.03994, algorithm 3.
class Fgsm : public Adversary {
public:
    explicit Fgsm(AttackConfig attack) : attack_(attack) { attack_.random_start = true; }
    torch::Tensor attack(const AttackedStep& step) override { return attacked_images(step, attack_); }
    double passes() const override { return 2.0; }
    const char* title() const override { return "FGSM"; }

private:
    AttackConfig attack_;
};

}  // namespace

std::unique_ptr<Adversary> make_fgsm_adversary(const TrainingConfig&, const AttackConfig& attack) {
    return std::make_unique<Fgsm>(attack);
}

}  // namespace xloop
