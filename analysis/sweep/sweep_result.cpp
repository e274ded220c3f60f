#include "analysis/sweep/sweep_result.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace xloop {
namespace {

std::string shown(const SweepMetric& metric, double value) {
    return fmt::format(fmt::runtime(metric.format), metric.scale * value);
}

Json or_null(std::optional<double> value) { return value ? Json(*value) : Json(); }

/// A number where the text is one, so that programs can compute with it.
Json value_json(const std::string& text) {
    const Json number = Json::parse(text, nullptr, false);
    return number.is_number() ? number : Json(text);
}

}  // namespace

const SweepMetric& SweepResult::metric(const std::string& metric_name) const {
    std::vector<std::string> names;
    for (const SweepMetric& metric : metrics) {
        if (metric.name == metric_name)
            return metric;
        names.push_back(metric.name);
    }
    throw InputError(fmt::format("`{}` is no figure of this sweep{}; there are {}", metric_name,
                                 did_you_mean(metric_name, names), fmt::join(names, ", ")));
}

const std::string& SweepResult::label(const SweepPoint& point, std::size_t parameter) const {
    const int level = point.levels[parameter];
    return level == as_given ? own_values[parameter]
                             : parameters[parameter].levels[static_cast<std::size_t>(level)].label;
}

std::optional<double> SweepResult::figure(const SweepPoint& point, const std::string& metric_name) const {
    const auto found = point.figures.find(metric_name);
    return found == point.figures.end() ? std::nullopt : std::optional(found->second);
}

void SweepResult::mark_front() {
    std::vector<Direction> directions;
    for (const std::string& objective : objectives)
        directions.push_back(metric(objective).direction);
    std::vector<std::vector<double>> values;
    std::vector<SweepPoint*> known;
    for (SweepPoint& point : points) {
        point.on_front = false;
        std::vector<double> own;
        for (const std::string& objective : objectives)
            if (const auto value = figure(point, objective))
                own.push_back(*value);
        if (own.size() != objectives.size())
            continue;
        values.push_back(std::move(own));
        known.push_back(&point);
    }
    // Not pareto_front, which takes one of several equal ones: people want to see that there is a choice.
    const std::vector<int> ranks = non_dominated_ranks(directions, values);
    for (std::size_t i = 0; i < known.size(); ++i)
        known[i]->on_front = ranks[i] == 0;
}

std::vector<SweepResult::Effect> SweepResult::effects(const std::string& metric_name) const {
    std::vector<double> all;
    for (const SweepPoint& point : points)
        if (const auto value = figure(point, metric_name))
            all.push_back(*value);
    const double mean = std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
    double variance = 0;
    for (const double value : all)
        variance += (value - mean) * (value - mean);
    std::vector<Effect> found;
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        Effect effect{parameters[p].name, metric_name, {}, 0};
        double between = 0;
        for (int level = as_given; level < static_cast<int>(parameters[p].levels.size()); ++level) {
            Effect::Level at;
            at.least = std::numeric_limits<double>::infinity();
            at.largest = -at.least;
            for (const SweepPoint& point : points)
                if (const auto value = figure(point, metric_name); value && point.levels[p] == level) {
                    at.value = label(point, p);
                    at.mean += *value;
                    at.least = std::min(at.least, *value);
                    at.largest = std::max(at.largest, *value);
                    ++at.points;
                }
            if (at.points == 0)
                continue;
            at.mean /= at.points;
            between += at.points * (at.mean - mean) * (at.mean - mean);
            effect.levels.push_back(at);
        }
        effect.explained = variance > 0 ? between / variance : std::numeric_limits<double>::quiet_NaN();
        if (effect.levels.size() > 1)
            found.push_back(std::move(effect));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Effect& a, const Effect& b) { return a.explained > b.explained; });
    return found;
}

std::vector<SweepResult::Swing> SweepResult::tornado(const std::string& metric_name) const {
    const auto own = std::find_if(points.begin(), points.end(), [&](const SweepPoint& p) { return p.levels == base; });
    const auto own_figure = own == points.end() ? std::nullopt : figure(*own, metric_name);
    if (!own_figure)
        return {};
    std::vector<Swing> swings;
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        Swing swing{parameters[p].name, metric_name, *own_figure, label(*own, p),
                    label(*own, p),     *own_figure, *own_figure};
        bool any = false;
        for (const SweepPoint& point : points) {
            const auto value = figure(point, metric_name);
            SweepLevels levels = point.levels;
            levels[p] = base[p];
            if (!value || levels != base || point.levels == base)
                continue;
            any = true;
            if (*value < swing.low)
                swing.low = *value, swing.low_value = label(point, p);
            if (*value > swing.high)
                swing.high = *value, swing.high_value = label(point, p);
        }
        if (any)
            swings.push_back(swing);
    }
    std::stable_sort(swings.begin(), swings.end(),
                     [](const Swing& a, const Swing& b) { return a.high - a.low > b.high - b.low; });
    return swings;
}

