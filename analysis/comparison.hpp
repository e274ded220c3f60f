#pragma once

#include "analysis/run_record.hpp"

#include <string>
#include <utility>
#include <vector>

namespace xloop {

/// Runs side by side; ratios are to the first one.
struct RunComparison {
    /// A key of the configuration and its value in each run; null where a run has no such key.
    using Setting = std::pair<std::string, std::vector<Json>>;
    /// One figure of all runs; not a number where a run has none.
    struct Line {
        std::string group, name, unit;  ///< group: figures, energy, dynamic_energy, static_energy, area
        std::vector<double> values;
        /// Not a number where the first run has none or 0.
        double ratio(std::size_t run) const;
    };
    std::vector<RunRecord> runs;
    std::vector<Setting> settings;      ///< that differ, or all
    std::vector<std::string> warnings;  ///< why figures may not be comparable
    /// What the cost tables say of the hardware, each once with the names of the runs that it is said of.
    std::vector<std::string> cost_warnings;
    std::vector<Line> lines;

    const Line* find(const std::string& group, const std::string& name) const;
};

RunComparison compare_runs(std::vector<RunRecord> runs, bool all_settings);

}  // namespace xloop
