#include "training/techniques/weight_clip.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

/// Clips the weights of every layer of class matrix, after each step of the optimiser, to a number of standard deviations of the layer's
/// weights: Joshi et al., Nature Communications 11, 2473 (2020), "Weight clipping". The largest weight, which decides how much
/// conductance a common one gets, is then no outlier.
class WeightClip : public Technique {
public:
    WeightClip(Supernet& supernet, double deviations)
        : supernet_(supernet), deviations_(deviations), largest_(supernet->spec().largest_path()),
          graph_(supernet->graph(largest_)) {}

    void end_step(const TrainingMoment& /*now*/) override {
        const torch::NoGradGuard no_grad;
        for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
            if (!graph_.layers[l].on_crossbars())
                continue;
            torch::Tensor weight = supernet_->active_weight(static_cast<int>(l), largest_).detach();
            const double bound = deviations_ * weight.std(/*unbiased=*/false).item<double>();
            if (bound > 0.0)  // with equal weights there is no outlier
                weight.clamp_(-bound, bound);
        }
    }

private:
    Supernet& supernet_;
    const double deviations_;
    const SubnetPath largest_;
    const WorkloadGraph graph_;  ///< of the largest subnet
};

}  // namespace

std::unique_ptr<Technique> make_weight_clip(Supernet& supernet, const TrainingTask& task) {
    return std::make_unique<WeightClip>(supernet, task.training.clip_weights);
}

}  // namespace xloop
