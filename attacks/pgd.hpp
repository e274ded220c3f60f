#pragma once

#include "attacks/attack_config.hpp"
#include "core/progress.hpp"
#include "dnn/tensors.hpp"

#include <torch/types.h>

#include <cstdint>
#include <functional>

namespace xloop {

/// Projected gradient descent in the L-infinity ball (Madry et al., arXiv 1706.06083): `attack.steps` times
/// x <- clip(x + step_size * sign(d loss / d x)), clipped to within epsilon of `images` and to [0, 1]; the loss is
/// cross entropy. images: float [N, C, H, W] in [0, 1]; labels: int64 [N]. Returns images of the same shape, without
/// gradient; gradients of parameters are not touched.
///
/// Image i starts at a random point keyed by (seed, first_image + i), whatever the batch it is in. Only the result
/// after the last step is kept, as in the paper: not the best of all steps.
torch::Tensor pgd(const LogitsFunction& logits, const torch::Tensor& images, const torch::Tensor& labels,
                  const AttackConfig& attack, std::uint64_t seed, std::uint64_t first_image = 0);

/// What an attack makes large: images -> one number, the sum over the images of what each is worth by itself.
using AttackObjective = std::function<torch::Tensor(const torch::Tensor& images)>;
/// The same with another loss.
torch::Tensor pgd(const AttackObjective& objective, const torch::Tensor& images, const AttackConfig& attack,
                  std::uint64_t seed, std::uint64_t first_image = 0);

/// Adversarial images on the grid k / 255 that an 8-bit input can hold. Rounded to the nearest level within `epsilon`
/// of `images`, so that the result stays in the ball when `images` are on the grid themselves: a ball of 8/255 stays
/// one of 8 levels, one of 8.6/255 becomes 8. (Rounding to nearest alone could leave the ball by half a level.)
/// An epsilon a hundredth of a level below a whole level counts as that level, because 0.03137 is meant to be 8/255.
torch::Tensor quantise_to_pixels(const torch::Tensor& adversarial, const torch::Tensor& images, double epsilon);

/// PGD on `images` in batches, each image with its number as key, rounded to pixels. `watch` is called before each batch.
torch::Tensor adversarial_pixels(const LogitsFunction& logits, const torch::Tensor& images, const torch::Tensor& labels,
                                 const AttackConfig& attack, std::uint64_t seed, const Watch& watch = {},
                                 int batch_size = 256);

}  // namespace xloop
