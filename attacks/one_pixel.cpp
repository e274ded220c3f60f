#include "attacks/steps.hpp"
#include "core/error.hpp"
#include "core/random.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

// One-pixel: Su et al., arXiv 1710.08864. Differential evolution (Storn and Price, 1997) over places and values of a
// few pixels; a child takes the place of its own parent if the label is less likely with it. No crossover. Genes beyond
// their range are clipped.

namespace xloop {
namespace {

/// The candidates of one image. A candidate is `pixels` times (row, column, a value for each channel), one after
/// another.
class Evolution {
public:
    Evolution(const AttackTask& task, std::int64_t image, int restart, const KeyedRandom& keys)
        : image_(task.batch.images[image].detach().contiguous()), label_(task.batch.labels.slice(0, image, image + 1)),
          genes_of_pixel_(2 + image_.size(0)), genes_(task.config.pixels * genes_of_pixel_),
          population_(task.config.population), keys_(keys),
          number_(static_cast<std::uint64_t>(task.batch.numbers[static_cast<std::size_t>(image)])) {
        constexpr std::uint64_t first = 1000;  // below it: noise in the shape of an image
        at_ = first + (static_cast<std::uint64_t>(restart) << 48);
    }

    /// Uniform places, normal values.
    std::vector<float> first_generation() {
        constexpr double mean = 0.5, deviation = 0.5;
        std::vector<float> all(population_ * genes_);
        for (std::size_t g = 0; g < all.size(); ++g) {
            const std::int64_t size = range(g);
            const double gene = size > 0 ? static_cast<double>(size) * keys_.uniform(number_, at_++)
                                         : mean + deviation * keys_.normal(number_, at_++);
            all[g] = clipped(gene, g);
        }
        return all;
    }
    /// The difference of two candidates, scaled, added to a third.
    std::vector<float> children_of(const std::vector<float>& parents) {
        constexpr float scale = 0.5f;
        std::vector<float> all(parents.size());
        for (std::int64_t child = 0; child < population_; ++child) {
            const std::int64_t a = any(), b = any_but(a, a), c = any_but(a, b);
            for (std::int64_t g = 0; g < genes_; ++g)
                all[child * genes_ + g] =
                    clipped(parents[a * genes_ + g] + scale * (parents[b * genes_ + g] - parents[c * genes_ + g]), g);
        }
        return all;
    }

    /// [population, C, H, W]
    torch::Tensor drawn(const std::vector<float>& candidates) const {
        const std::int64_t channels = image_.size(0), height = image_.size(1), width = image_.size(2);
        const torch::Tensor images = image_.unsqueeze(0).repeat({population_, 1, 1, 1});
        float* out = images.data_ptr<float>();
        const float* gene = candidates.data();
        for (std::int64_t candidate = 0; candidate < population_; ++candidate, out += image_.numel())
            for (std::int64_t g = 0; g < genes_; g += genes_of_pixel_, gene += genes_of_pixel_) {
                const std::int64_t row = std::min(static_cast<std::int64_t>(gene[0]), height - 1);
                const std::int64_t column = std::min(static_cast<std::int64_t>(gene[1]), width - 1);
                for (std::int64_t channel = 0; channel < channels; ++channel)
                    out[(channel * height + row) * width + column] = gene[2 + channel];
            }
        return images;
    }
    /// All candidates are questions about one image.
    AttackBatch questions(const torch::Tensor& images) const {
        return {images, label_.expand({population_}).contiguous(),
                std::vector<std::int64_t>(static_cast<std::size_t>(population_), static_cast<std::int64_t>(number_))};
    }
    /// Children take the places of the parents that they beat: rows where `better` [population] bool.
    void survive(std::vector<float>& parents, const std::vector<float>& children, const torch::Tensor& better) const {
        const bool* beats = better.data_ptr<bool>();
        for (std::int64_t child = 0; child < population_; ++child)
            if (beats[child])
                std::copy_n(&children[child * genes_], genes_, &parents[child * genes_]);
    }

private:
    /// The number of rows or columns where the gene is a place, 0 where it is a value; counted over all candidates or
    /// in one.
    std::int64_t range(std::int64_t gene) const {
        const std::int64_t kind = gene % genes_of_pixel_;
        return kind < 2 ? image_.size(1 + kind) : 0;
    }
    float clipped(double value, std::int64_t gene) const {
        const std::int64_t size = range(gene);
        return static_cast<float>(std::clamp(value, 0.0, size > 0 ? static_cast<double>(size) : 1.0));
    }
    std::int64_t any() {
        return static_cast<std::int64_t>(keys_.below(static_cast<std::uint64_t>(population_), number_, at_++));
    }
    std::int64_t any_but(std::int64_t a, std::int64_t b) {
        std::int64_t other = any();
        while (other == a || other == b)
            other = any();
        return other;
    }

