#pragma once

#include "core/hardware_config.hpp"
#include "training/techniques/technique.hpp"

#include <memory>

namespace xloop {

/// Whether training.crossbar is this.
template <CrossbarTraining kind>
bool sees(const TrainingTask& task) {
    return task.training.crossbar == kind;
}

// The ways in which training sees the arrays. All stand for hardware: a network is handed over without them.
std::unique_ptr<Technique> make_weight_offsets(Supernet& supernet, const TrainingTask& task);
std::unique_ptr<Technique> make_array_training(Supernet& supernet, const TrainingTask& task);
std::unique_ptr<Technique> make_output_noise(Supernet& supernet, const TrainingTask& task);
std::unique_ptr<Technique> make_weight_noise(Supernet& supernet, const TrainingTask& task);

/// The hardware of the chip that training sees at this moment.
HardwareConfig chip_at(const TrainingTask& task, const TrainingMoment& now);
/// The share of what arrays change that is applied at this moment, up to 1 (training.crossbar_onset_epochs).
double onset_at(const TrainingTask& task, const TrainingMoment& now);
/// Standard normal numbers of this shape, addressed by seed, step, forward pass within it and layer.
torch::Tensor noise_at(const TrainingTask& task, const TrainingMoment& now, int pass, int layer,
                       torch::IntArrayRef shape);

}  // namespace xloop
