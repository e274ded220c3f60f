#pragma once

#include "training/techniques/technique.hpp"

#include <memory>

namespace xloop {

/// training.crossbar: offsets. As a period starts, the weights that the subnet's programmed arrays realise are computed
/// (dnn/crossbar/weight_offsets.hpp), and the difference is added in each forward pass of the period.
bool asks_for_weight_offsets(const TrainingTask& task);
std::unique_ptr<Technique> make_weight_offsets(Supernet& supernet, const TrainingTask& task);

}  // namespace xloop
