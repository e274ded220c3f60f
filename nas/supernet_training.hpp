#pragma once

#include "core/experiment_config.hpp"
#include "dnn/data/image_set.hpp"
#include "dnn/supernet.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace xloop {

/// Where a training run is; given after every step.
struct TrainingProgress {
    int epoch = 0;          ///< from 1
    std::int64_t step = 0;  ///< of all epochs, from 1
    std::int64_t steps_total = 0;
    bool adversarial = false;   ///< the step was on adversarial examples
    double loss = 0.0;          ///< mean over this epoch so far
    double accuracy = 0.0;      ///< on the images trained on, mean over this epoch so far
    double seconds_left = 0.0;  ///< from the speed of this run's steps
};

struct TrainingCallbacks {
    std::function<void(const TrainingProgress&)> progress;  ///< may be empty
    std::function<bool()> interrupted;                      ///< asked before each step; true stops the run
};

/// Trains the shared weights of a network's subnets, one subnet a period of `crossbar_refresh_steps` steps: of every
/// four periods the first trains the largest subnet, the third the smallest and the others random ones (the "sandwich
/// rule" of Yu and Huang, arXiv 1903.05134, spread over time instead of summed in each step). With `crossbar_aware` the
/// weights that the subnet's programmed arrays realise (on the chip of `hardware.chip_seed`) are computed as a period
/// starts, and the difference is added in each forward pass of the period.
///
/// After `warmup_epochs` each batch is replaced by adversarial examples (Madry et al., arXiv 1706.06083) with
/// `attack_steps` steps and the attack's epsilon. The step size is the attack's when the number of steps is too, else
/// 2.5 epsilon / steps as in that paper, at most 1.25 epsilon (Wong et al., arXiv 2001.03994, for one step).
///
/// Adam with a cosine learning rate to 0. Every random choice is keyed by `seed`, epoch and step. After each epoch
/// `checkpoint_dir`/supernet.pt is replaced (nothing is kept when the name is empty); a run that finds it continues
/// from there and ends with the same bits as one never stopped. A checkpoint of other inputs is ignored with a warning.
///
/// Throws InputError when images and network do not fit or the folder cannot be written, Interrupted when asked to
/// stop, Error when the loss is no longer finite.
Supernet train_supernet(const NetworkSpec& spec, const ImageSet& images, const TrainingConfig& training,
                        const AttackConfig& attack, const HardwareConfig& hardware, std::uint64_t seed,
                        const std::string& checkpoint_dir = {}, const TrainingCallbacks& callbacks = {});

/// Everything that decides the trained weights, as text: the network, the settings, the part of the hardware that
/// crossbar-aware training sees, and a hash of the images.
std::string training_fingerprint(const NetworkSpec& spec, const ImageSet& images, const TrainingConfig& training,
                                 const AttackConfig& attack, const HardwareConfig& hardware, std::uint64_t seed);

/// The attack that training uses (see train_supernet).
AttackConfig training_attack(const TrainingConfig& training, const AttackConfig& attack);

}  // namespace xloop
