#pragma once

#include "training/training_config.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// What a training run does when: every answer follows from the settings, the number of images and the seed, so that a
/// run that continues from a checkpoint does what one never stopped would do.
///
/// Each epoch has as many whole batches as the images give; the images left over change from epoch to epoch with the
/// order. Periods of `crossbar_refresh_steps` steps train one subnet each; the last one of an epoch ends with it.
class TrainingSchedule {
public:
    TrainingSchedule(const TrainingConfig& training, int images, std::uint64_t seed);

    int batch() const { return batch_; }
    int steps_per_epoch() const { return steps_per_epoch_; }
    /// Of all epochs. Steps have numbers from 0.
    std::int64_t steps() const { return std::int64_t{steps_per_epoch_} * training_.epochs; }
    /// Steps [0, clean_steps()) see the images as they are, the others adversarial examples.
    std::int64_t clean_steps() const { return clean_steps_; }
    /// By `schedule`, and within the first `ramp_epochs` a share of that which grows from step to step up to 1. one_cycle: from 1/25 of the
    /// peak up to it in the first 30 % of the steps, then down to 1/250000, both as half a cosine.
    double learning_rate(std::int64_t step) const;
    /// The images in the order in which an epoch takes them.
    std::vector<int> order(int epoch) const;
    bool starts_period(std::int64_t step) const {
        return step % steps_per_epoch_ % training_.crossbar_refresh_steps == 0;
    }
    /// Number of the period that a step is in, over all epochs.
    std::uint64_t period(std::int64_t step) const;

private:
    const TrainingConfig& training_;
    const int images_;
    const std::uint64_t seed_;
    const int batch_, steps_per_epoch_;
    const std::int64_t clean_steps_;
};

}  // namespace xloop