    torch::Tensor image_;  ///< [C, H, W]
    torch::Tensor label_;  ///< [1]
    std::int64_t genes_of_pixel_, genes_, population_;
    const KeyedRandom& keys_;
    std::uint64_t number_, at_ = 0;  ///< the address of the next random number
};

struct Outcome {
    torch::Tensor image;  ///< [C, H, W]
    float entropy;        ///< cross entropy: the larger, the less likely the label
    bool broken;
};

/// The worst point of one image after all generations, or of the first that has one with a wrong answer.
Outcome evolved(const AttackTask& task, std::int64_t image, int restart, const KeyedRandom& keys,
                const std::function<void(int)>& watch_generation) {
    Evolution evolution(task, image, restart, keys);
    std::vector<float> parents = evolution.first_generation();
    torch::Tensor entropies = torch::full({task.config.population}, -std::numeric_limits<float>::infinity());
    Outcome worst = {task.batch.images[image], -std::numeric_limits<float>::infinity(), false};
    // The first generation is asked about too, so that there is one round of questions more than generations of
    // children.
    for (int generation = 0; generation <= task.config.steps && !worst.broken; ++generation) {
        watch_generation(generation);
        const std::vector<float> children = generation == 0 ? parents : evolution.children_of(parents);
        const AttackBatch questions = evolution.questions(evolution.drawn(children));
        const torch::Tensor logits = logits_at(task.on(questions), questions.images);
        const torch::Tensor entropy = cross_entropies(logits, questions.labels);
        const torch::Tensor broken = wrong(logits, questions.labels);
        worst.broken = broken.any().item<bool>();
        const torch::Tensor candidates =
            worst.broken ? entropy.masked_fill(broken.logical_not(), -std::numeric_limits<float>::infinity()) : entropy;
        const std::int64_t best = candidates.argmax().item<std::int64_t>();
        const float highest = candidates[best].item<float>();
        if (worst.broken || highest > worst.entropy) {
            worst.image = questions.images[best].clone();
            worst.entropy = highest;
        }
        const torch::Tensor better = entropy > entropies;
        evolution.survive(parents, children, better);
        entropies = torch::where(better, entropy, entropies);
    }
    return worst;
}

}  // namespace

torch::Tensor one_pixel(const AttackTask& task) {
    const AttackConfig& config = task.config;
    constexpr int least_population = 3;  // a child has three parents
    if (config.population < least_population || config.pixels < 1)
        throw Error("the one-pixel attack needs three candidates or more, and one pixel or more");
    const torch::NoGradGuard no_grad;
    const KeyedRandom keys(task.seed, RandomUse::attack_start);
    torch::Tensor result = task.batch.images.detach().clone();
    const torch::Tensor right = wrong(logits_at(task, result), task.batch.labels).logical_not();
    // Image by image: the candidates of one are a batch.
    for (std::int64_t image = 0; image < task.batch.size(); ++image) {
        if (!right[image].item<bool>())
            continue;
        Outcome worst = {result[image], -std::numeric_limits<float>::infinity(), false};
        for (int restart = 0; restart < config.restarts && !worst.broken; ++restart) {
            const Outcome found = evolved(task, image, restart, keys, [&](int generation) {
                const double share = (restart + generation / (config.steps + 1.0)) / config.restarts;
                if (task.watch)
                    task.watch({(static_cast<double>(image) + share) / static_cast<double>(task.batch.size())});
            });
            if (found.broken || found.entropy > worst.entropy)
                worst = found;
        }
        result[image].copy_(worst.image);
    }
    return result;
}

}  // namespace xloop
