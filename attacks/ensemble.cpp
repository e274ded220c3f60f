#include "attacks/steps.hpp"

#include <torch/torch.h>

#include <array>

namespace xloop {

/// The standard version of the authors' program: each attack with its published settings, on the images that withstood those before.
torch::Tensor ensemble(const AttackTask& task) {
    const torch::NoGradGuard no_grad;
    constexpr double tolerance = 1e-6;
    constexpr std::array stages{AttackKind::apgd_ce, AttackKind::apgd_t, AttackKind::fab_t, AttackKind::square};
    torch::Tensor result = task.batch.images.clone();
    torch::Tensor left = (~wrong(logits_at(task, task.batch.images), task.batch.labels)).nonzero().squeeze(1);
    for (std::size_t s = 0; s < stages.size() && left.numel() > 0; ++s) {
        const AttackBatch batch = task.batch.select(left);
        AttackConfig config = task.config;
        config.steps = traits_of(stages[s]).steps;
        config.restarts = 1;
        config.square_stretched = false;  // as the authors' ensemble has it, unlike their Square by itself
        AttackTask own{task.network, batch, config, task.seed, {}};
        if (task.watch)
            own.watch = [&](const StepState& state) {
                task.watch({(static_cast<double>(s) + state.done) / static_cast<double>(stages.size())});
            };
        const torch::Tensor images = run_attack(stages[s], own);
        const torch::Tensor inside = sizes_of(images - batch.images, config.norm) <= config.epsilon + tolerance;
        const torch::Tensor broken = wrong(logits_at(own, images), batch.labels) & inside;
        result.index_copy_(0, left.masked_select(broken), images.index_select(0, broken.nonzero().squeeze(1)));
        left = left.masked_select(~broken);
    }
    return result;
}

}  // namespace xloop
