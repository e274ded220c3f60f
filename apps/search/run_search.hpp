#pragma once

#include "apps/search/pipeline.hpp"

namespace xloop {

/// Trains, searches, confirms, reports.
void run_search(const PipelineOptions& options);

}  // namespace xloop
