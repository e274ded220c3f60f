#include "attacks/steps.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

/// One step of `size` from `x`: up in the loss of the label, or down in that of the target.
torch::Tensor one_step(const AttackTask& task, const torch::Tensor& x, double size) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor gradient = slope_at(task, x, aim_of(task).loss()).gradient;
    return projected(x + direction(gradient, task.config.norm) * size, task);
}

}  // namespace

torch::Tensor fgsm(const AttackTask& task) { return one_step(task, task.batch.images, task.config.epsilon); }

torch::Tensor r_fgsm(const AttackTask& task) {
    const double half = 0.5 * task.config.epsilon;
    const torch::Tensor start =
        projected(task.batch.images + direction(normal_noise(task, 0), task.config.norm) * half, task);
    return one_step(task, start, half);
}

}  // namespace xloop
