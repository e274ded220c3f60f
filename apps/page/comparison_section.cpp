#include "analysis/comparison.hpp"
#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"
#include "apps/text/comparison_text.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <cmath>
#include <filesystem>
#include <set>

namespace xloop::page {
namespace {

/// Of results that are runs of the hardware: estimate, simulation, validation, a finished search.
std::vector<RunRecord> runs_of(const std::vector<Result>& results) {
    std::vector<RunRecord> runs;
    for (const Result& result : results) {
        const bool file = !field(result.json, "method").is_null() && !field(result.json, "configuration").is_null();
        const bool folder = result.json.is_null() && std::filesystem::exists(result.folder + "/report.json") &&
                            std::filesystem::exists(result.folder + "/subnets");
        if (file || folder)
            for (RunRecord& run : read_runs(file ? result.file : result.folder, result.name))
                runs.push_back(std::move(run));
    }
    return runs;
}

Figure ratio_chart(const RunComparison& comparison) {
    std::vector<std::string> names;
    std::vector<const RunComparison::Line*> lines;
    for (const RunComparison::Line& line : comparison.lines)
        if (line.group == "figures" && std::isfinite(line.ratio(1))) {
            names.push_back(line.name);
            lines.push_back(&line);
        }
    Figure chart = bar_chart("Figures in proportion to " + comparison.runs.front().name, "times", names, Bars::lying);
    for (std::size_t r = 0; r < comparison.runs.size(); ++r) {
        std::vector<double> values;
        for (const RunComparison::Line* line : lines)
            values.push_back(line->ratio(r));
        add_bars(chart, comparison.runs[r].name, values);
    }
    return chart;
}

Table settings_table(const RunComparison& comparison) {
    Table table{"settings that differ", {Column("", "key", -1)}};
    for (const RunRecord& run : comparison.runs)
        table.columns.emplace_back("", run.name, -1);
    for (const auto& [key, values] : comparison.settings) {
        table.add(key);
        for (const Json& value : values)
            table.rows.back().push_back(value.is_string() || value.is_null() ? value : Json(value.dump()));
    }
    return table;
}

}  // namespace

Section comparison_section(const std::vector<Result>& results) {
    std::vector<RunRecord> runs = runs_of(results);
    if (runs.size() < 2)
        return {};
    const RunComparison comparison = compare_runs(std::move(runs), false);
    const RunRecord& first = comparison.runs.front();
    Section section{"Comparison of the hardware runs",
                    {fmt::format("{}; ratios are to the first, {}.",
                                 counted(static_cast<int>(comparison.runs.size()), "run"), first.name)}};
    for (const RunRecord& run : comparison.runs)
        section.notes.push_back(fmt::format("{}: {} of {}, {}", run.name, run.report.method, run.report.network,
                                            counted(run.report.images, "image")));
    for (const std::string& warning : comparison.warnings)
        section.notes.push_back("Warning: " + warning);
    for (const std::string& warning : comparison.cost_warnings)
        section.notes.push_back("Costs of " + warning);
    std::vector<std::string> names;
    std::vector<PerComponent> energies;
    for (const RunRecord& run : comparison.runs) {
        names.push_back(run.name);
        PerComponent energy = run.dynamic_j;
        for (std::size_t c = 0; c < component_count; ++c)
            energy[c] += run.static_j[c];
        energies.push_back(energy);
    }
    Figure energy = bar_chart("Energy of an image by class", "nJ", names, Bars::stacked);
    add_classes(energy, energies, 1e9);
    section.figures = {ratio_chart(comparison), energy};
    section.tables = {comparison_table(comparison, "figures", "figure (energies of an image)"),
                      settings_table(comparison), comparison_table(comparison, "energy", "energy by class"),
                      comparison_table(comparison, "area", "area by class")};
    if (comparison.settings.empty())
        section.words.push_back("Their configurations are equal.");
    return section;
}

}  // namespace xloop::page
