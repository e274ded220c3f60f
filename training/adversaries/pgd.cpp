#include "training/adversaries/adversary.hpp"

namespace xloop {
namespace {

/// Madry et al., arXiv 1706.06083, section 3.
class Pgd : public Adversary {
public:
    explicit Pgd(const AttackConfig& attack) : attack_(attack) {}
    torch::Tensor attack(const AttackedStep& step) override { return attacked_images(step, attack_); }
    double passes() const override { return 1.0 + attack_.steps; }
    bool single_step() const override { return attack_.steps == 1; }
    const char* title() const override { return "PGD"; }

private:
    AttackConfig attack_;
};

}  // namespace

std::unique_ptr<Adversary> make_pgd_adversary(const TrainingConfig&, const AttackConfig& attack) {
    return std::make_unique<Pgd>(attack);
}

}  // namespace xloop
