#pragma once

#include "analysis/metrics.hpp"
#include "core/workload/workload_graph.hpp"

#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// A figure that another tool, a paper or a measurement reports.
struct ReportedFigure {
    std::string tool, scope_text;
    FigureScope scope;
    const Metric* metric = nullptr;
    const Unit* unit = nullptr;
    double value = 0;                         ///< in `unit`
    std::optional<double> tolerance_percent;  ///< of the cycle model's figure; none: not judged

    std::string name() const { return tool + " " + scope_text + " " + metric->name; }
};

/// Reads a CSV file with the columns tool, scope, metric, value, unit and, if wanted, tolerance, named in its first
/// line; lines that begin with # and empty ones are left out. docs/validate_and_compare.md lists scopes, metrics and
/// units. `no_interval`: why figures of a stream cannot be compared; empty: they can. Throws InputError with file, line,
/// what was found and what was expected.
std::vector<ReportedFigure> read_reported_figures(const std::string& file, const WorkloadGraph& graph,
                                                  const std::string& no_interval);

/// A reported figure and what the estimate and the cycle model have for it, in its unit.
struct FigureAgainst {
    ReportedFigure figure;
    double estimated = 0, simulated = 0;

    double estimated_percent() const { return 100 * (estimated / figure.value - 1); }
    double simulated_percent() const { return 100 * (simulated / figure.value - 1); }
};

FigureAgainst figure_against(const ReportedFigure& figure, const HardwareReport& estimate,
                             const HardwareReport& simulation);

}  // namespace xloop
