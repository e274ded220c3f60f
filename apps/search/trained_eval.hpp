#pragma once

#include "apps/search/pipeline.hpp"

namespace xloop {

/// `xloop eval` of a network with weights of its own (weights.from: trained).
void evaluate_trained(const PipelineOptions& options, LoadedExperiment experiment);

}  // namespace xloop
