#include "apps/text/silicon_text.hpp"

#include "core/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace xloop {
namespace {

std::vector<std::string> class_names(const MacroParts& parts) {
    std::vector<std::string> names;
    for (const MacroPart& part : parts)
        names.emplace_back(part.name());
    return names;
}

Table figure_table(const std::vector<SiliconComparison>& chips, bool with_chip) {
    Table table{"figures",
                {Column("chip", with_chip ? "chip" : "", -1), Column("point", "point", -16, 2),
                 Column("figure", "figure", -16, 2), Column("published", "published", 11, 1, "{:.4g}"),
                 Column("unit", "unit", -8, 1), Column("blind", "blind", 11, 1, "{:.4g}"),
                 Column("blind_ratio", "ratio", 7, 1, "{:.2f}"), Column("fitted", "fitted", 11, 1, "{:.4g}"),
                 Column("fitted_ratio", "ratio", 7, 1, "{:.2f}"), Column("role", "role", -9, 2),
                 Column("basis", "basis", -7, 1), Column("source", "")}};
    if (!with_chip)
        table.columns.front().width = 0;
    for (const SiliconComparison& c : chips)
        for (const FigureAgainstSilicon& f : c.figures) {
            const bool fit = c.chip.fit.has_value();
            table.add(c.chip.name, c.chip.points[f.point].name, f.figure.name(), f.figure.value, f.figure.unit->name,
                      f.blind, f.blind_ratio(), fit ? Json(f.fitted) : Json(), fit ? Json(f.fitted_ratio()) : Json(),
                      name_of(f.role), name_of(f.figure.basis), f.figure.source);
        }
    return table;
}

Table error_table(const std::vector<SiliconComparison>& chips) {
    Table table{"errors",
                {Column("kind", "figures of", -17, 2), Column("constants", "constants", -10),
                 Column("figures", "number", 7), Column("median_factor", "median factor", 14, 1, "{:.2f}"),
                 Column("worst_ratio", "worst ratio", 12, 1, "{:.2f}"), Column("worst", "worst figure", -1, 2)}};
    for (const bool fitted : {false, true})
        for (const std::string& name : all_names<SiliconKind>())
            if (const SiliconErrors e = silicon_errors(chips, *value_named<SiliconKind>(name), fitted); e.figures > 0)
                table.add(name, fitted ? "fitted" : "blind", e.figures, e.median_factor, e.worst_ratio, e.worst);
    return table;
}

std::string fit_text(const SiliconComparison& c) {
    if (!c.chip.fit)
        return "  nothing is fitted\n";
    const SiliconFit& fit = *c.chip.fit;
    return fmt::format("  fitted: energy of {} x {:.4g}, so that {} of `{}` comes out\n",
                       fmt::join(class_names(fit.classes), "+"), c.factor,
                       c.chip.points[fit.point_index].figures[fit.figure_index].name(), fit.point);
}

}  // namespace

std::string silicon_text(const std::vector<SiliconComparison>& chips) {
    std::string text;
    for (const SiliconComparison& c : chips) {
        text += fmt::format("{}: {}\n  {} with {}; figures hold {}\n", c.chip.name, c.chip.citation, c.chip.hardware,
                            c.chip.cost_table, fmt::join(class_names(c.chip.scope), "+"));
        if (!c.chip.note.empty())
            text += fmt::format("  {}\n", c.chip.note);
        text += fit_text(c) + "\n";
        Table table = figure_table({c}, false);
        table.columns.erase(table.columns.begin());
        for (auto& row : table.rows)
            row.erase(row.begin());
        text += table.text() + "\n";
    }
    return text + "Ratio: predicted over published; factor: the larger of a ratio and its inverse.\n" +
           error_table(chips).text();
}

Json silicon_json(const std::vector<SiliconComparison>& chips) {
    Json json = {{"chips", Json::array()}, {"errors", error_table(chips).json()}};
    for (const SiliconComparison& c : chips) {
        Json chip = {{"chip", c.chip.name},
                     {"citation", c.chip.citation},
                     {"file", c.chip.file},
                     {"hardware", c.chip.hardware},
                     {"cost_table", c.chip.cost_table},
                     {"scope", class_names(c.chip.scope)},
                     {"figures", figure_table({c}, true).json()},
                     {"warnings", c.warnings}};
        if (c.chip.fit)
            chip["fit"] = {
                {"point", c.chip.fit->point}, {"classes", class_names(c.chip.fit->classes)}, {"factor", c.factor}};
        json["chips"].push_back(std::move(chip));
    }
    return json;
}

std::string silicon_csv(const std::vector<SiliconComparison>& chips) { return figure_table(chips, true).csv(); }

}  // namespace xloop
