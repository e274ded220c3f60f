#include "attacks/steps.hpp"

#include <torch/torch.h>

namespace xloop {

torch::Tensor mi_fgsm(const AttackTask& task) {
    const torch::NoGradGuard no_grad;
    constexpr double least_size = 1e-12;
    const LossOfLogits loss = aim_of(task).loss();
    torch::Tensor x = task.batch.images, momentum = torch::zeros_like(x);
    for (int step = 0; step < task.config.steps; ++step) {
        if (task.watch)
            task.watch({static_cast<double>(step) / task.config.steps});
        const torch::Tensor gradient = slope_at(task, x, loss).gradient;
        const torch::Tensor size = per_image(gradient.abs().flatten(1).mean(1)).clamp_min(least_size);
        momentum = momentum * task.config.decay + gradient / size;
        x = projected(x + direction(momentum, task.config.norm) * task.config.step_size, task);
    }
    return x;
}

}  // namespace xloop
