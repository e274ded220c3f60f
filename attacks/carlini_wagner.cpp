#include "attacks/steps.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

// Carlini and Wagner, arXiv 1608.04644, section VI A (L2): Adam in a space without bounds minimises the squared change
// plus a constant times the margin of logits; a binary search finds the least constant that breaks the image. As in the
// authors' program a search step is given up early where its loss no longer falls. Theirs gives up the batch, ours each
// image, since the batch must not matter.

namespace xloop {
namespace {

constexpr double inside = 0.999999;  ///< keeps the ends of [0, 1] finite in tanh space

torch::Tensor to_tanh_space(const torch::Tensor& x) { return ((x * 2.0 - 1.0) * inside).atanh(); }

/// What all images have in common.
struct Goal {
    torch::Tensor classes;  ///< [N]: those to leave, or to reach
    bool reach = false;
    double confidence = 0.0;

    /// How far the logits [N, classes] are from the goal, [N]: 0 where it is met with confidence.
    torch::Tensor shortfall(const torch::Tensor& logits, const torch::Tensor& of) const {
        const torch::Tensor at = of.unsqueeze(1);
        const torch::Tensor other =
            logits.detach().scatter(1, at, -std::numeric_limits<float>::infinity()).argmax(1, /*keepdim=*/true);
        const torch::Tensor lead = (logits.gather(1, at) - logits.gather(1, other)).squeeze(1);
        return ((reach ? -lead : lead) + confidence).relu();
    }
    /// Whether the goal is met with confidence: bool [N].
    torch::Tensor met(const torch::Tensor& logits, const torch::Tensor& of) const {
        const torch::Tensor at = of.unsqueeze(1);
        const torch::Tensor handicap = torch::full_like(at, reach ? -confidence : confidence, torch::kFloat32);
        const torch::Tensor other_wins = wrong(logits.scatter_add(1, at, handicap), of);
        return reach ? other_wins.logical_not() : other_wins;
    }
};

/// The images whose loss still falls in this search step, and where Adam is with each.
struct InPlay {
    torch::Tensor rows;  ///< int64 [M]: places among all
    AttackBatch batch;
    torch::Tensor classes, constants, origin, change, mean, square;

    void keep(const torch::Tensor& index) {
        batch = batch.select(index);
        for (torch::Tensor* t : {&rows, &classes, &constants, &origin, &change, &mean, &square})
            *t = t->index_select(0, index);
    }
    /// Adam: Kingma and Ba, arXiv 1412.6980, algorithm 1; `step` is counted from 1.
    void descend(const torch::Tensor& gradient, int step, double learning_rate) {
        constexpr double beta1 = 0.9, beta2 = 0.999, least = 1e-8;
        mean = beta1 * mean + (1.0 - beta1) * gradient;
        square = beta2 * square + (1.0 - beta2) * gradient.square();
        const torch::Tensor slope = mean / (1.0 - std::pow(beta1, step));
        const torch::Tensor size = (square / (1.0 - std::pow(beta2, step))).sqrt();
        change = change - learning_rate * slope / (size + least);
    }
};

/// The nearest adversarial images so far.
struct Nearest {
    torch::Tensor images, sizes;  ///< [N, C, H, W]; [N], infinity where there is none
};

/// One step of the search: which images were broken with these constants [N]. `watch_step` is told each step of Adam.
torch::Tensor broken_with(const torch::Tensor& constants, const AttackTask& task, const Goal& goal, Nearest& nearest,
                          const std::function<void(int)>& watch_step) {
    constexpr double progress = 0.9999;
    const AttackConfig& config = task.config;
    const int period = (config.steps + 9) / 10;
    const torch::Tensor zero = torch::zeros_like(task.batch.images);
    torch::Tensor broken = torch::zeros({task.batch.size()}, torch::kBool);
    InPlay play = {torch::arange(task.batch.size()), task.batch, goal.classes, constants,
                   to_tanh_space(task.batch.images), zero,       zero,         zero};
    torch::Tensor loss_before = torch::full({task.batch.size()}, std::numeric_limits<float>::infinity());
    for (int step = 0; step < config.steps && play.rows.numel() > 0; ++step) {
        watch_step(step);
        const torch::Tensor squashed = (play.origin + play.change).tanh();
        torch::Tensor x = squashed * 0.5 + 0.5;
        const torch::Tensor moved = x - (play.origin.tanh() * 0.5 + 0.5);
        const Slope slope = slope_at(task.on(play.batch), x, [&](const torch::Tensor& logits) {
            return play.constants * goal.shortfall(logits, play.classes);
        });
        const torch::Tensor loss = slope.loss + moved.square().flatten(1).sum(1);
        play.descend((slope.gradient + 2.0 * moved) * (0.5 * (1.0 - squashed.square())), step + 1,
                     config.learning_rate);

        torch::Tensor logits = slope.logits;
        if (step % period == 0) {
            const torch::Tensor falls = loss <= progress * loss_before.index_select(0, play.rows);
            loss_before.index_copy_(0, play.rows, loss);
            const torch::Tensor stay = falls.nonzero().flatten();
            if (stay.numel() < play.rows.numel()) {
                play.keep(stay);
                x = x.index_select(0, stay);
                logits = logits.index_select(0, stay);
            }
        }
        const torch::Tensor met = goal.met(logits, play.classes);
        const torch::Tensor size = sizes_of(x - play.batch.images, Norm::l2);
        const torch::Tensor better = met.logical_and(size < nearest.sizes.index_select(0, play.rows));
        broken.index_fill_(0, play.rows.masked_select(met), true);
        const torch::Tensor places = play.rows.masked_select(better), chosen = better.nonzero().flatten();
        nearest.images.index_copy_(0, places, x.index_select(0, chosen));
        nearest.sizes.index_copy_(0, places, size.index_select(0, chosen));
    }
    return broken;
}

}  // namespace

torch::Tensor carlini_wagner(const AttackTask& whole) {
    constexpr int searches_that_end_at_the_top = 10;
    constexpr double largest_constant = 1e10;
    const torch::NoGradGuard no_grad;
    const AttackConfig& config = whole.config;
    torch::Tensor result = whole.batch.images.detach().clone();
    const torch::Tensor right = wrong(logits_at(whole, result), whole.batch.labels).logical_not().nonzero().flatten();
    if (right.numel() == 0)
        return result;
    const AttackBatch batch = whole.batch.select(right);
    const AttackTask task = whole.on(batch);
    const bool reach = config.target != AttackTarget::none;
    const Goal goal = {reach ? targets_of(task) : batch.labels, reach, config.confidence};

    const double infinity = std::numeric_limits<float>::infinity();
    Nearest nearest = {batch.images.clone(), torch::full({batch.size()}, infinity)};
    torch::Tensor constants = torch::full({batch.size()}, config.first_constant, torch::kFloat32);
    torch::Tensor low = torch::zeros_like(constants), high = torch::full_like(constants, infinity);
    for (int search = 0; search < config.search_steps; ++search) {
        // A long search ends with the least constant that is known to do.
        if (search == config.search_steps - 1 && search + 1 >= searches_that_end_at_the_top)
            constants = high.clamp_max(largest_constant);
        const torch::Tensor broken = broken_with(constants, task, goal, nearest, [&](int step) {
            if (task.watch)
                task.watch({(search + static_cast<double>(step) / config.steps) / config.search_steps});
        });
        high = torch::where(broken, constants, high);
        low = torch::where(broken, low, constants);
        constants = torch::where(high.isinf(), constants * 10.0, (low + high) * 0.5);
    }
    result.index_copy_(0, right, nearest.images);
    return result;
}

}  // namespace xloop
