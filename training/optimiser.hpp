#pragma once

#include "training/training_config.hpp"
#include "training/training_state.hpp"

#include <torch/optim/optimizer.h>
#include <torch/types.h>

#include <memory>
#include <vector>

namespace xloop {

/// LibTorch's optimiser of the configured kind over a network's parameters and those of techniques, which have no weight decay.
class Optimiser {
public:
    Optimiser(const TrainingConfig& training, const std::vector<torch::Tensor>& network,
              const std::vector<torch::Tensor>& techniques);

    void zero_grad() { optimiser_->zero_grad(); }
    /// With this learning rate. Gradients are clipped first (`training.clip_gradient`).
    void step(double learning_rate);
    /// All parameters, in the order of their numbers in a state.
    const std::vector<torch::Tensor>& parameters() const { return parameters_; }

    /// What is known of each parameter, as tensors "optimiser.NUMBER.NAME" and figures of that name.
    void save(TrainingState& state) const;
    void load(const TrainingState& state);

private:
    const TrainingConfig& training_;
    std::vector<torch::Tensor> parameters_;
    std::unique_ptr<torch::optim::Optimizer> optimiser_;
};

/// The moving average of parameters, average <- share * average + (1 - share) * now after each step. The share begins lower, (1 + t) /
/// (10 + t) after t steps, so that the first weights are soon forgotten (as TensorFlow's ExponentialMovingAverage does).
class WeightAverage {
public:
    /// No average where `share` is 0.
    WeightAverage(double share, std::vector<torch::Tensor> parameters);

    void add(std::int64_t step);
    /// Exchanges the parameters' values with their averages; again, and they are back.
    void swap();
    void save(TrainingState& state) const;
    void load(const TrainingState& state);

private:
    double share_;
    std::vector<torch::Tensor> parameters_, averages_;
};

}  // namespace xloop
