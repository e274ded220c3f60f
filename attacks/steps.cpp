#include "attacks/steps.hpp"

#include "core/random.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace xloop {
namespace {

torch::Tensor label_logits(const torch::Tensor& logits, const torch::Tensor& labels) {
    return logits.gather(1, labels.unsqueeze(1)).squeeze(1);
}

/// [N, classes]: 1 where the class is the image's.
torch::Tensor one_hot(const torch::Tensor& logits, const torch::Tensor& labels) {
    return torch::zeros_like(logits, torch::kBool).scatter_(1, labels.unsqueeze(1), true);
}

/// The largest of the other logits.
torch::Tensor best_other(const torch::Tensor& logits, const torch::Tensor& labels) {
    return std::get<0>(logits.masked_fill(one_hot(logits, labels), -std::numeric_limits<float>::infinity()).max(1));
}

constexpr double least_divisor = 1e-12;

template <class Fill>
torch::Tensor keyed_noise(const AttackBatch& batch, std::uint64_t seed, std::uint64_t use, Fill fill) {
    const torch::NoGradGuard no_grad;
    const KeyedRandom keys(seed, RandomUse::attack_start);
    auto generator = torch::make_generator<at::CPUGeneratorImpl>();
    torch::Tensor noise = torch::empty_like(batch.images, torch::MemoryFormat::Contiguous);
    for (std::int64_t i = 0; i < batch.size(); ++i) {
        generator.set_current_seed(
            keys.bits(static_cast<std::uint64_t>(batch.numbers[static_cast<std::size_t>(i)]), use));
        torch::Tensor own = noise[i];
        fill(own, generator);
    }
    return noise;
}

torch::Tensor uniform(const AttackBatch& batch, std::uint64_t seed, std::uint64_t use, double low, double high) {
    return keyed_noise(batch, seed, use,
                       [&](torch::Tensor& own, auto& generator) { own.uniform_(low, high, generator); });
}

torch::Tensor normal(const AttackBatch& batch, std::uint64_t seed, std::uint64_t use) {
    return keyed_noise(batch, seed, use, [](torch::Tensor& own, auto& generator) { own.normal_(0.0, 1.0, generator); });
}

}  // namespace

AttackBatch AttackBatch::select(const torch::Tensor& index) const {
    AttackBatch some{images.index_select(0, index), labels.index_select(0, index), {}};
    const torch::Tensor contiguous = index.contiguous();
    for (std::int64_t k = 0; k < contiguous.numel(); ++k)
        some.numbers.push_back(numbers[static_cast<std::size_t>(contiguous.data_ptr<std::int64_t>()[k])]);
    return some;
}

Slope slope_at(const AttackTask& task, const torch::Tensor& x, const LossOfLogits& loss) {
    Slope slope;
    for (int draw = 0; draw < task.config.draws; ++draw) {
        const torch::AutoGradMode with_grad(true);
        const torch::Tensor leaf = x.detach().requires_grad_(true);
        const torch::Tensor logits = task.network.logits(leaf, task.batch.numbers);
        const torch::Tensor losses = loss(logits);
        // The sum, not the mean: each image's gradient is its own, whatever the batch.
        const torch::Tensor gradient = torch::autograd::grad({losses.sum()}, {leaf})[0];
        const auto add = [&](torch::Tensor& sum, const torch::Tensor& one) {
            sum = draw == 0 ? one.detach() : sum + one.detach();
        };
        add(slope.logits, logits);
        add(slope.loss, losses);
        add(slope.gradient, gradient);
    }
    if (task.config.draws > 1)
        for (torch::Tensor* sum : {&slope.logits, &slope.loss, &slope.gradient})
            *sum = *sum / task.config.draws;
    return slope;
}

std::tuple<torch::Tensor, torch::Tensor> class_slopes(const AttackTask& task, const torch::Tensor& x,
                                                      const torch::Tensor& classes) {
    torch::Tensor logits, gradients;
    for (int draw = 0; draw < task.config.draws; ++draw) {
        const torch::AutoGradMode with_grad(true);
        const torch::Tensor leaf = x.detach().requires_grad_(true);
        const torch::Tensor answer = task.network.logits(leaf, task.batch.numbers);
        const torch::Tensor chosen = answer.gather(1, classes).sum(0);
        std::vector<torch::Tensor> rows;
        for (std::int64_t m = 0; m < chosen.size(0); ++m)
            rows.push_back(torch::autograd::grad({chosen[m]}, {leaf}, {}, /*retain_graph=*/true)[0]);
        const torch::Tensor stacked = torch::stack(rows, 1);
        logits = draw == 0 ? answer.detach() : logits + answer.detach();
        gradients = draw == 0 ? stacked : gradients + stacked;
    }
    return {logits / task.config.draws, gradients / task.config.draws};
}

torch::Tensor logits_at(const AttackTask& task, const torch::Tensor& x) {
    const torch::NoGradGuard no_grad;
    return task.network.logits(x, task.batch.numbers);
}

torch::Tensor cross_entropies(const torch::Tensor& logits, const torch::Tensor& labels) {
    return torch::nn::functional::cross_entropy(
        logits, labels, torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kNone));
}

torch::Tensor margins(const torch::Tensor& logits, const torch::Tensor& labels) {
    return label_logits(logits, labels) - best_other(logits, labels);
}

