#pragma once

#include "attacks/attack_config.hpp"
#include "training/losses/loss.hpp"
#include "training/training_state.hpp"

#include <torch/types.h>

#include <cstdint>
#include <memory>

namespace xloop {

/// A step that an adversary works on.
struct AttackedStep {
    const LogitsFunction& network;  ///< as the step trains it: statistics of the batch, techniques at work
    const Loss& loss;
    torch::Tensor images;  ///< float [N, C, H, W] in [0, 1]
    torch::Tensor labels;  ///< int64 [N]
    std::uint64_t seed = 0;
    std::uint64_t first_image = 0;  ///< address of the batch's first image among all images of all steps
};

/// Who changes the images of training steps.
class Adversary {
public:
    virtual ~Adversary() = default;
    /// Attacked images of the step, without gradient.
    virtual torch::Tensor attack(const AttackedStep& step) = 0;
    /// Steps of the optimiser on each batch.
    virtual int replays() const { return 1; }
    /// Whether learn() wants to know d loss / d images of each step.
    virtual bool learns() const { return false; }
    virtual void learn(const torch::Tensor& /*gradient*/) {}
    /// Passes forward and backward for one batch, for estimates of time.
    virtual double passes() const = 0;
    /// One step or few, which networks can learn to fool without becoming robust (Wong et al., arXiv 2001.03994, section 5).
    virtual bool single_step() const { return true; }
    virtual const char* title() const = 0;
    virtual void save(TrainingState& /*state*/) const {}
    virtual void load(const TrainingState& /*state*/) {}
};

/// A row of the table of adversaries; null for none. `attack`: that of training (training_attack).
std::unique_ptr<Adversary> make_adversary(const TrainingConfig& training, const AttackConfig& attack);

// The rows.
std::unique_ptr<Adversary> make_pgd_adversary(const TrainingConfig& training, const AttackConfig& attack);
std::unique_ptr<Adversary> make_fgsm_adversary(const TrainingConfig& training, const AttackConfig& attack);
std::unique_ptr<Adversary> make_free_adversary(const TrainingConfig& training, const AttackConfig& attack);

/// What `attack` makes of the step's images by the objective of its loss.
torch::Tensor attacked_images(const AttackedStep& step, const AttackConfig& attack);

}  // namespace xloop
