#pragma once

#include "attacks/attack.hpp"

#include <functional>
#include <tuple>

// What the attacks are made of.

namespace xloop {

/// Logits [N, classes] -> what an attack makes large, one number for each image [N]; that of an image depends on its own logits alone.
using LossOfLogits = std::function<torch::Tensor(const torch::Tensor& logits)>;

/// A network's answer at a point and how a loss rises there.
struct Slope {
    torch::Tensor logits;    ///< [N, classes]; of AttackConfig::draws answers the mean
    torch::Tensor loss;      ///< [N], likewise
    torch::Tensor gradient;  ///< d loss / d x [N, C, H, W]: each image's own
};
/// Costs AttackConfig::draws queries and passes backward (expectation over transformation: Athalye et al., arXiv 1707.07397).
Slope slope_at(const AttackTask& task, const torch::Tensor& x, const LossOfLogits& loss);
/// Logits [N, classes] at x and the gradients of those of `classes` (int64 [N, M]) there, [N, M, C, H, W]: one pass forward and M backward
/// for each of AttackConfig::draws. Each image's gradient is its own.
std::tuple<torch::Tensor, torch::Tensor> class_slopes(const AttackTask& task, const torch::Tensor& x,
                                                      const torch::Tensor& classes);
/// Logits alone, without gradient: one query.
torch::Tensor logits_at(const AttackTask& task, const torch::Tensor& x);

/// Cross entropy of each image, [N].
torch::Tensor cross_entropies(const torch::Tensor& logits, const torch::Tensor& labels);
/// The label's logit less the largest other, [N].
torch::Tensor margins(const torch::Tensor& logits, const torch::Tensor& labels);
/// Difference of logits ratio: Croce and Hein, arXiv 2003.01690, equation 6; of two classes or three without the divisor, which needs
/// the third largest. [N].
torch::Tensor logit_ratios(const torch::Tensor& logits, const torch::Tensor& labels);
/// Towards `targets`: their equation 7, which needs four classes; of fewer without the divisor.
torch::Tensor targeted_logit_ratios(const torch::Tensor& logits, const torch::Tensor& labels,
                                    const torch::Tensor& targets);
/// Whether the largest logit, the first of equals, is another than the label: bool [N].
torch::Tensor wrong(const torch::Tensor& logits, const torch::Tensor& labels);
/// The classes that AttackConfig::target aims at, int64 [N]; one query for least_likely.
torch::Tensor targets_of(const AttackTask& task);
/// What attacks with a target of their own choice make large: cross entropy of the label, or the negative one of the target.
struct Aim {
    torch::Tensor classes;  ///< int64 [N]
    bool towards = false;   ///< a target
    LossOfLogits loss() const;
    Aim select(const torch::Tensor& index) const { return {classes.index_select(0, index), towards}; }
};
/// By AttackConfig::target.
Aim aim_of(const AttackTask& task);
/// The `rank`th most likely wrong class of each image: 0 is the most likely one. [N].
torch::Tensor wrong_class(const torch::Tensor& logits, const torch::Tensor& labels, std::int64_t rank);

/// One number for each image, [N] -> [N, 1, 1, 1].
torch::Tensor per_image(const torch::Tensor& values);
/// [N] of [N, C, H, W].
torch::Tensor sizes_of(const torch::Tensor& change, Norm norm);
/// x with what leaves the ball around the images, then [0, 1], clipped; in L2 the change is scaled.
torch::Tensor projected(const torch::Tensor& x, const torch::Tensor& images, const AttackConfig& config);
torch::Tensor projected(const torch::Tensor& x, const AttackTask& task);
/// A step of `size` in the direction in which `gradient` rises fastest: its signs, or its L2 direction; nowhere where it is 0.
torch::Tensor direction(const torch::Tensor& gradient, Norm norm);

/// Random numbers in the shape of the images, each image's from a generator of its own, keyed by (seed, use, its number): the batch it is
/// in does not matter. `use`: which of an attack's choices; different for each call.
torch::Tensor uniform_noise(const AttackTask& task, std::uint64_t use, double low, double high);
torch::Tensor normal_noise(const AttackTask& task, std::uint64_t use);
/// A random point of the ball: uniform in L-infinity; in L2 a random direction with a radius that is uniform.
torch::Tensor random_point(const AttackBatch& batch, const AttackConfig& config, std::uint64_t seed, std::uint64_t use);

/// Where `better` [N] bool: rows of `from` take the place of those of `to`.
void take_rows(torch::Tensor& to, const torch::Tensor& from, const torch::Tensor& better);

}  // namespace xloop
