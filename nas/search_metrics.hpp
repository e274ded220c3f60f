#pragma once

#include "analysis/pareto.hpp"
#include "nas/candidate.hpp"

#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// Where a metric comes from.
enum class MetricSource { accuracy, hardware };

/// A figure of a candidate that a search weighs against others or bounds: a row of one table.
struct SearchMetric {
    const char* name;
    const char* heading;  ///< with the unit that people see
    const char* doc;
    MetricSource source;
    Direction direction;
    double scale;                                  ///< from the value to what people see
    const char* format;                            ///< of that
    EngineKind engine;                             ///< of an accuracy
    bool attacked;                                 ///< of an accuracy: the lowest one under attack
    double (*of_hardware)(const FiguresOfMerit&);  ///< null: the number of weights

    /// In SI units and mm2; accuracies as shares.
    double value(const Candidate& candidate) const;
    /// The counts behind an accuracy; none for figures of the hardware, and where the images were not judged.
    std::optional<AccuracyCell> cell(const AccuracyTable& accuracy) const;
};

const std::vector<SearchMetric>& all_metrics();
/// Throws InputError that lists the names.
const SearchMetric& metric_named(const std::string& name);

/// "area_mm2 <= 20", "clean >= 0.5".
struct Constraint {
    const SearchMetric* metric;
    bool at_most;
    double bound;

    /// How far from being kept, relative to the bound; 0: kept.
    double violation(const Candidate& candidate) const;
    std::string str() const;
};
/// Throws InputError.
Constraint parse_constraint(const std::string& text);

/// The value to be minimised: of a metric to be large its negative.
double minimised(const SearchMetric& metric, double value);

}  // namespace xloop
