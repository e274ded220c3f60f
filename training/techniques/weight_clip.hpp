#pragma once

#include "training/techniques/technique.hpp"

#include <memory>

namespace xloop {

/// Keeps weights within `training.clip_weights` standard deviations of their layer.
std::unique_ptr<Technique> make_weight_clip(Supernet& supernet, const TrainingTask& task);

}  // namespace xloop