torch::Tensor logit_ratios(const torch::Tensor& logits, const torch::Tensor& labels) {
    const torch::Tensor margin = margins(logits, labels);
    if (logits.size(1) < 3)
        return -margin;
    const torch::Tensor sorted = std::get<0>(logits.sort(1, /*descending=*/true));
    return -margin / (sorted.select(1, 0) - sorted.select(1, 2) + least_divisor);
}

torch::Tensor targeted_logit_ratios(const torch::Tensor& logits, const torch::Tensor& labels,
                                    const torch::Tensor& targets) {
    const torch::Tensor margin = label_logits(logits, labels) - label_logits(logits, targets);
    if (logits.size(1) < 4)
        return -margin;
    const torch::Tensor sorted = std::get<0>(logits.sort(1, /*descending=*/true));
    return -margin / (sorted.select(1, 0) - 0.5 * (sorted.select(1, 2) + sorted.select(1, 3)) + least_divisor);
}

torch::Tensor wrong(const torch::Tensor& logits, const torch::Tensor& labels) { return logits.argmax(1) != labels; }

torch::Tensor targets_of(const AttackTask& task) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor& labels = task.batch.labels;
    const torch::Tensor logits = logits_at(task, task.batch.images);
    const std::int64_t classes = logits.size(1);
    switch (task.config.target) {
    case AttackTarget::none: break;
    case AttackTarget::next: return (labels + 1) % classes;
    case AttackTarget::least_likely:
        return logits.masked_fill(one_hot(logits, labels), std::numeric_limits<float>::infinity()).argmin(1);
    case AttackTarget::random: {
        const KeyedRandom keys(task.seed, RandomUse::attack_start);
        constexpr std::uint64_t use = 900;
        torch::Tensor targets = labels.clone();
        for (std::int64_t i = 0; i < task.batch.size(); ++i)
            targets[i] += 1 + static_cast<std::int64_t>(keys.below(
                                  static_cast<std::uint64_t>(classes - 1),
                                  static_cast<std::uint64_t>(task.batch.numbers[static_cast<std::size_t>(i)]), use));
        return targets % classes;
    }
    }
    return labels;
}

LossOfLogits Aim::loss() const {
    return [aim = *this](const torch::Tensor& logits) {
        const torch::Tensor entropies = cross_entropies(logits, aim.classes);
        return aim.towards ? -entropies : entropies;
    };
}

Aim aim_of(const AttackTask& task) {
    return task.config.target == AttackTarget::none ? Aim{task.batch.labels, false} : Aim{targets_of(task), true};
}

torch::Tensor wrong_class(const torch::Tensor& logits, const torch::Tensor& labels, std::int64_t rank) {
    return std::get<1>(logits.masked_fill(one_hot(logits, labels), -std::numeric_limits<float>::infinity())
                           .sort(/*stable=*/true, 1, /*descending=*/true))
        .select(1, rank);
}

torch::Tensor per_image(const torch::Tensor& values) { return values.view({-1, 1, 1, 1}); }

torch::Tensor sizes_of(const torch::Tensor& change, Norm norm) {
    const torch::Tensor flat = change.flatten(1);
    return norm == Norm::linf ? flat.abs().amax(1) : flat.square().sum(1).sqrt();
}

torch::Tensor projected(const torch::Tensor& x, const torch::Tensor& images, const AttackConfig& config) {
    if (config.norm == Norm::linf)
        return torch::max(torch::min(x, images + config.epsilon), images - config.epsilon).clamp_(0.0, 1.0);
    const torch::Tensor change = x - images;
    const torch::Tensor size = per_image(sizes_of(change, Norm::l2));
    return (images + change * (config.epsilon / size.clamp_min(least_divisor)).clamp_max(1.0)).clamp_(0.0, 1.0);
}

torch::Tensor projected(const torch::Tensor& x, const AttackTask& task) {
    return projected(x, task.batch.images, task.config);
}

torch::Tensor direction(const torch::Tensor& gradient, Norm norm) {
    if (norm == Norm::linf)
        return gradient.sign();
    return gradient / per_image(sizes_of(gradient, Norm::l2)).clamp_min(least_divisor);
}

torch::Tensor uniform_noise(const AttackTask& task, std::uint64_t use, double low, double high) {
    return uniform(task.batch, task.seed, use, low, high);
}

torch::Tensor normal_noise(const AttackTask& task, std::uint64_t use) { return normal(task.batch, task.seed, use); }

torch::Tensor random_point(const AttackBatch& batch, const AttackConfig& config, std::uint64_t seed,
                           std::uint64_t use) {
    const torch::NoGradGuard no_grad;
    const double epsilon = config.epsilon;
    if (config.norm == Norm::linf)
        return projected(batch.images + uniform(batch, seed, use, -epsilon, epsilon), batch.images, config);
    const KeyedRandom keys(seed, RandomUse::attack_start);
    constexpr std::uint64_t of_radius = std::uint64_t{1} << 32;
    std::vector<float> radii;
    for (std::int64_t number : batch.numbers)
        radii.push_back(
            static_cast<float>(epsilon * keys.uniform(static_cast<std::uint64_t>(number), of_radius + use)));
    const torch::Tensor way = direction(normal(batch, seed, use), Norm::l2);
    return projected(batch.images + way * per_image(torch::tensor(radii)), batch.images, config);
}

void take_rows(torch::Tensor& to, const torch::Tensor& from, const torch::Tensor& better) {
    to = torch::where(better.view([&] {
        std::vector<std::int64_t> shape(static_cast<std::size_t>(to.dim()), 1);
        shape[0] = -1;
        return shape;
    }()),
                      from, to);
}

}  // namespace xloop
