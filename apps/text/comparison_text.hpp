#pragma once

#include "analysis/comparison.hpp"
#include "core/table.hpp"

#include <string>

namespace xloop {

/// Configurations, figures, energy and area by class, a column for each run.
std::string comparison_text(const RunComparison& comparison);
Json comparison_json(const RunComparison& comparison);
/// One line for each figure of each run, with a header line.
std::string comparison_csv(const RunComparison& comparison);
/// The lines of a group that are not 0 in all runs: a column for each run, with the ratio to the first behind the others' values.
Table comparison_table(const RunComparison& comparison, const std::string& group, const std::string& title);

}  // namespace xloop
