#include "apps/text/validation_text.hpp"

#include "core/table.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

using Verdict = Validation::Verdict;

constexpr std::size_t listed_places = 8, listed_names = 6;

const char* name_of(Verdict::Outcome outcome) {
    switch (outcome) {
    case Verdict::Outcome::passed: return "passed";
    case Verdict::Outcome::warning: return "warning";
    case Verdict::Outcome::failed: return "FAILED";
    }
    return "";
}

std::string error_text(double percent) {
    if (percent == 0)
        return "0";
    if (!std::isfinite(percent))
        return "-";
    return std::abs(percent) < 0.0005 ? "<0.001 %" : fmt::format("{:+.3f} %", percent);
}

/// A column of names, as wide in all tables of one validation.
Table named_table(const Validation& v, const char* title) {
    std::size_t width = 17;
    for (const Validation::Layer& layer : v.layers)
        width = std::max(width, layer.name.size() + 2);
    return {title, {Column("", title, -static_cast<int>(width), 2)}};
}

/// Columns of a figure of both sides, and the cells for them.
void add_both(Table& table, const std::string& unit, double scale, const char* format) {
    table.columns.emplace_back("", unit + " estimated", 16, 0, format, scale);
    table.columns.emplace_back("", "simulated", 16, 0, format, scale);
    table.columns.emplace_back("", "error", 12);
}

void add_cells(Table& table, const Comparison& c) {
    table.rows.back().insert(table.rows.back().end(), {c.estimated, c.simulated, error_text(c.error_percent())});
}

std::string layer_lines(const Validation& v) {
    Table table = named_table(v, "layer");
    add_both(table, "cycles", 1, "{:.0f}");
    add_both(table, "nJ", 1e9, "{:.3f}");
    table.columns.emplace_back("", "most of its time", -1, 2);
    for (const Validation::Layer& layer : v.layers) {
        table.add(layer.name + (layer.contended.empty() ? "" : " *"));
        add_cells(table, layer.cycles);
        add_cells(table, layer.energy_j);
        table.rows.back().push_back(layer.stall);
    }
    std::string text = "\n" + table.text();
    if (!v.contended.empty())
        text += fmt::format("  * contended, as the estimate says itself; its times may be too short{}:\n",
                            v.pipelined ? " there, and, as a pipeline's layers hold each other up, everywhere" : "");
    for (std::size_t i = 0; i < std::min(v.contended.size(), listed_places); ++i)
        text += fmt::format("    {}, {}: {}\n", v.contended[i].where, v.contended[i].what, v.contended[i].reason);
    if (v.contended.size() > listed_places)
        text += fmt::format("    and {} more places\n", v.contended.size() - listed_places);
    return text;
}

std::string class_lines(const Validation& v) {
    Table table = named_table(v, "class");
    add_both(table, "nJ", 1e9, "{:.3f}");
    table.columns.emplace_back("", "area mm2", 14, 0, "{:.5f}");
    if (v.data_from_values)
        table.columns.emplace_back("", "nJ with its data", 19, 0, "{:.3f}", 1e9);
    for (const Validation::Class& c : v.classes) {
        if (c.energy_j.simulated == 0 && c.energy_j.estimated == 0 && c.area_mm2.simulated == 0)
            continue;
        table.add(xloop::name_of(c.component));
        add_cells(table, c.energy_j);
        table.rows.back().insert(
            table.rows.back().end(),
            {c.area_mm2.simulated,
             c.energy_with_data_j == c.energy_j.simulated ? Json("") : Json(c.energy_with_data_j)});
    }
    return "\n" + table.text();
}

std::string busy_lines(const Validation& v) {
    Table table = named_table(v, "busy cycles of all");
    add_both(table, "", 1, "{:.0f}");
    for (const Validation::Busy& busy : v.busy) {
        table.add(busy.kind);
        add_cells(table, busy.cycles);
    }
    return "\n" + table.text();
}

/// Every line in its own unit.
std::string total_lines(const Validation& v) {
    Table table = named_table(v, "total");
    add_both(table, "", 1, "{}");
    table.columns.emplace_back("", "", -1, 1);
    for (const Validation::Total& total : v.totals) {
        const bool joules = total.unit == "J";
        const auto value_text = [&](double value) {
            return std::isnan(value)        ? "-"
                   : joules                 ? fmt::format("{:.3f}", 1e9 * value)
                   : total.unit == "cycles" ? fmt::format("{:.1f}", value)
                                            : fmt::format("{:.5g}", value);
        };
        table.add(total.name, value_text(total.value.estimated), value_text(total.value.simulated),
                  error_text(total.value.error_percent()), joules ? "nJ" : total.unit);
    }
    std::string text = "\n" + table.text();
    if (!v.no_interval.empty())
        text += fmt::format("  -: not known, interval and stream are not compared: {}\n", v.no_interval);
    const auto energy =
        std::find_if(v.totals.begin(), v.totals.end(), [](const auto& t) { return t.name == "energy"; });
    if (v.data_from_values && v.energy_with_data_j != energy->value.simulated)
        text += fmt::format(
            "  With the data that was counted an image takes {:.3f} nJ in the cycle model, {:+.2f} % against "
            "averages;\n  that is the data's doing, so errors are those with averages on both sides.\n",
            1e9 * v.energy_with_data_j, 100 * (v.energy_with_data_j / energy->value.simulated - 1));
    return text;
}

