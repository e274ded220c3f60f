#pragma once

#include "core/progress.hpp"
#include "core/workload/executor.hpp"
#include "dnn/supernet.hpp"
#include "training/training_task.hpp"

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace xloop {

/// Shares of right answers, in [0, 1].
struct Judgement {
    double clean = 0.0;
    double attacked = -1.0;  ///< below 0: not asked for
};

/// Images of a set as the network reads them, float [count, C, H, W], without augmentation.
torch::Tensor input_tensor(const ImageSet& set, int count, const Preprocessing& how);

/// What the integer network reads for images [N, C, H, W].
std::vector<std::uint8_t> pixels_of(const WorkloadGraph& graph, const torch::Tensor& images);

/// Accuracy of an integer network on images [N, C, H, W] with labels [N], in [0, 1]; in slices, so that a stop is heard.
double integer_accuracy(const WorkloadGraph& graph, const MatrixEngine& engine, const torch::Tensor& images,
                        const torch::Tensor& labels, int threads, const Watch& watch);

/// Judges networks on the same images.
class Judge {
public:
    /// The first `attacked` of all images of `set` are attacked too, by the task's section `attack`.
    Judge(const TrainingTask& task, const ImageSet& set, int images, int attacked);

    int images() const { return static_cast<int>(images_.size(0)); }
    int attacked_images() const { return attacked_; }
    /// Of a concrete module in evaluation mode; an attacked image is rounded to pixels before it counts.
    Judgement operator()(Supernet& network, LayerHooks& hooks) const;

private:
    AttackConfig attack_;
    std::uint64_t seed_;
    int attacked_;
    torch::Tensor images_, labels_;
};

}  // namespace xloop
