#include "analysis/comparison.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
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
    for (const RunRecord& run : runs) {
        if (run.network != first.network)
            warnings.push_back(fmt::format("{} is of another network than {}: {}, not {}", run.name, first.name,
                                           run.network, first.network));
        if (run.images != first.images)
            warnings.push_back(
                fmt::format("{} is of {} images, {} of {}: fill and drain of a pipeline weigh differently", run.name,
                            run.images, first.name, first.images));
        if (run.method != first.method)
            warnings.push_back(
                fmt::format("{} is of method {}, {} of {}", run.name, run.method, first.name, first.method));
    }
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
        Line line{group, name_of(static_cast<Component>(c)), unit, {}};
        for (const RunRecord& run : runs)
            line.values.push_back(values(run, c));
        lines.push_back(std::move(line));
    }
}

bool all_zero(const Line& line) {
    return std::all_of(line.values.begin(), line.values.end(), [](double v) { return v == 0; });
}

std::size_t column_width(const RunComparison& comparison) {
    std::size_t width = 22;
    for (const RunRecord& run : comparison.runs)
        width = std::max(width, run.name.size() + 2);
    return width;
}

std::string header(const RunComparison& comparison, const std::string& title) {
    std::string text = fmt::format("\n  {:<30}", title);
    for (const RunRecord& run : comparison.runs)
        text += fmt::format("{:>{}}", run.name, column_width(comparison));
    return text + "\n";
}

/// A value in at most `width` characters: of longer ones, as of paths, the end.
std::string cell_of(const Json& value, std::size_t width) {
    if (value.is_null())
        return "-";
    const std::string text =
        value.is_string() && !value.get_ref<const std::string&>().empty() ? value.get<std::string>() : value.dump();
    return text.size() <= width ? text : "..." + text.substr(text.size() + 3 - width);
}

/// A name as a cell of a CSV file.
std::string csv_cell(const std::string& name) {
    if (name.find_first_of(",\"\n") == std::string::npos)
        return name;
    std::string quoted = "\"";
    for (char c : name)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string settings_table(const RunComparison& comparison) {
    if (comparison.settings.empty())
        return "\n  configurations are equal\n";
    std::string text = header(comparison, "configuration");
    for (const auto& [key, values] : comparison.settings) {
        text += fmt::format("  {:<30}", key);
        for (const Json& value : values)
            text += fmt::format("{:>{}}", cell_of(value, column_width(comparison) - 2), column_width(comparison));
        text += "\n";
    }
    return text;
}

/// In the unit of the table.
struct Scale {
    std::string unit;
    double factor;
};

Scale scale_of(const Line& line) {
    if (line.unit == "s")
        return {"us", 1e6};
    if (line.unit == "J")
        return {"nJ", 1e9};
    if (line.name.rfind("accuracy", 0) == 0)
        return {"%", 100};
    return {line.unit, 1};
}

std::string line_text(const RunComparison& comparison, const Line& line) {
    const Scale scale = scale_of(line);
    std::string text = fmt::format("  {:<30}", line.name + (scale.unit.empty() ? "" : ", " + scale.unit));
    for (std::size_t r = 0; r < comparison.runs.size(); ++r) {
        std::string cell = std::isnan(line.values[r]) ? "-" : fmt::format("{:.6g}", scale.factor * line.values[r]);
        if (r > 0)
            cell += std::isnan(line.ratio(r)) ? fmt::format("{:>9}", "-")
                                              : fmt::format("{:>9}", fmt::format("x{:.3f}", line.ratio(r)));
        text += fmt::format("{:>{}}", cell, column_width(comparison));
    }
    return text + "\n";
}

std::string group_table(const RunComparison& comparison, const std::string& group, const std::string& title) {
    std::string text = header(comparison, title);
    for (const Line& line : comparison.lines)
        if (line.group == group && (group == "figures" || !all_zero(line)))
            text += line_text(comparison, line);
    return text;
}

Json finite(double value) { return std::isnan(value) ? Json() : Json(value); }

/// Key of a figure with its unit: "latency_s", "edap_alone_j_s_mm2", "efficiency_tops_per_w", "accuracy".
std::string key_of(const Line& line) {
    std::string key;
    for (char c : line.name + (line.unit.empty() ? "" : "_" + line.unit))
        key += c == ' '   ? std::string("_")
               : c == '/' ? std::string("_per_")
                          : std::string(1, static_cast<char>(std::tolower(c)));
    return key;
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
    comparison.lines = figure_lines(runs);
    add_classes(comparison.lines, "energy", "J", runs,
                [](auto& run, auto c) { return run.dynamic_j[c] + run.static_j[c]; });
    add_classes(comparison.lines, "dynamic_energy", "J", runs, [](auto& run, auto c) { return run.dynamic_j[c]; });
    add_classes(comparison.lines, "static_energy", "J", runs, [](auto& run, auto c) { return run.static_j[c]; });
    add_classes(comparison.lines, "area", "mm2", runs, [](auto& run, auto c) { return run.area_mm2[c]; });
    comparison.runs = std::move(runs);
    return comparison;
}

std::string comparison_table(const RunComparison& comparison) {
    std::string text;
    for (const RunRecord& run : comparison.runs)
        text += fmt::format("{}: {} of {}, {} image{}\n", run.name, run.method, run.network, run.images,
                            run.images == 1 ? "" : "s");
    for (const std::string& warning : comparison.warnings)
        text += "  warning: " + warning + "\n";
    text += settings_table(comparison);
    text += group_table(comparison, "figures", "figure (energies of an image)");
    text += group_table(comparison, "energy", "energy by class");
    return text + group_table(comparison, "area", "area by class");
}

Json comparison_json(const RunComparison& comparison) {
    Json json;
    json["warnings"] = comparison.warnings;
    json["configuration"] = Json::object();
    for (const auto& [key, values] : comparison.settings)
        json["configuration"][key] = values;
    for (std::size_t r = 0; r < comparison.runs.size(); ++r) {
        const RunRecord& run = comparison.runs[r];
        Json entry = {{"name", run.name}, {"method", run.method}, {"network", run.network}, {"images", run.images}};
        for (const Line& line : comparison.lines) {
            Json& group = line.group == "figures" ? entry["figures"]
                                                  : entry[line.group + "_by_class_" + (line.unit == "J" ? "j" : "mm2")];
            const std::string key = line.group == "figures" ? key_of(line) : line.name;
            group[key] = finite(line.values[r]);
            if (line.group == "figures")
                entry["ratio"][key] = finite(line.ratio(r));
        }
        json["runs"].push_back(std::move(entry));
    }
    return json;
}

std::string comparison_csv(const RunComparison& comparison) {
    const auto number = [](double value) { return std::isnan(value) ? std::string() : fmt::format("{:.10g}", value); };
    std::string text = "group,figure,unit,run,value,ratio\n";
    for (const Line& line : comparison.lines)
        for (std::size_t r = 0; r < comparison.runs.size(); ++r)
            text += fmt::format("{},{},{},{},{},{}\n", line.group, line.name, line.unit,
                                csv_cell(comparison.runs[r].name), number(line.values[r]), number(line.ratio(r)));
    return text;
}

}  // namespace xloop
