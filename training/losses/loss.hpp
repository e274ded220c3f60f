#pragma once

#include "dnn/tensors.hpp"
#include "training/training_config.hpp"

#include <torch/types.h>

#include <memory>
#include <string>

namespace xloop {

/// The images of a step, float [N, C, H, W].
struct StepImages {
    torch::Tensor clean;
    torch::Tensor attacked;      ///< undefined where there is no adversary, or not yet
    torch::Tensor labels;        ///< int64 [N]
    torch::Tensor other_labels;  ///< of the images mixed in (mix-up); undefined: none
    double own_share = 1.0;      ///< of the labels, beside those of what is mixed in

    const torch::Tensor& seen() const { return attacked.defined() ? attacked : clean; }
};

/// A step's loss, a scalar with gradient, and the logits [N, classes] by which accuracy on the images seen is told.
struct StepLoss {
    torch::Tensor loss, logits;
};

/// What training minimises.
class Loss {
public:
    virtual ~Loss() = default;
    /// The mean over the step's images.
    virtual StepLoss operator()(const LogitsFunction& network, const StepImages& images) const = 0;
    /// What the adversary makes large, by image and summed, from the logits of attacked images.
    virtual torch::Tensor attacked_objective(const torch::Tensor& logits, const torch::Tensor& clean_logits,
                                             const torch::Tensor& labels) const;
    /// Whether attacked_objective looks at clean logits.
    virtual bool compares_with_clean() const { return false; }
};

/// A row of the table of losses.
std::unique_ptr<Loss> make_loss(const TrainingConfig& training);

// The rows.
std::unique_ptr<Loss> make_cross_entropy(const TrainingConfig& training);
std::unique_ptr<Loss> make_trades(const TrainingConfig& training);
std::unique_ptr<Loss> make_mart(const TrainingConfig& training);
/// `loss` and the cross-entropy with a teacher's softened answers to the clean images: (1 - w) loss + w T^2 KL(teacher || network), both
/// at temperature T (Hinton et al., arXiv 1503.02531, section 2).
std::unique_ptr<Loss> make_distillation(std::unique_ptr<Loss> loss, LogitsFunction teacher, double weight,
                                        double temperature);

/// Cross-entropy with labels of which `smoothing` is spread over all classes; [N] with reduction none.
torch::Tensor smoothed_cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing);

}  // namespace xloop
