#include "analysis/comparison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <limits>

namespace xloop {
namespace {

using Line = RunComparison::Line;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::vector<RunComparison::Setting> settings_of(const std::vector<RunRecord>& runs, bool all) {
    Json keys = Json::object();  // of all runs, in the order of the first that has them
    for (const RunRecord& run : runs)
        for (const auto& [key, value] : run.configuration.items())
            keys[key] = nullptr;
    std::vector<RunComparison::Setting> settings;
    for (const auto& [key, ignored] : keys.items()) {
        std::vector<Json> values;
        for (const RunRecord& run : runs)
            values.push_back(run.configuration.contains(key) ? run.configuration.at(key) : Json());
        const bool differs =
            std::any_of(values.begin(), values.end(), [&](const Json& v) { return v != values.front(); });
        if (all || differs)
            settings.emplace_back(key, std::move(values));
    }
    return settings;
}

std::vector<std::string> warnings_of(const std::vector<RunRecord>& runs) {
    std::vector<std::string> warnings;
    const RunRecord& first = runs.front();
    const HardwareReport& other = first.report;
    for (const RunRecord& run : runs) {
        const HardwareReport& report = run.report;
        if (report.network != other.network)
            warnings.push_back(fmt::format("{} is of another network than {}: {}, not {}", run.name, first.name,
                                           report.network, other.network));
        if (report.images != other.images)
            warnings.push_back(
                fmt::format("{} is of {} images, {} of {}: fill and drain of a pipeline weigh differently", run.name,
                            report.images, first.name, other.images));
        if (report.powers != other.powers)
            warnings.push_back(fmt::format("powers of {} hold: {}; those of {}: {}", run.name, report.powers,
                                           first.name, other.powers));
        if (!report.shows_interval())
            warnings.push_back(
                fmt::format("{} is of one image, which does not show the interval of a stream", run.name));
        if (report.method != other.method)
            warnings.push_back(
                fmt::format("{} is of method {}, {} of {}", run.name, report.method, first.name, other.method));
    }
    return warnings;
}

std::vector<std::string> cost_warnings_of(const std::vector<RunRecord>& runs) {
    std::vector<std::pair<std::string, std::vector<std::string>>> said;  // and of which runs
    for (const RunRecord& run : runs)
        for (const std::string& warning : run.report.cost_warnings) {
            auto known = std::find_if(said.begin(), said.end(), [&](const auto& s) { return s.first == warning; });
            if (known == said.end())
                known = said.insert(known, {warning, {}});
            known->second.push_back(run.name);
        }
    std::vector<std::string> warnings;
    for (const auto& [warning, names] : said)
        warnings.push_back(fmt::format("{}: {}", fmt::join(names, ", "), warning));
    return warnings;
}

/// All figures that any run has.
std::vector<Line> figure_lines(const std::vector<RunRecord>& runs) {
    std::vector<Line> lines;
    for (const RunRecord& run : runs)
        for (const RunRecord::Figure& figure : run.figures) {
            const bool known =
                std::any_of(lines.begin(), lines.end(), [&](const Line& l) { return l.name == figure.name; });
            if (known)
                continue;
            lines.push_back({"figures", figure.name, figure.unit, {}});
            for (const RunRecord& other : runs) {
                const RunRecord::Figure* found = other.find(figure.name);
                lines.back().values.push_back(found ? found->value : unknown);
            }
        }
    return lines;
}

template <class Values>
void add_classes(std::vector<Line>& lines, const std::string& group, const std::string& unit,
                 const std::vector<RunRecord>& runs, Values values) {
    for (std::size_t c = 0; c < component_count; ++c) {
        double amount = 0;
        for (const RunRecord& run : runs)
            amount += run.dynamic_j[c] + run.static_j[c] + run.report.ledger.area_mm2[c];
        if (is_left_out(static_cast<Component>(c), amount))
            continue;
        Line line{group, name_of(static_cast<Component>(c)), unit, {}};
        for (const RunRecord& run : runs)
            line.values.push_back(values(run, c));
        lines.push_back(std::move(line));
    }
}

}  // namespace

double Line::ratio(std::size_t run) const { return values.front() == 0 ? unknown : values[run] / values.front(); }

const Line* RunComparison::find(const std::string& group, const std::string& name) const {
    const auto found =
        std::find_if(lines.begin(), lines.end(), [&](const Line& l) { return l.group == group && l.name == name; });
    return found == lines.end() ? nullptr : &*found;
}

RunComparison compare_runs(std::vector<RunRecord> runs, bool all_settings) {
    RunComparison comparison;
    comparison.settings = settings_of(runs, all_settings);
    comparison.warnings = warnings_of(runs);
    comparison.cost_warnings = cost_warnings_of(runs);
    comparison.lines = figure_lines(runs);
    add_classes(comparison.lines, "energy", "J", runs,
                [](auto& run, auto c) { return run.dynamic_j[c] + run.static_j[c]; });
    add_classes(comparison.lines, "dynamic_energy", "J", runs, [](auto& run, auto c) { return run.dynamic_j[c]; });
    add_classes(comparison.lines, "static_energy", "J", runs, [](auto& run, auto c) { return run.static_j[c]; });
    add_classes(comparison.lines, "area", "mm2", runs, [](auto& run, auto c) { return run.report.ledger.area_mm2[c]; });
    comparison.runs = std::move(runs);
    return comparison;
}

}  // namespace xloop
