#pragma once

#include "apps/search/pipeline.hpp"

#include <string>
#include <vector>

namespace xloop {

/// What a whole run found. The same configuration and seed give the same bytes: no times, no dates.
struct RunReport {
    Json json;
    std::string summary;  ///< tables for the terminal
    std::string markdown;
    std::vector<SubnetRecord> subnets;
};

RunReport make_run_report(const ExperimentConfig& config, const NetworkSpec& space,
                          const std::vector<SubnetRecord>& subnets, const std::string& convolution_remedy);

/// Writes report.json, report.md, activity.csv (all chosen subnets), wave.vcd (of the most robust chosen one) and, where
/// gnuplot is installed, pareto.svg.
void write_run_report(const RunReport& report, const ResultsFolder& folder);

}  // namespace xloop
