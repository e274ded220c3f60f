#pragma once

#include "apps/search/pipeline.hpp"

namespace xloop {

/// `xloop train` of a network with nothing to choose from.
void train_one(const PipelineOptions& options, LoadedExperiment experiment, const NetworkSpec& network);

}  // namespace xloop