std::string against_lines(const Validation& v) {
    if (v.against.empty())
        return "";
    Table table{"reported", {Column("", "reported", -44, 2), Column("", "value", 13, 0, "{:.5g}")}};
    for (const char* side : {"estimated", "simulated"})
        for (const Column& column : {Column("", side, 13, 0, "{:.5g}"), Column("", "differs", 11, 0, "{:.2f} %"),
                                     Column("", "ratio", 8, 0, "{:.3f}")})
            table.columns.push_back(column);
    table.columns.emplace_back("", "unit", -1, 2);
    for (const FigureAgainst& a : v.against)
        table.add(a.figure.name(), a.figure.value, a.estimated, a.estimated_percent(), a.estimated / a.figure.value,
                  a.simulated, a.simulated_percent(), a.simulated / a.figure.value, a.figure.unit->name);
    return "\n" + table.text();
}

std::string difference_lines(const Validation& v) {
    std::string text;
    for (const Validation::CountDifference& d : v.first_differences)
        text += fmt::format("           {} {}: estimated {}, simulated {}\n", d.instance, d.event, d.estimated,
                            d.simulated);
    return text;
}

std::string verdict_line(const Validation& v, const Verdict& verdict) {
    if (verdict.worst_at.empty())
        return fmt::format("  {:<9}{}: {}\n", name_of(verdict.outcome), verdict.name,
                           v.counts_equal() ? "equal in every event of every instance and layer"
                                            : fmt::format("{} differ, the first:", v.count_differences)) +
               difference_lines(v);
    std::string text = fmt::format(
        "  {:<9}{} within {:g} %: {}{}", name_of(verdict.outcome), verdict.name, verdict.tolerance_percent,
        error_text(verdict.worst_percent),
        verdict.worst_at == verdict.name || verdict.worst_percent == 0 ? "" : " at worst, " + verdict.worst_at);
    if (!verdict.worst_remark.empty() && verdict.worst_percent != 0)
        text += fmt::format(" ({})", verdict.worst_remark);
    if (const std::size_t beyond = verdict.broken.size(); beyond > 1) {
        const auto named = verdict.broken.begin() + static_cast<std::ptrdiff_t>(std::min(beyond, listed_names));
        text += fmt::format("; beyond: {}", fmt::join(verdict.broken.begin(), named, ", "));
        if (beyond > listed_names)
            text += fmt::format(" and {} more", beyond - listed_names);
    }
    if (verdict.outcome == Verdict::Outcome::warning)
        text += " (contended)";
    return text + "\n";
}

Json pair(const Comparison& c) { return {{"estimated", c.estimated}, {"simulated", c.simulated}}; }

Json with_error(const Comparison& c) {
    Json json = pair(c);
    json["error_percent"] = c.error_percent();
    return json;
}

Json layers_json(const Validation& v) {
    Json list = Json::array();
    for (const Validation::Layer& layer : v.layers)
        list.push_back(
            {{"name", layer.name},
             {"cycles", pair(layer.cycles)},
             {"energy_j", pair(layer.energy_j)},
             {"error_percent", {{"cycles", layer.cycles.error_percent()}, {"energy", layer.energy_j.error_percent()}}},
             {"energy_with_data_j", layer.energy_with_data_j},
             {"stall", layer.stall},
             {"contended", layer.contended}});
    return list;
}

Json classes_json(const Validation& v) {
    Json list = Json::array();
    for (const Validation::Class& c : v.classes)
        list.push_back({{"name", xloop::name_of(c.component)},
                        {"energy_j", with_error(c.energy_j)},
                        {"dynamic_j", with_error(c.dynamic_j)},
                        {"static_j", with_error(c.static_j())},
                        {"energy_with_data_j", c.energy_with_data_j},
                        {"area_mm2", with_error(c.area_mm2)}});
    return list;
}

Json against_json(const Validation& v) {
    Json list = Json::array();
    for (const FigureAgainst& a : v.against) {
        list.push_back(
            {{"tool", a.figure.tool},
             {"scope", a.figure.scope_text},
             {"metric", a.figure.metric->name},
             {"unit", a.figure.unit->name},
             {"value", a.figure.value},
             {"estimated", a.estimated},
             {"simulated", a.simulated},
             {"difference_percent", {{"estimated", a.estimated_percent()}, {"simulated", a.simulated_percent()}}},
             {"ratio", {{"estimated", a.estimated / a.figure.value}, {"simulated", a.simulated / a.figure.value}}}});
        list.back()["tolerance_percent"] = a.figure.tolerance_percent ? Json(*a.figure.tolerance_percent) : Json();
    }
    return list;
}

