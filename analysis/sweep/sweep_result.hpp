#pragma once

#include "analysis/pareto.hpp"
#include "analysis/sweep/sweep_design.hpp"
#include "core/json.hpp"
#include "core/table.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// A figure that points of a sweep have.
struct SweepMetric {
    std::string name, heading;  ///< heading: with the unit that people see
    double scale = 1;           ///< from the value to that
    std::string format = "{}";
    Direction direction = Direction::minimise;  ///< what is better
};

struct SweepPoint {
    SweepLevels levels;
    std::map<std::string, double> figures;  ///< by name of the metric; without those that are not known
    std::string failure;                    ///< why there are none: the network does not fit, a setting is not valid
    bool on_front = false;
    std::vector<int> warnings = {};  ///< by number among those of the result
};

/// What a sweep found of an experiment, and what follows from it.
struct SweepResult {
    std::string name, experiment, task;  ///< task: what was done at each point
    std::string version;                 ///< of the program
    SweepDesign design = SweepDesign::full;
    std::uint64_t seed = 1;
    std::vector<SweepParameter> parameters;
    SweepLevels base;                     ///< the experiment's own values, where they are levels
    std::vector<std::string> own_values;  ///< of each parameter, where the experiment's own value stays
    std::vector<SweepMetric> metrics;
    std::vector<std::string> objectives;
    std::vector<SweepPoint> points;
    std::vector<std::string>
        warnings;  ///< what cost tables say of points, each text once: rows that are for other hardware
    Json configuration;

    /// Throws InputError that lists the names.
    const SweepMetric& metric(const std::string& metric_name) const;
    /// What a parameter is at a point.
    const std::string& label(const SweepPoint& point, std::size_t parameter) const;
    /// None where it is not known.
    std::optional<double> figure(const SweepPoint& point, const std::string& metric_name) const;

    /// Marks the points that no other dominates in all objectives.
    void mark_front();

    /// The metric's mean over all points with a level, the least and the largest, for each level of each parameter that has points.
    struct Effect {
        struct Level {
            std::string value;
            double mean = 0, least = 0, largest = 0;
            int points = 0;
        };
        std::string parameter, metric;
        std::vector<Level> levels;
        /// Of the metric's variance over all points, how much the means of the levels explain (eta squared): near 0, the parameter
        /// alone decides nothing; near 1, it alone decides. Not a number where the points do not differ.
        double explained = 0;
    };
    /// Of parameters with two levels or more, the one that explains most first.
    std::vector<Effect> effects(const std::string& metric_name) const;

    /// What one parameter alone does to the experiment: the least and the largest figure of the points that differ from it in that
    /// parameter alone.
    struct Swing {
        std::string parameter, metric;
        double base = 0;  ///< of the experiment as it is
        std::string low_value, high_value;
        double low = 0, high = 0;
    };
    /// The largest swing first; empty unless the experiment itself is a point.
    std::vector<Swing> tornado(const std::string& metric_name) const;

    /// A row for each of `some` of the points, by number: id, parameters, metrics.
    Table table(const std::vector<int>& some, const std::vector<std::string>& shown_metrics) const;
    Table effect_table(const std::string& metric_name) const;
    Table tornado_table(const std::string& metric_name) const;
    /// All points, all metrics.
    std::string csv() const;
    Json json() const;
};

}  // namespace xloop
