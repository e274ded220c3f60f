#pragma once

#include "training/train_network.hpp"

#include <string>

namespace xloop {

/// Loss, accuracy on training and validation images and learning rate over the epochs.
void plot_learning(const TrainingRecord& record, const std::string& network, const std::string& svg_file);

}  // namespace xloop
