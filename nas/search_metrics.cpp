#include "nas/search_metrics.hpp"

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

const FiguresOfMerit& merit(const Candidate& c) { return c.figures().figures; }

constexpr double percent = 100.0;

const std::vector<SearchMetric> metrics = {
    {"clean", "clean %", "accuracy on the programmed chip", MetricSource::accuracy, Direction::maximise, percent,
     "{:.1f}", EngineKind::chip, false, nullptr},
    {"robust", "robust %", "lowest accuracy on the programmed chip under attack", MetricSource::accuracy,
     Direction::maximise, percent, "{:.1f}", EngineKind::chip, true, nullptr},
    {"clean_software", "software clean %", "accuracy of the network in LibTorch", MetricSource::accuracy,
     Direction::maximise, percent, "{:.1f}", EngineKind::software, false, nullptr},
    {"robust_software", "software robust %", "lowest accuracy of the network in LibTorch under attack",
     MetricSource::accuracy, Direction::maximise, percent, "{:.1f}", EngineKind::software, true, nullptr},
    {"energy_j",
     "energy uJ",
     "energy of an image on an empty chip",
     MetricSource::hardware,
     Direction::minimise,
     1e6,
     "{:.4f}",
     {},
     false,
     [](const Candidate& c) { return merit(c).energy_alone_j(); }},
    {"latency_s",
     "latency us",
     "from the first input to the last logit of an image",
     MetricSource::hardware,
     Direction::minimise,
     1e6,
     "{:.2f}",
     {},
     false,
     [](const Candidate& c) { return merit(c).latency_s; }},
    {"area_mm2",
     "area mm2",
     "of the whole chip",
     MetricSource::hardware,
     Direction::minimise,
     1,
     "{:.3f}",
     {},
     false,
     [](const Candidate& c) { return merit(c).area_mm2; }},
    {"edap",
     "EDAP Jsmm2",
     "energy x latency x area of an image on an empty chip",
     MetricSource::hardware,
     Direction::minimise,
     1,
     "{:.3e}",
     {},
     false,
     [](const Candidate& c) { return merit(c).edap_alone(); }},
    {"interval_s",
     "interval us",
     "between two images of a stream",
     MetricSource::hardware,
     Direction::minimise,
     1e6,
     "{:.2f}",
     {},
     false,
     [](const Candidate& c) { return merit(c).interval_s; }},
    {"edap_stream",
     "stream EDAP Jsmm2",
     "energy x interval x area of an image of a stream",
     MetricSource::hardware,
     Direction::minimise,
     1,
     "{:.3e}",
     {},
     false,
     [](const Candidate& c) { return merit(c).edap_stream(); }},
    {"power_w",
     "power mW",
     "of a stream",
     MetricSource::hardware,
     Direction::minimise,
     1e3,
     "{:.3f}",
     {},
     false,
     [](const Candidate& c) { return merit(c).average_power_w(); }},
    {"macs",
     "MACs M",
     "multiply-accumulates of an image",
     MetricSource::hardware,
     Direction::minimise,
     1e-6,
     "{:.3f}",
     {},
     false,
     [](const Candidate& c) { return merit(c).macs; }},
    {"weights",
     "weights k",
     "numbers that training sets",
     MetricSource::hardware,
     Direction::minimise,
     1e-3,
     "{:.1f}",
     {},
     false,
     [](const Candidate& c) { return static_cast<double>(c.weights); }},
};

}  // namespace

const std::vector<SearchMetric>& all_metrics() { return metrics; }

const SearchMetric& metric_named(const std::string& name) {
    std::vector<std::string> names;
    for (const SearchMetric& metric : metrics) {
        if (metric.name == name)
            return metric;
        names.emplace_back(metric.name);
    }
    throw InputError(fmt::format("`{}` is no metric of a candidate{}; there are {}", name, did_you_mean(name, names),
                                 fmt::join(names, ", ")));
}

double SearchMetric::value(const Candidate& candidate) const {
    if (source == MetricSource::hardware)
        return of_hardware(candidate);
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
