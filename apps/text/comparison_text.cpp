#include "apps/text/comparison_text.hpp"

#include "core/table.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

using Line = RunComparison::Line;

/// A column of names, and one for each run.
Table run_table(const RunComparison& comparison, const std::string& title) {
    std::size_t width = 22;
    for (const RunRecord& run : comparison.runs)
        width = std::max(width, run.name.size() + 2);
    Table table{title, {Column("", title, -30, 2)}};
    for (const RunRecord& run : comparison.runs)
        table.columns.emplace_back("", run.name, static_cast<int>(width));
    return table;
}

/// A value in at most `width` characters: of longer ones, as of paths, the end.
std::string cell_of(const Json& value, std::size_t width) {
    if (value.is_null())
        return "-";
    const std::string text =
        value.is_string() && !value.get_ref<const std::string&>().empty() ? value.get<std::string>() : value.dump();
    return text.size() <= width ? text : "..." + text.substr(text.size() + 3 - width);
}

std::string settings_text(const RunComparison& comparison) {
    if (comparison.settings.empty())
        return "\n  configurations are equal\n";
    Table table = run_table(comparison, "configuration");
    for (const auto& [key, values] : comparison.settings) {
        table.add(key);
        for (const Json& value : values)
            table.rows.back().push_back(cell_of(value, static_cast<std::size_t>(table.columns.back().width) - 2));
    }
    return "\n" + table.text();
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

}  // namespace

Table comparison_table(const RunComparison& comparison, const std::string& group, const std::string& title) {
    Table table = run_table(comparison, title);
    for (const Line& line : comparison.lines) {
        const bool zero = std::all_of(line.values.begin(), line.values.end(), [](double v) { return v == 0; });
        if (line.group != group || (zero && group != "figures"))
            continue;
        const Scale scale = scale_of(line);
        table.add(line.name + (scale.unit.empty() ? "" : ", " + scale.unit));
        for (std::size_t r = 0; r < comparison.runs.size(); ++r) {
            const double ratio = line.ratio(r);
            std::string cell = std::isnan(line.values[r]) ? "-" : fmt::format("{:.6g}", scale.factor * line.values[r]);
            if (r > 0)
                cell += fmt::format("{:>9}", std::isnan(ratio) ? "-" : fmt::format("x{:.3f}", ratio));
            table.rows.back().push_back(cell);
        }
    }
    return table;
}

namespace {

std::string group_text(const RunComparison& comparison, const std::string& group, const std::string& title) {
    return "\n" + comparison_table(comparison, group, title).text();
}

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

std::string comparison_text(const RunComparison& comparison) {
    std::string text;
    for (const RunRecord& run : comparison.runs)
        text += fmt::format("{}: {} of {}, {}\n", run.name, run.report.method, run.report.network,
                            counted(run.report.images, "image"));
    for (const std::string& warning : comparison.warnings)
        text += "  warning: " + warning + "\n";
    for (const std::string& warning : comparison.cost_warnings)
        text += "  costs of " + warning + "\n";
    return text + settings_text(comparison) + group_text(comparison, "figures", "figure (energies of an image)") +
           group_text(comparison, "energy", "energy by class") + group_text(comparison, "area", "area by class");
}

/// What is not known is not a number, which JSON writes as null.
Json comparison_json(const RunComparison& comparison) {
    Json json;
    json["warnings"] = comparison.warnings;
    json["cost_warnings"] = comparison.cost_warnings;
    json["configuration"] = Json::object();
    for (const auto& [key, values] : comparison.settings)
        json["configuration"][key] = values;
    for (std::size_t r = 0; r < comparison.runs.size(); ++r) {
        const RunRecord& run = comparison.runs[r];
        Json entry = {{"name", run.name},
                      {"method", run.report.method},
                      {"network", run.report.network},
                      {"images", run.report.images},
                      {"powers", run.report.powers}};
        for (const Line& line : comparison.lines) {
            Json& group = line.group == "figures" ? entry["figures"]
                                                  : entry[line.group + "_by_class_" + (line.unit == "J" ? "j" : "mm2")];
            const std::string key = line.group == "figures" ? key_of(line) : line.name;
            group[key] = line.values[r];
            if (line.group == "figures")
                entry["ratio"][key] = line.ratio(r);
        }
        json["runs"].push_back(std::move(entry));
    }
    return json;
}

std::string comparison_csv(const RunComparison& comparison) {
    Table table{"comparison", for_programs("group,figure,unit,run,value:.10g,ratio:.10g")};
    for (const Line& line : comparison.lines)
        for (std::size_t r = 0; r < comparison.runs.size(); ++r)
            table.add(line.group, line.name, line.unit, comparison.runs[r].name, line.values[r], line.ratio(r));
    return table.csv();
}

}  // namespace xloop
