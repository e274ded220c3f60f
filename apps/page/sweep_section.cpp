#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <iterator>

namespace xloop::page {
namespace {

struct Metric {
    std::string name, heading, goal;
    double scale = 1;
};

std::vector<Metric> metrics_of(const Json& json) {
    std::vector<Metric> metrics;
    for (const Json& metric : json.at("metrics"))
        metrics.push_back({metric.at("name").get<std::string>(), metric.at("heading").get<std::string>(),
                           text(metric, "goal"), metric.at("scale").get<double>()});
    return metrics;
}

std::vector<std::string> parameters_of(const Json& json) {
    std::vector<std::string> names;
    for (const Json& parameter : json.at("parameters"))
        names.push_back(parameter.at("name").get<std::string>());
    return names;
}

/// The figure of a point as people see it; names hold points, hence no path.
double figure_of(const Json& point, const Metric& metric) {
    const Json& figures = point.at("figures");
    const auto found = figures.is_object() ? figures.find(metric.name) : figures.end();
    return figures.is_object() && found != figures.end() && found->is_number() ? metric.scale * found->get<double>()
                                                                               : NAN;
}

std::string setting_of(const Json& point, const std::string& parameter) {
    const Json& settings = point.at("settings");
    const auto found = settings.find(parameter);
    return found == settings.end() ? "" : found->is_string() ? found->get<std::string>() : found->dump();
}

bool failed(const Json& point) { return !text(point, "failure").empty(); }

/// Places of the objectives among the metrics.
std::vector<std::size_t> objectives_of(const Json& json, const std::vector<Metric>& metrics) {
    std::vector<std::size_t> places;
    for (const Json& name : field(json, "objectives"))
        for (std::size_t m = 0; m < metrics.size(); ++m)
            if (metrics[m].name == name)
                places.push_back(m);
    return places;
}

Section point_part(const Json& json, const std::vector<Metric>& metrics, const std::vector<std::string>& parameters) {
    const std::vector<std::size_t> objectives = objectives_of(json, metrics);
    Section part{"Points"};
    Json data = {
        {"metrics", Json::array()}, {"groups", {"points", "front"}}, {"line", "front"}, {"points", Json::array()}};
    data["x"] = objectives.empty() ? 0 : objectives.front();
    data["y"] = objectives.size() > 1 ? objectives[1] : std::min<std::size_t>(1, metrics.size() - 1);
    for (const Metric& metric : metrics)
        data["metrics"].push_back({{"name", metric.heading}, {"log", false}, {"larger", metric.goal == "larger"}});
    Table table{"all points", {Column("", "id")}};
    for (const std::string& parameter : parameters)
        table.columns.emplace_back("", parameter, -1);
    for (const Metric& metric : metrics)
        table.columns.emplace_back("", metric.heading, 1, 0, "{:.5g}");
    table.columns.emplace_back("", "", -1);
    for (const Json& point : json.at("points")) {
        const bool front = field(point, "front") == Json(true);
        Json lines = {"point " + text(point, "id")}, values = Json::array();
        std::vector<Json> row = {cell(point.at("id"))};
        for (const std::string& parameter : parameters) {
            row.emplace_back(setting_of(point, parameter));
            lines.push_back(parameter + ": " + setting_of(point, parameter));
        }
        for (const Metric& metric : metrics) {
            const double value = figure_of(point, metric);
            row.push_back(std::isfinite(value) ? Json(value) : Json());
            values.push_back(drawn(value));
        }
        row.emplace_back(failed(point) ? "failed: " + text(point, "failure") : front ? "front" : "");
        table.rows.push_back(std::move(row));
        if (!failed(point))
            data["points"].push_back(
                {{"group", front ? "front" : "points"}, {"values", values}, {"front", front}, {"text", lines}});
    }
    part.figures = {{"points", "Points of the sweep",
                     "Point at one for its settings and figures; other axes can be chosen.", data}};
    const auto of_front = [](const std::vector<Json>& row) { return row.back() == "front"; };
    Table front{"the front", table.columns};
    std::copy_if(table.rows.begin(), table.rows.end(), std::back_inserter(front.rows), of_front);
    part.tables = {front};
    Section all{fmt::format("All points ({})", table.rows.size())};
    all.folded = true;
    all.tables = {table};
    part.parts = {all};
    return part;
}

/// Charts of the objectives, and folded away those of the other metrics.
class MetricCharts {
public:
    explicit MetricCharts(const Json& json) : objectives_(field(json, "objectives")) {}

