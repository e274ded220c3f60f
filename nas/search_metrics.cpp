#include "nas/search_metrics.hpp"

#include "analysis/hardware_figures.hpp"
#include "core/error.hpp"
#include "core/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace xloop {
namespace {

constexpr double percent = 100.0;

SearchMetric accuracy(const char* name, const char* heading, const char* doc, EngineKind engine, bool attacked) {
    return {name,   heading,  doc,    MetricSource::accuracy, Direction::maximise, percent, "{:.1f}",
            engine, attacked, nullptr};
}

std::vector<SearchMetric> make_metrics() {
    std::vector<SearchMetric> all = {
        accuracy("clean", "clean %", "accuracy on the programmed chip", EngineKind::chip, false),
        accuracy("robust", "robust %", "lowest accuracy on the programmed chip under attack", EngineKind::chip, true),
        accuracy("clean_software", "software clean %", "accuracy of the network in LibTorch", EngineKind::software,
                 false),
        accuracy("robust_software", "software robust %", "lowest accuracy of the network in LibTorch under attack",
                 EngineKind::software, true)};
    for (const HardwareFigure& f : hardware_figures())
        all.push_back(
            {f.name, f.heading, f.doc, MetricSource::hardware, f.direction, f.scale, f.format, {}, false, f.of});
    all.push_back({"weights",
                   "weights k",
                   "numbers that training sets",
                   MetricSource::hardware,
                   Direction::minimise,
                   1e-3,
                   "{:.1f}",
                   {},
                   false,
                   nullptr});
    return all;
}

}  // namespace

const std::vector<SearchMetric>& all_metrics() {
    static const std::vector<SearchMetric> metrics = make_metrics();
    return metrics;
}

const SearchMetric& metric_named(const std::string& name) {
    std::vector<std::string> names;
    for (const SearchMetric& metric : all_metrics()) {
        if (metric.name == name)
            return metric;
        names.emplace_back(metric.name);
    }
    throw InputError(fmt::format("`{}` is no metric of a candidate{}; there are {}", name, did_you_mean(name, names),
                                 fmt::join(names, ", ")));
}

double SearchMetric::value(const Candidate& candidate) const {
    if (source == MetricSource::hardware)
        return of_hardware ? of_hardware(candidate.figures().figures) : static_cast<double>(candidate.weights);
    const std::optional<AccuracyCell> found = cell(candidate.accuracy);
    return found ? found->share() : std::numeric_limits<double>::quiet_NaN();
}

std::optional<AccuracyCell> SearchMetric::cell(const AccuracyTable& accuracy) const {
    std::optional<AccuracyCell> lowest;
    if (source == MetricSource::accuracy)
        for (const AccuracyCell& cell : accuracy.cells())
            if (cell.engine == engine && cell.attacked() == attacked && (!lowest || cell.share() < lowest->share()))
                lowest = cell;
    return lowest;
}

double Constraint::violation(const Candidate& candidate) const {
    const double value = metric->value(candidate);
    const double excess = at_most ? value - bound : bound - value;
    // Figures that are not known do not keep a bound.
    if (std::isnan(value))
        return 1.0;
    return excess <= 0.0 ? 0.0 : excess / std::max(std::abs(bound), 1e-300);
}

std::string Constraint::str() const { return fmt::format("{} {} {}", metric->name, at_most ? "<=" : ">=", bound); }

Constraint parse_constraint(const std::string& text) {
    std::istringstream in(text);
    std::string name, sign;
    double bound = 0.0;
    if (!(in >> name >> sign >> bound) || !(in >> std::ws).eof() || (sign != "<=" && sign != ">="))
        throw InputError(fmt::format(
            "constraint `{}`: expected `METRIC <= NUMBER` or `METRIC >= NUMBER`, as in `area_mm2 <= 20`", text));
    return {&metric_named(name), sign == "<=", bound};
}

double minimised(const SearchMetric& metric, double value) {
    return metric.direction == Direction::maximise ? -value : value;
}

}  // namespace xloop
