#pragma once

#include "analysis/comparison.hpp"

#include <string>

namespace xloop {

/// Configurations, figures, energy and area by class, a column for each run.
std::string comparison_text(const RunComparison& comparison);
Json comparison_json(const RunComparison& comparison);
/// One line for each figure of each run, with a header line.
std::string comparison_csv(const RunComparison& comparison);

}  // namespace xloop
