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
    std::string candidates_csv;
    SearchResult result;
};

/// Of a search whose chosen candidates have their files in the folder.
RunReport make_run_report(const SearchStudy& study, const RunFolder& folder, const SearchResult& result);

/// Writes report.json, report.md, candidates.csv, activity.csv (all chosen candidates), wave.vcd (of the most robust chosen one) and,
/// where gnuplot is installed, pareto.svg.
void write_run_report(const RunReport& report, const SearchConfig& config, const RunFolder& folder);

}  // namespace xloop
