#pragma once

#include "analysis/evaluation.hpp"

#include <string>

namespace xloop {

/// Shares of each label's images by prediction, as a map of colours, with counts where they can be read.
void plot_confusion(const ConfusionMatrix& matrix, const std::string& network, const std::string& svg_file);

/// Signal-to-noise ratio of each layer as bars; `chip` has layers.
void plot_layer_errors(const EngineResult& chip, const std::string& network, const std::string& svg_file);

}  // namespace xloop
