#include "attacks/pgd.hpp"

#include "attacks/steps.hpp"
#include "core/error.hpp"

#include <torch/torch.h>

#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace xloop {
namespace {

torch::Tensor input_gradient(const AttackObjective& objective, const torch::Tensor& x) {
    const torch::AutoGradMode with_grad(true);
    const torch::Tensor leaf = x.detach().requires_grad_(true);
    return torch::autograd::grad({objective(leaf)}, {leaf})[0];
}

/// The steps from `x`; `gradient`: of what is made large, at a point.
template <class Gradient>
torch::Tensor steps_from(torch::Tensor x, const torch::Tensor& images, const AttackConfig& attack, Gradient gradient) {
    if (attack.steps < 1 || attack.epsilon < 0.0 || attack.step_size < 0.0)
        throw Error("an attack needs one step or more, and epsilon and step size of 0 or more");
    const torch::NoGradGuard no_grad;
    for (int step = 0; step < attack.steps; ++step)
        x = projected(x.add(direction(gradient(x), attack.norm), attack.step_size), images, attack);
    return x;
}

AttackBatch numbered(const torch::Tensor& images, std::uint64_t first_image) {
    AttackBatch batch{images.detach(), {}, std::vector<std::int64_t>(static_cast<std::size_t>(images.size(0)))};
    std::iota(batch.numbers.begin(), batch.numbers.end(), static_cast<std::int64_t>(first_image));
    return batch;
}

}  // namespace

torch::Tensor pgd(const LogitsFunction& logits, const torch::Tensor& images, const torch::Tensor& labels,
                  const AttackConfig& attack, std::uint64_t seed, std::uint64_t first_image) {
    const AttackObjective objective = [&](const torch::Tensor& x) { return cross_entropies(logits(x), labels).sum(); };
    return pgd(objective, images, attack, seed, first_image);
}

torch::Tensor pgd(const AttackObjective& objective, const torch::Tensor& images, const AttackConfig& attack,
                  std::uint64_t seed, std::uint64_t first_image) {
    const AttackBatch batch = numbered(images, first_image);
    return steps_from(attack.random_start ? random_point(batch, attack, seed, 0) : batch.images.clamp(0.0, 1.0),
                      batch.images, attack, [&](const torch::Tensor& x) { return input_gradient(objective, x); });
}

torch::Tensor pgd(const AttackTask& task) {
    const torch::NoGradGuard no_grad;
    const Aim aim = aim_of(task);
    torch::Tensor result = task.batch.images.clone();
    // Restarts are of those that withstood the ones before.
    torch::Tensor left = torch::arange(task.batch.size());
    for (int restart = 0; restart < task.config.restarts && left.numel() > 0; ++restart) {
        const AttackBatch batch = task.batch.select(left);
        const AttackTask own = task.on(batch);
        const LossOfLogits loss = aim.select(left).loss();
        int step = 0;
        const bool random = task.config.random_start || restart > 0;
        const torch::Tensor x = steps_from(
            random ? random_point(batch, task.config, task.seed, static_cast<std::uint64_t>(restart)) : batch.images,
            batch.images, task.config, [&](const torch::Tensor& at) {
                if (task.watch)
                    task.watch({(restart + static_cast<double>(step++) / task.config.steps) / task.config.restarts});
                return slope_at(own, at, loss).gradient;
            });
        result.index_copy_(0, left, x);
        if (restart + 1 < task.config.restarts)
            left = left.masked_select(~wrong(logits_at(own, x), batch.labels));
    }
    return result;
}

torch::Tensor quantise_to_pixels(const torch::Tensor& adversarial, const torch::Tensor& images, double epsilon) {
    constexpr double tolerance = 0.01;
    const torch::NoGradGuard no_grad;
    const torch::Tensor clean = images.detach().mul(255.0).round_();
    const double levels = std::floor(epsilon * 255.0 + tolerance);
    const torch::Tensor nearest = adversarial.detach().mul(255.0).round_();
    const torch::Tensor inside = torch::max(torch::min(nearest, clean + levels), clean - levels);
    return inside.clamp_(0.0, 255.0).div_(255.0);
}

torch::Tensor adversarial_pixels(const LogitsFunction& logits, const torch::Tensor& images, const torch::Tensor& labels,
                                 const AttackConfig& attack, std::uint64_t seed, const Watch& watch, int batch_size) {
    const std::int64_t count = images.size(0);
    std::vector<torch::Tensor> batches;
    for (std::int64_t at = 0; at < count; at += batch_size) {
        if (watch)
            watch({static_cast<double>(at) / static_cast<double>(count)});
        const torch::Tensor x = images.slice(0, at, at + batch_size), y = labels.slice(0, at, at + batch_size);
        const torch::Tensor attacked = pgd(logits, x, y, attack, seed, static_cast<std::uint64_t>(at));
        batches.push_back(quantise_to_pixels(attacked, x, attack.epsilon));
    }
    return torch::cat(batches);
}

}  // namespace xloop
