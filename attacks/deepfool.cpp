#include "attacks/steps.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <limits>
#include <tuple>

// DeepFool: Moosavi-Dezfooli et al., arXiv 1511.04599. Each step goes onto the nearest of the linearised boundaries
// between the label and the classes that were most likely at first; an image leaves once its answer is wrong.

namespace xloop {

torch::Tensor deepfool(const AttackTask& task) {
    constexpr std::int64_t most_candidates = 10;
    constexpr double least_step = 1e-4;  // beyond a boundary on which the point lies already
    constexpr double least_slope = 1e-8;
    const torch::NoGradGuard no_grad;
    const AttackConfig& config = task.config;
    torch::Tensor result = task.batch.images.detach().clone();
    const torch::Tensor clean_logits = logits_at(task, result);

    torch::Tensor rows = wrong(clean_logits, task.batch.labels).logical_not().nonzero().flatten();
    AttackBatch batch = task.batch.select(rows);
    // The label first, then the others from the most likely one on: [M, candidates].
    torch::Tensor classes =
        std::get<1>(clean_logits.index_select(0, rows)
                        .scatter(1, batch.labels.unsqueeze(1), std::numeric_limits<float>::infinity())
                        .topk(std::min(most_candidates, clean_logits.size(1)), 1));
    torch::Tensor x = batch.images.clone(), change = torch::zeros_like(x);

    for (int step = 0; step < config.steps && rows.numel() > 0; ++step) {
        if (task.watch)
            task.watch({static_cast<double>(step) / config.steps});
        const auto [logits, slopes] = class_slopes(task.on(batch), x, classes);
        const torch::Tensor chosen = logits.gather(1, classes);
        const torch::Tensor differences = (chosen.slice(1, 1) - chosen.slice(1, 0, 1)).abs();
        const torch::Tensor normals = (slopes.slice(1, 1) - slopes.slice(1, 0, 1)).flatten(2);
        // The norm that is dual to the one in which the step is short.
        const torch::Tensor steepness =
            (config.norm == Norm::linf ? normals.abs().sum(2) : normals.square().sum(2).sqrt()) + least_slope;
        const torch::Tensor distances = differences / steepness;
        const torch::Tensor nearest = distances.argmin(1, /*keepdim=*/true);
        const torch::Tensor distance = distances.gather(1, nearest) + least_step;
        const torch::Tensor normal =
            normals.gather(1, nearest.unsqueeze(2).expand({-1, 1, normals.size(2)})).squeeze(1);
        const torch::Tensor way = config.norm == Norm::linf ? normal.sign() : normal / steepness.gather(1, nearest);
        change = change + (distance * way).view_as(x);
        const torch::Tensor next = (batch.images + (1.0 + config.overshoot) * change).clamp_(0.0, 1.0);

        // Who was broken before this step stays as it was.
        const torch::Tensor broken = wrong(logits, batch.labels);
        x = torch::where(per_image(broken), x, next);
        result.index_copy_(0, rows, x);
        if (broken.any().item<bool>()) {
            const torch::Tensor stay = broken.logical_not().nonzero().flatten();
            batch = batch.select(stay);
            for (torch::Tensor* t : {&rows, &classes, &x, &change})
                *t = t->index_select(0, stay);
        }
    }
    return result;
}

}  // namespace xloop
