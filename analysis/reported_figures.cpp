#include "analysis/reported_figures.hpp"

#include "core/config/schema.hpp"
#include "core/csv_rows.hpp"
#include "core/error.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <cmath>

namespace xloop {
namespace {

using Scope = FigureScope;
using Words = std::vector<std::string>;

class Reader {
public:
    Reader(const std::string& file, const WorkloadGraph& graph, const std::string& no_interval)
        : file_(file), rows_(file), graph_(graph), no_interval_(no_interval) {}

    std::vector<ReportedFigure> read() {
        if (!rows_.header().empty())
            check_header();
        std::vector<ReportedFigure> figures;
        while (rows_.next())
            figures.push_back(figure());
        if (figures.empty())
            throw InputError(file_ + ": holds no figures; expected a line of column names, then one figure a line");
        return figures;
    }

private:
    [[noreturn]] void fail(const std::string& what) const { rows_.fail(what); }

    void check_header() const {
        const Words& columns = rows_.header();
        static const Words needed = {"tool", "scope", "metric", "value", "unit"};
        const std::string expected = "expected tool, scope, metric, value, unit and, if wanted, tolerance";
        for (const std::string& name : needed)
            if (std::find(columns.begin(), columns.end(), name) == columns.end())
                fail(fmt::format("column `{}` is missing; {}", name, expected));
        for (const std::string& name : columns)
            if (name != "tolerance" && std::find(needed.begin(), needed.end(), name) == needed.end())
                fail(fmt::format("unknown column `{}`; {}", name, expected));
            else if (std::count(columns.begin(), columns.end(), name) > 1)
                fail(fmt::format("column `{}` is there twice; {}", name, expected));
    }

    std::string cell(const std::string& column) const {
        const Words& header = rows_.header();
        const auto place = std::find(header.begin(), header.end(), column);
        return place == header.end() ? "" : std::string(rows_.cell(static_cast<std::size_t>(place - header.begin())));
    }

    double number(const std::string& column, const std::string& text, bool zero_allowed) const {
        double value = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0 ||
            (value == 0 && !zero_allowed))
            fail(
                fmt::format("{} `{}`: expected a number {}", column, text, zero_allowed ? "of at least 0" : "above 0"));
        return value;
    }

    ReportedFigure figure() const {
        ReportedFigure figure;
        figure.tool = cell("tool");
        if (figure.tool.empty())
            fail("the name of the tool is empty");
        figure.scope_text = cell("scope");
        figure.scope = scope(figure.scope_text);
        figure.metric = &metric(cell("metric"), figure.scope_text, figure.scope);
        figure.unit = &unit(cell("unit"), *figure.metric);
        figure.value = number("value", cell("value"), false);
        if (const std::string tolerance = cell("tolerance"); !tolerance.empty())
            figure.tolerance_percent = number("tolerance", tolerance, true);
        return figure;
    }

    Scope scope(const std::string& text) const {
        if (text == "total")
            return {};
        if (text.rfind("layer:", 0) == 0)
            return layer_scope(text.substr(6));
        if (text.rfind("class:", 0) == 0)
            return class_scope(text.substr(6));
        fail(fmt::format("unknown scope `{}`; expected total, layer:NAME, or class:NAME with several joined by +",
                         text));
    }

    Scope layer_scope(const std::string& name) const {
        Words known;
        for (const GraphLayer& layer : graph_.layers) {
            if (layer.name == name)
                return {static_cast<int>(known.size()), {}};
            known.push_back(layer.name);
        }
        fail(fmt::format("unknown layer `{}`{}; {} has {}", name, did_you_mean(name, known), graph_.name,
                         fmt::join(known, ", ")));
    }

    Scope class_scope(const std::string& list) const {
        Words known;
        for (std::size_t c = 0; c < component_count; ++c)
            known.emplace_back(name_of(static_cast<Component>(c)));
        Scope scope;
        for (const std::string_view part : split(list, '+')) {
            const std::string name(part);
            const auto place = std::find(known.begin(), known.end(), name);
            if (place == known.end())
                fail(fmt::format("unknown class `{}`{}; expected {}", name, did_you_mean(name, known),
                                 fmt::join(known, ", ")));
            const auto component = static_cast<Component>(place - known.begin());
            if (std::find(scope.classes.begin(), scope.classes.end(), component) != scope.classes.end())
                fail(fmt::format("class `{}` is there twice", name));
            scope.classes.push_back(component);
        }
        return scope;
    }

    const Metric& metric(const std::string& name, const std::string& scope_text, const Scope& scope) const {
        const Metric* metric = find_metric(name);
        if (metric == nullptr) {
            const Words known = metric_names();
            fail(fmt::format("unknown metric `{}`{}; expected {}", name, did_you_mean(name, known),
                             fmt::join(known, ", ")));
        }
        if (!metric->can_be_of(scope)) {
            Words scopes;
            for (const auto& [bit, text] : {std::pair{Metric::total, "total"}, std::pair{Metric::layer, "layer:NAME"},
                                            std::pair{Metric::classes, "class:NAME"}})
                if ((metric->scopes & bit) != 0)
                    scopes.emplace_back(text);
            fail(fmt::format("there is no {} of `{}`; expected scope {}", name, scope_text, fmt::join(scopes, " or ")));
        }
        if (metric->of_stream && !no_interval_.empty())
            fail(fmt::format("{} cannot be compared: {}", name, no_interval_));
        return *metric;
    }

    const Unit& unit(const std::string& name, const Metric& metric) const {
        const Unit* unit = find_unit(name);
        if (unit == nullptr || unit->quantity != metric.quantity)
            fail(fmt::format("unknown unit `{}` of {}; expected {}", name, metric.name,
                             fmt::join(unit_names(metric.quantity), ", ")));
        return *unit;
    }

    const std::string& file_;
    CsvRows rows_;
    const WorkloadGraph& graph_;
    const std::string& no_interval_;
};

}  // namespace

std::vector<ReportedFigure> read_reported_figures(const std::string& file, const WorkloadGraph& graph,
                                                  const std::string& no_interval) {
    return Reader(file, graph, no_interval).read();
}

FigureAgainst figure_against(const ReportedFigure& figure, const HardwareReport& estimate,
                             const HardwareReport& simulation) {
    return {figure, figure.metric->value(estimate, figure.scope, *figure.unit),
            figure.metric->value(simulation, figure.scope, *figure.unit)};
}

}  // namespace xloop