Table SweepResult::table(const std::vector<int>& some, const std::vector<std::string>& shown_metrics) const {
    Table table{"points", {Column("id", "id", 5), Column("front", "front", -5, 2)}};
    for (const SweepParameter& parameter : parameters)
        table.columns.emplace_back(parameter.name, parameter.name, 6, 2);
    for (const std::string& metric_name : shown_metrics)
        table.columns.emplace_back(metric_name, metric(metric_name).heading, 10, 2);
    for (const int i : some) {
        const SweepPoint& point = points[static_cast<std::size_t>(i)];
        std::vector<Json> row = {i + 1, point.on_front ? "*" : ""};
        for (std::size_t p = 0; p < parameters.size(); ++p)
            row.push_back(label(point, p));
        for (const std::string& metric_name : shown_metrics)
            if (const auto value = figure(point, metric_name))
                row.push_back(shown(metric(metric_name), *value));
            else
                row.push_back(point.failure.empty() ? "-" : "refused");
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table SweepResult::effect_table(const std::string& metric_name) const {
    const SweepMetric& of = metric(metric_name);
    Table table{
        "main effects",
        {Column("parameter", "parameter", -16), Column("explained", "explains", 8, 2, "{:.1f} %", 100),
         Column("value", "value", 8, 2), Column("points", "points", 6, 2), Column("mean", "mean " + of.heading, 12, 2),
         Column("least", "least", 10, 2), Column("largest", "largest", 10, 2)}};
    for (const Effect& effect : effects(metric_name))
        for (std::size_t l = 0; l < effect.levels.size(); ++l) {
            // Of many levels some, evenly spread, with the first and the last.
            constexpr std::size_t most = 12;
            const std::size_t all = effect.levels.size(), spread = most - 1;
            if (all > most && l > 0 && l * spread / (all - 1) == (l - 1) * spread / (all - 1))
                continue;
            const Effect::Level& level = effect.levels[l];
            const bool first = l == 0;
            table.add(first ? effect.parameter : "", first ? Json(effect.explained) : Json(""), level.value,
                      level.points, shown(of, level.mean), shown(of, level.least), shown(of, level.largest));
        }
    return table;
}

Table SweepResult::tornado_table(const std::string& metric_name) const {
    const SweepMetric& of = metric(metric_name);
    Table table{"one at a time",
                {Column("parameter", "parameter", -16), Column("low_value", "at", 8, 2),
                 Column("low", "least " + of.heading, 12, 2), Column("low_ratio", "", 9, 2),
                 Column("high_value", "at", 8, 2), Column("high", "largest", 12, 2), Column("high_ratio", "", 9, 2)}};
    for (Column* ratio : {&table.columns[3], &table.columns[6]})
        ratio->heading = "to own";
    for (const Swing& swing : tornado(metric_name))
        table.add(swing.parameter, swing.low_value, shown(of, swing.low), fmt::format("{:.3f}", swing.low / swing.base),
                  swing.high_value, shown(of, swing.high), fmt::format("{:.3f}", swing.high / swing.base));
    return table;
}

std::string SweepResult::csv() const {
    Table table{"points", for_programs("id,front")};
    for (const SweepParameter& parameter : parameters)
        table.columns.emplace_back(parameter.name, "");
    for (const SweepMetric& metric : metrics)
        table.columns.emplace_back(metric.name, "");
    table.columns.emplace_back("failure", "");
    for (std::size_t i = 0; i < points.size(); ++i) {
        std::vector<Json> row = {i + 1, points[i].on_front};
        for (std::size_t p = 0; p < parameters.size(); ++p)
            row.push_back(value_json(label(points[i], p)));
        for (const SweepMetric& metric : metrics)
            row.push_back(or_null(figure(points[i], metric.name)));
        row.push_back(points[i].failure);
        table.rows.push_back(std::move(row));
    }
    return table.csv();
}

Json SweepResult::json() const {
    Json json = {{"kind", "sweep"},           {"name", name}, {"experiment", experiment}, {"do", task},
                 {"design", name_of(design)}, {"seed", seed}, {"version", version},       {"objectives", objectives}};
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        Json values = Json::array();
        for (const SweepParameter::Level& level : parameters[p].levels)
            values.push_back(level.label);
        json["parameters"].push_back({{"name", parameters[p].name}, {"values", values}, {"own", own_values[p]}});
    }
    for (const SweepMetric& metric : metrics)
        json["metrics"].push_back({{"name", metric.name},
                                   {"heading", metric.heading},
                                   {"scale", metric.scale},
                                   {"goal", metric.direction == Direction::minimise ? "smaller" : "larger"}});
    for (std::size_t i = 0; i < points.size(); ++i) {
        const SweepPoint& point = points[i];
        Json settings, figures = point.figures;
        for (std::size_t p = 0; p < parameters.size(); ++p)
            settings[parameters[p].name] = label(point, p);
        json["points"].push_back({{"id", i + 1},
                                  {"settings", settings},
                                  {"figures", figures},
                                  {"failure", point.failure.empty() ? Json() : Json(point.failure)},
                                  {"front", point.on_front},
                                  {"warnings", point.warnings}});
    }
    json["effects"] = json["tornado"] = Json::array();
    for (const SweepMetric& metric : metrics) {
        for (const Effect& effect : effects(metric.name)) {
            Json levels = Json::array();
            for (const Effect::Level& level : effect.levels)
                levels.push_back({{"value", level.value},
                                  {"mean", level.mean},
                                  {"min", level.least},
                                  {"max", level.largest},
                                  {"points", level.points}});
            json["effects"].push_back({{"parameter", effect.parameter},
                                       {"metric", effect.metric},
                                       {"explained", std::isnan(effect.explained) ? Json() : Json(effect.explained)},
                                       {"values", levels}});
        }
        for (const Swing& swing : tornado(metric.name))
            json["tornado"].push_back({{"parameter", swing.parameter},
                                       {"metric", swing.metric},
                                       {"base", swing.base},
                                       {"low", {{"value", swing.low_value}, {"figure", swing.low}}},
                                       {"high", {{"value", swing.high_value}, {"figure", swing.high}}}});
    }
    json["warnings"] = warnings;
    json["configuration"] = configuration;
    return json;
}

}  // namespace xloop
