#include "attacks/belief.hpp"

#include "attacks/steps.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace xloop {
namespace {

double mean_of(const torch::Tensor& values) { return values.mean().item<double>(); }

/// PGD of a few steps without random start on the task's images; `losses` gets those of the images before each step and after the last.
torch::Tensor steps_up(const AttackTask& task, int steps, std::vector<torch::Tensor>& losses) {
    torch::Tensor x = task.batch.images;
    const LossOfLogits loss = [&](const torch::Tensor& logits) { return cross_entropies(logits, task.batch.labels); };
    for (int step = 0; step < steps; ++step) {
        const Slope slope = slope_at(task, x, loss);
        losses.push_back(slope.loss);
        x = projected(x + direction(slope.gradient, task.config.norm) * task.config.step_size, task);
    }
    losses.push_back(cross_entropies(logits_at(task, x), task.batch.labels));
    return x;
}

/// What the mean of varying answers may be off by, twice its standard error; 0 where they do not vary.
double slack_of_mean(const AttackTask& task, const torch::Tensor& values) {
    return task.network.varies() && values.numel() > 1
               ? 2.0 * values.std().item<double>() / std::sqrt(static_cast<double>(values.numel()))
               : 0.0;
}

void look_at_answers(const AttackTask& task, const std::string& name, const torch::Tensor& logits,
                     std::vector<std::string>& signs) {
    const torch::Tensor again = logits_at(task, task.batch.images);
    const double moved = (again - logits).abs().max().item<double>();
    if (moved > 0.0 && task.config.draws == 1)
        signs.push_back(
            fmt::format("{}: the same image is answered differently from query to query (logits move by up "
                        "to {:.3g}); attack the mean, by attack.draws above 1",
                        name, moved));
    const bool sums_to_one = (logits.sum(1) - 1.0).abs().max().item<double>() < 1e-4;
    if (logits.min().item<double>() >= 0.0 && logits.max().item<double>() <= 1.0 && sums_to_one)
        signs.push_back(
            fmt::format("{}: its outputs are probabilities, whose cross entropy is flat where one of them is "
                        "near 1; take the network without its softmax",
                        name));
}

/// The largest change that still leaves the network something to tell images by: none. In L2 that of every pixel by half its range.
double whole_range(const AttackTask& task) {
    constexpr double half = 0.5;
    return task.config.norm == Norm::linf ? half : half * std::sqrt(static_cast<double>(task.batch.images[0].numel()));
}

}  // namespace

std::vector<std::string> signs_of_masking(const AttackTask& all, const std::string& name) {
    const torch::NoGradGuard no_grad;
    std::vector<std::string> signs;
    all.network.start();
    const torch::Tensor first = logits_at(all, all.batch.images);
    look_at_answers(all, name, first, signs);
    const torch::Tensor right = (~wrong(first, all.batch.labels)).nonzero().squeeze(1);
    if (right.numel() == 0)
        return signs;
    const AttackBatch batch = all.batch.select(right);
    const auto count = batch.size();

    const Slope slope = slope_at(all.on(batch), batch.images,
                                 [&](const torch::Tensor& logits) { return cross_entropies(logits, batch.labels); });
    const auto flat = (sizes_of(slope.gradient, Norm::linf) == 0.0).sum().item<std::int64_t>();
    if (flat > 0)
        signs.push_back(
            fmt::format("{}: the gradient is exactly 0 at {} of {} images, where attacks by cross entropy stand "
                        "still (masked gradients); try apgd_dlr, fab and square",
                        name, flat, count));

    constexpr int steps = 10, large_steps = 40;
    AttackConfig config = all.config;
    config.step_size = 0.25 * config.epsilon;
    std::vector<torch::Tensor> losses;
    const AttackTask few{all.network, batch, config, all.seed, {}};
    steps_up(few, steps, losses);
    const torch::Tensor rise = losses.back() - losses.front();
    if (config.epsilon > 0.0 && mean_of(rise) + slack_of_mean(few, rise) <= 0.0)
        signs.push_back(
            fmt::format("{}: the loss does not rise with the steps of PGD (from {:.4g} to {:.4g} after {}); "
                        "gradients mislead, or the step is too large",
                        name, mean_of(losses.front()), mean_of(losses.back()), steps));

    config.epsilon = whole_range(all);
    config.step_size = 2.5 * config.epsilon / large_steps;
    const AttackTask large{all.network, batch, config, all.seed, {}};
    losses.clear();
    const torch::Tensor far = steps_up(large, large_steps, losses);
    const auto left = (~wrong(logits_at(large, far), batch.labels)).sum().item<std::int64_t>();
    if (left * 20 > count)
        signs.push_back(
            fmt::format("{}: {} of {} images withstand PGD with half the range of every pixel, which can make any "
                        "image grey: gradients are masked",
                        name, left, count));
    return signs;
}

}  // namespace xloop
