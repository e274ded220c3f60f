#include "training/adversaries/adversary.hpp"

#include "attacks/pgd.hpp"

#include <torch/torch.h>

#include <array>

namespace xloop {
namespace {

struct Row {
    AdversaryKind kind;
    std::unique_ptr<Adversary> (*make)(const TrainingConfig& training, const AttackConfig& attack);
};

std::unique_ptr<Adversary> none(const TrainingConfig&, const AttackConfig&) { return nullptr; }

constexpr std::array rows{Row{AdversaryKind::none, none}, Row{AdversaryKind::pgd, make_pgd_adversary},
                          Row{AdversaryKind::fgsm, make_fgsm_adversary}, Row{AdversaryKind::free, make_free_adversary}};

}  // namespace

std::unique_ptr<Adversary> make_adversary(const TrainingConfig& training, const AttackConfig& attack) {
    return rows.at(static_cast<std::size_t>(training.adversary)).make(training, attack);
}

torch::Tensor attacked_images(const AttackedStep& step, const AttackConfig& attack) {
    torch::Tensor clean_logits;
    if (step.loss.compares_with_clean()) {
        const torch::NoGradGuard no_grad;
        clean_logits = step.network(step.images);
    }
    const AttackObjective objective = [&](const torch::Tensor& images) {
        return step.loss.attacked_objective(step.network(images), clean_logits, step.labels);
    };
    return pgd(objective, step.images, attack, step.seed, step.first_image);
}

}  // namespace xloop
