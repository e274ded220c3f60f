#pragma once

#include "dnn/supernet.hpp"
#include "training/training_config.hpp"

#include <torch/types.h>

namespace xloop {

/// Moves a module to the configured device and sets its arithmetic. Throws KeyError where the device is not there.
torch::Device place(Supernet& module, const TrainingConfig& training);

}  // namespace xloop
