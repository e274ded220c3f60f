#pragma once

#include "attacks/attack_config.hpp"
#include "attacks/attack_kinds.hpp"
#include "attacks/attacked_network.hpp"
#include "core/progress.hpp"

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace xloop {

/// Images that an attack changes together. What becomes of an image does not depend on the others.
struct AttackBatch {
    torch::Tensor images;  ///< float [N, C, H, W] in [0, 1]
    torch::Tensor labels;  ///< int64 [N]
    std::vector<std::int64_t>
        numbers;  ///< [N]: the number of each in its set, the key of its random choices and queries

    std::int64_t size() const { return images.size(0); }
    /// Those with index[...] (int64 [M]).
    AttackBatch select(const torch::Tensor& index) const;
};

/// One attack at work on a batch.
struct AttackTask {
    AttackedNetwork& network;
    const AttackBatch& batch;
    const AttackConfig& config;
    std::uint64_t seed = 0;
    Watch watch = {};  ///< told the share that is done, now and then

    /// The same on other images.
    AttackTask on(const AttackBatch& other) const { return {network, other, config, seed, watch}; }
};

/// Attacked images [N, C, H, W] in [0, 1], without gradient; within epsilon of the images for attacks with a bound. An image whose
/// answer is wrong as it is comes back as it is from attacks that look for the smallest change (Carlini-Wagner, DeepFool, FAB)
/// and from those that stop at success (Square, APGD, one-pixel). Throws InputError where the kind does not have the norm, or needs
/// gradients that the network does not have.
torch::Tensor run_attack(AttackKind kind, const AttackTask& task);
/// What run_attack checks. `gradients`: whether the attacker has them.
void demand_fit(AttackKind kind, const AttackConfig& config, bool gradients = true);

// The rows of the table, one file each (attack_kinds.hpp has their papers).
torch::Tensor fgsm(const AttackTask& task);
torch::Tensor r_fgsm(const AttackTask& task);
torch::Tensor pgd(const AttackTask& task);
torch::Tensor mi_fgsm(const AttackTask& task);
torch::Tensor apgd_ce(const AttackTask& task);
torch::Tensor apgd_dlr(const AttackTask& task);
torch::Tensor apgd_targeted(const AttackTask& task);
torch::Tensor fab(const AttackTask& task);
torch::Tensor fab_targeted(const AttackTask& task);
torch::Tensor square(const AttackTask& task);
torch::Tensor carlini_wagner(const AttackTask& task);
torch::Tensor deepfool(const AttackTask& task);
torch::Tensor one_pixel(const AttackTask& task);
torch::Tensor ensemble(const AttackTask& task);

}  // namespace xloop
