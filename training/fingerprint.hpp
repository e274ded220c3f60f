#pragma once

#include "training/training_task.hpp"

#include <string>

namespace xloop {

/// Everything that decides the trained weights, as text: the network, the settings, the part of the hardware that
/// crossbar-aware training sees, and a hash of the images.
std::string training_fingerprint(const TrainingTask& task);

}  // namespace xloop