    void add(const Metric& metric, Figure chart) {
        const bool shown =
            objectives_.empty() || std::find(objectives_.begin(), objectives_.end(), metric.name) != objectives_.end();
        (shown ? first_ : others_).push_back(std::move(chart));
    }
    void put_into(Section& part) {
        part.figures = std::move(first_);
        if (!others_.empty()) {
            Section more{"Of other figures"};
            more.folded = true;
            more.figures = std::move(others_);
            part.parts.push_back(std::move(more));
        }
    }

private:
    const Json& objectives_;
    std::vector<Figure> first_, others_;
};

/// Without rows where the file does not say it.
Table explained_table(const Json& effects, const std::vector<Metric>& metrics) {
    Table table{
        "share of the differences between points that a parameter alone explains",
        {Column("", "metric", -1), Column("", "parameter", -1), Column("", "explained", 1, 0, "{:.1f} %", 100)}};
    for (const Metric& metric : metrics)
        for (const Json& effect : effects)
            if (const double explained = number(effect, "explained");
                text(effect, "metric") == metric.name && std::isfinite(explained))
                table.add(metric.heading, text(effect, "parameter"), explained);
    return table;
}

/// For each metric the mean of all points with a value of a parameter, and from the least to the largest.
std::vector<Section> effect_parts(const Json& json, const std::vector<Metric>& metrics) {
    const Json& effects = field(json, "effects");
    if (effects.empty())
        return {};
    Section part{"Main effects",
                 {"Of each value of each parameter: the mean over all points that have it; whiskers from the least of "
                  "them to the largest."}};
    Table table{"main effects",
                {Column("", "metric", -1), Column("", "parameter", -1), Column("", "value", -1),
                 Column("", "mean", 1, 0, "{:.5g}"), Column("", "least", 1, 0, "{:.5g}"),
                 Column("", "largest", 1, 0, "{:.5g}"), Column("", "points", 1)}};
    MetricCharts charts(json);
    for (const Metric& metric : metrics) {
        std::vector<std::string> labels;
        std::vector<double> mean, low, high;
        for (const Json& effect : effects) {
            if (text(effect, "metric") != metric.name)
                continue;
            for (const Json& value : effect.at("values")) {
                labels.push_back(text(effect, "parameter") + " = " + text(value, "value"));
                mean.push_back(metric.scale * number(value, "mean"));
                low.push_back(metric.scale * number(value, "min"));
                high.push_back(metric.scale * number(value, "max"));
                table.add(metric.heading, text(effect, "parameter"), text(value, "value"), mean.back(), low.back(),
                          high.back(), cell(field(value, "points")));
            }
        }
        if (labels.empty())
            continue;
        Figure chart = bar_chart("Main effects on " + metric.heading, metric.heading, labels, Bars::lying);
        add_bars(chart, "mean", mean, low, high);
        charts.add(metric, chart);
    }
    part.tables = {explained_table(effects, metrics), table};
    charts.put_into(part);
    return {part};
}

/// What each parameter alone does to the experiment, the largest swing on top.
std::vector<Section> tornado_parts(const Json& json, const std::vector<Metric>& metrics) {
    const Json& swings = field(json, "tornado");
    if (swings.empty())
        return {};
    Section part{
        "Tornado",
        {"What one parameter alone does: from the least to the largest figure of the points that differ from the "
         "experiment in it alone."}};
    Table table{"swings",
                {Column("", "metric", -1), Column("", "parameter", -1), Column("", "experiment", 1, 0, "{:.5g}"),
                 Column("", "least", 1, 0, "{:.5g}"), Column("", "at", -1), Column("", "largest", 1, 0, "{:.5g}"),
                 Column("", "at", -1)}};
    MetricCharts charts(json);
    for (const Metric& metric : metrics) {
        std::vector<const Json*> own;
        for (const Json& swing : swings)
            if (text(swing, "metric") == metric.name)
                own.push_back(&swing);
        if (own.empty())
            continue;
        const auto low = [&](const Json& s) { return metric.scale * number(s, "low.figure"); };
        const auto high = [&](const Json& s) { return metric.scale * number(s, "high.figure"); };
        std::stable_sort(own.begin(), own.end(),
                         [&](const Json* a, const Json* b) { return high(*a) - low(*a) > high(*b) - low(*b); });
        std::vector<std::string> labels;
        Json ranges = Json::array();
        for (const Json* swing : own) {
            labels.push_back(fmt::format("{} ({} to {})", text(*swing, "parameter"), text(*swing, "low.value"),
                                         text(*swing, "high.value")));
            ranges.push_back({drawn(low(*swing)), drawn(high(*swing))});
            table.add(metric.heading, text(*swing, "parameter"), metric.scale * number(*swing, "base"), low(*swing),
                      text(*swing, "low.value"), high(*swing), text(*swing, "high.value"));
        }
        Figure chart = bar_chart("Swings of " + metric.heading, metric.heading, labels, Bars::lying);
        chart.data["series"].push_back({{"name", "from least to largest"}, {"values", ranges}});
        chart.data["mark"] = drawn(metric.scale * number(*own.front(), "base"));
        charts.add(metric, chart);
    }
    part.tables = {table};
    charts.put_into(part);
    return {part};
}

}  // namespace

Section sweep_section(const Result& result) {
    const Json& json = result.json;
    const std::vector<Metric> metrics = metrics_of(json);
    const std::vector<std::string> parameters = parameters_of(json);
    const Json& points = json.at("points");
    const auto count = [&](auto which) { return std::count_if(points.begin(), points.end(), which); };
    std::string words = fmt::format("Sweep of {} over {}: {}, {} on the front", text(json, "experiment"),
                                    fmt::join(parameters, ", "), counted(static_cast<int>(points.size()), "point"),
                                    count([](const Json& point) { return field(point, "front") == Json(true); }));
    if (const auto failures = count(failed); failures > 0)
        words += fmt::format(", {} failed", failures);
    for (const std::size_t place : objectives_of(json, metrics)) {
        const Metric& metric = metrics[place];
        const Json* best = nullptr;
        const double sign = metric.goal == "larger" ? -1 : 1;
        for (const Json& point : points)
            if (const double value = figure_of(point, metric);
                std::isfinite(value) && (!best || sign * value < sign * figure_of(*best, metric)))
                best = &point;
        if (best)
            words += fmt::format("; best {} {:.5g} at point {}", metric.heading, figure_of(*best, metric),
                                 text(*best, "id"));
    }
    Section section{result.name, {words + "."}};
    section.parts = {point_part(json, metrics, parameters)};
    for (const Json& warning : field(json, "warnings"))
        section.parts.front().notes.push_back("Costs: " + warning.get<std::string>());
    for (auto make : {effect_parts, tornado_parts})
        for (Section& part : make(json, metrics))
            section.parts.push_back(std::move(part));
    section.parts.push_back(provenance(field(json, "configuration"), {{"file", result.file},
                                                                      {"version", text(json, "version")},
                                                                      {"done at each point", text(json, "do")},
                                                                      {"design", text(json, "design")},
                                                                      {"seed of the design", text(json, "seed")}}));
    return section;
}

}  // namespace xloop::page
