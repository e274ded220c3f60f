#include "attacks/pgd.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace xloop {
namespace {

/// Uniform in [-epsilon, epsilon], each image from a generator seeded by its own key.
torch::Tensor start_noise(const torch::Tensor& images, double epsilon, std::uint64_t seed, std::uint64_t first_image) {
    const KeyedRandom keys(seed, RandomUse::attack_start);
    auto generator = torch::make_generator<at::CPUGeneratorImpl>();
    torch::Tensor noise = torch::empty_like(images, torch::MemoryFormat::Contiguous);
    for (std::int64_t i = 0; i < images.size(0); ++i) {
        generator.set_current_seed(keys.bits(first_image + static_cast<std::uint64_t>(i)));
        noise[i].uniform_(-epsilon, epsilon, generator);
    }
    return noise;
}

torch::Tensor input_gradient(const AttackObjective& objective, const torch::Tensor& x) {
    const torch::AutoGradMode with_grad(true);
    const torch::Tensor leaf = x.detach().requires_grad_(true);
    return torch::autograd::grad({objective(leaf)}, {leaf})[0];
}

}  // namespace

torch::Tensor pgd(const LogitsFunction& logits, const torch::Tensor& images, const torch::Tensor& labels,
                  const AttackConfig& attack, std::uint64_t seed, std::uint64_t first_image) {
    // The sum, not the mean: each image's gradient is its own, whatever the batch, and its sign is all that counts.
    const AttackObjective cross_entropy = [&](const torch::Tensor& x) {
        return torch::nn::functional::cross_entropy(
            logits(x), labels, torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kSum));
    };
    return pgd(cross_entropy, images, attack, seed, first_image);
}

torch::Tensor pgd(const AttackObjective& objective, const torch::Tensor& images, const AttackConfig& attack,
                  std::uint64_t seed, std::uint64_t first_image) {
    if (attack.steps < 1 || attack.epsilon < 0.0 || attack.step_size < 0.0)
        throw Error("an attack needs one step or more, and epsilon and step size of 0 or more");
    const torch::NoGradGuard no_grad;
    const torch::Tensor clean = images.detach();
    const torch::Tensor low = (clean - attack.epsilon).clamp_(0.0, 1.0);
    const torch::Tensor high = (clean + attack.epsilon).clamp_(0.0, 1.0);
    torch::Tensor x = clean;
    if (attack.random_start)
        x = clean + start_noise(clean, attack.epsilon, seed, first_image);
    x = x.clamp(low, high);
    for (int step = 0; step < attack.steps; ++step) {
        const torch::Tensor gradient = input_gradient(objective, x);
        x = x.add(gradient.sign_(), attack.step_size).clamp_(low, high);
    }
    return x;
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
