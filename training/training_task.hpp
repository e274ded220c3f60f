#pragma once

#include "attacks/attack_config.hpp"
#include "core/hardware_config.hpp"
#include "core/workload/network_spec.hpp"
#include "dnn/data/image_set.hpp"
#include "training/training_config.hpp"

#include <cstdint>
#include <string>

namespace xloop {

/// What decides the weights that a training run ends with.
struct TrainingTask {
    const NetworkSpec& spec;
    const ImageSet& images;
    const TrainingConfig& training;
    const AttackConfig& attack;
    const HardwareConfig& hardware;
    std::uint64_t seed;
    /// How images become the network's input; what chance does to those that are trained on.
    Preprocessing preprocessing = {};
    Augmentation augmentation = {};
    /// Images that the best epoch is chosen by; null: none.
    const ImageSet* validation = nullptr;
    /// Of a space: how the subnet of each period is chosen, in words that differ where the choice does.
    std::string subnets = {};
};

/// The attack that training uses: with `training.attack_steps` steps, or one of adversary fgsm. The step size is the attack's when the
/// number of steps is too, else 2.5 epsilon / steps (Madry et al., arXiv 1706.06083), at most 1.25 epsilon (Wong et al., arXiv
/// 2001.03994, for one step).
AttackConfig training_attack(const TrainingConfig& training, const AttackConfig& attack);

/// Throws InputError when there are no images, or images and network do not fit.
void check_fit(const TrainingTask& task);

}  // namespace xloop
