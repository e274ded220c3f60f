#include "analysis/reported_figures.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

namespace xloop {
namespace {

using Scope = FigureScope;
using Words = std::vector<std::string>;

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r"), last = text.find_last_not_of(" \t\r");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

Words split(const std::string& line, char separator) {
    Words cells;
    std::size_t start = 0;
    for (std::size_t end; (end = line.find(separator, start)) != std::string::npos; start = end + 1)
        cells.push_back(trimmed(line.substr(start, end - start)));
    cells.push_back(trimmed(line.substr(start)));
    return cells;
}

class Reader {
public:
    Reader(const std::string& file, const WorkloadGraph& graph, const std::string& no_interval)
        : file_(file), graph_(graph), no_interval_(no_interval) {}

    std::vector<ReportedFigure> read() {
        std::istringstream lines(read_file(file_));
        for (std::string line; std::getline(lines, line);) {
            ++line_;
            line = trimmed(line);
            if (line.empty() || line.front() == '#')
                continue;
            if (header_.empty())
                read_header(split(line, ','));
            else
                figures_.push_back(figure(split(line, ',')));
        }
        if (figures_.empty())
            throw InputError(file_ + ": holds no figures; expected a line of column names, then one figure a line");
        return std::move(figures_);
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw InputError(fmt::format("{}:{}: {}", file_, line_, what));
    }

    void read_header(const Words& columns) {
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
        header_ = columns;
    }

    std::string cell(const Words& cells, const std::string& column) const {
        const auto place = std::find(header_.begin(), header_.end(), column);
        return place == header_.end() ? "" : cells[static_cast<std::size_t>(place - header_.begin())];
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

    ReportedFigure figure(const Words& cells) const {
        if (cells.size() != header_.size())
            fail(fmt::format("{} cells; the line of column names has {}", cells.size(), header_.size()));
        ReportedFigure figure;
        figure.tool = cell(cells, "tool");
        if (figure.tool.empty())
            fail("the name of the tool is empty");
        figure.scope_text = cell(cells, "scope");
        figure.scope = scope(figure.scope_text);
        figure.metric = &metric(cell(cells, "metric"), figure.scope_text, figure.scope);
        figure.unit = &unit(cell(cells, "unit"), *figure.metric);
        figure.value = number("value", cell(cells, "value"), false);
        if (const std::string tolerance = cell(cells, "tolerance"); !tolerance.empty())
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
        for (const std::string& name : split(list, '+')) {
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
    const WorkloadGraph& graph_;
    const std::string& no_interval_;
    int line_ = 0;
    Words header_;
    std::vector<ReportedFigure> figures_;
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