Json verdicts_json(const Validation& v) {
    Json list = Json::array();
    for (const Verdict& verdict : v.verdicts) {
        list.push_back({{"name", verdict.name},
                        {"passed", verdict.passed()},
                        {"warning", verdict.outcome == Verdict::Outcome::warning}});
        if (!verdict.worst_at.empty())
            list.back().update({{"tolerance_percent", verdict.tolerance_percent},
                                {"worst_percent", verdict.worst_percent},
                                {"worst_at", verdict.worst_at}});
        if (!verdict.worst_remark.empty())
            list.back()["worst_remark"] = verdict.worst_remark;
        list.back()["broken"] = verdict.broken;
    }
    return list;
}

/// "run" -> "run_cycles", "EDAP alone" -> "edap_alone_j_s_mm2": the key of a total holds its unit.
std::string key_of(const std::string& name, const std::string& unit) {
    std::string key = name + "_" + unit;
    std::replace(key.begin(), key.end(), ' ', '_');
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return key;
}

}  // namespace

std::string validation_text(const Validation& v) {
    std::string text = fmt::format(
        "estimate against cycle model: {}, {}; cycles of a layer are those of the first image, energies those of an "
        "image\n",
        v.network, counted(v.images, "image"));
    text += layer_lines(v) + class_lines(v) + busy_lines(v) + total_lines(v) + against_lines(v) + "\n  verdicts\n";
    for (const Verdict& verdict : v.verdicts)
        text += verdict_line(v, verdict);
    text += fmt::format("\n  powers: {}\n", v.powers);
    for (const std::string& warning : v.cost_warnings)
        text += "  costs: " + warning + "\n";
    return text;
}

Json validation_json(const Validation& v) {
    Json json;
    json["method"] = "validation";
    json["network"] = v.network;
    json["images"] = v.images;
    json["passed"] = v.passed();
    json["layers"] = layers_json(v);
    json["classes"] = classes_json(v);
    for (const Validation::Busy& busy : v.busy)
        json["busy_cycles"][busy.kind] = with_error(busy.cycles);
    for (const Validation::Total& total : v.totals)
        json["totals"][key_of(total.name, total.unit)] = with_error(total.value);
    json["energy_with_data_j"] = v.energy_with_data_j;
    json["data"] = v.data_from_values ? "values" : "averages";
    json["counts_equal"] = v.counts_equal();
    json["count_differences"] = Json::array();
    for (const Validation::CountDifference& d : v.first_differences)
        json["count_differences"].push_back(
            {{"instance", d.instance}, {"event", d.event}, {"estimated", d.estimated}, {"simulated", d.simulated}});
    json["contended"] = Json::array();
    for (const Estimate::Contended& place : v.contended)
        json["contended"].push_back(
            {{"where", place.where}, {"what", place.what}, {"load", place.load}, {"reason", place.reason}});
    json["powers"] = v.powers;
    json["cost_warnings"] = v.cost_warnings;
    json["against"] = against_json(v);
    json["verdicts"] = verdicts_json(v);
    return json;
}

std::string validation_csv(const Validation& v) {
    Table table{"validation",
                for_programs("tool,scope,metric,unit,reported:.10g,estimated:.10g,simulated:.10g,estimated_percent:.6g,"
                             "simulated_percent:.6g,tolerance_percent:g,contended")};
    const Json none;
    const auto add = [&](const std::string& scope, const std::string& metric, const std::string& unit,
                         const Comparison& c, const Json& tolerance = {}, const Json& contended = {}) {
        table.add("xloop", scope, metric, unit, none, c.estimated, c.simulated, c.error_percent(), none, tolerance,
                  contended);
    };
    for (const Validation::Layer& layer : v.layers) {
        const char* contended = v.excused(layer) ? "yes" : "no";
        add("layer:" + layer.name, "cycles", "cycles", layer.cycles, v.tolerances.layer_percent, contended);
        add("layer:" + layer.name, "energy", "J", layer.energy_j, v.tolerances.layer_percent, contended);
    }
    for (const Validation::Class& c : v.classes) {
        const std::string scope = std::string("class:") + xloop::name_of(c.component);
        add(scope, "energy", "J", c.energy_j);
        add(scope, "dynamic_energy", "J", c.dynamic_j);
        add(scope, "static_energy", "J", c.static_j());
        add(scope, "area", "mm2", c.area_mm2);
    }
    for (const Validation::Busy& busy : v.busy)
        add("part:" + busy.kind, "busy", "cycles", busy.cycles);
    for (const Validation::Total& total : v.totals)
        add("total", total.name, total.unit, total.value, v.tolerance_of(total), v.contended.empty() ? "no" : "yes");
    for (const FigureAgainst& a : v.against)
        table.add(a.figure.tool, a.figure.scope_text, a.figure.metric->name, a.figure.unit->name, a.figure.value,
                  a.estimated, a.simulated, a.estimated_percent(), a.simulated_percent(),
                  a.figure.tolerance_percent ? Json(*a.figure.tolerance_percent) : none, none);
    return table.csv();
}

}  // namespace xloop
