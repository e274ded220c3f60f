#include "apps/validate_against.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>

namespace xloop {
namespace {

using Scope = ReportedFigure::Scope;
using Words = std::vector<std::string>;

enum class Quantity { time, energy, power, area, edap, share, throughput, operations, operations_per_watt, operations_per_mm2 };

struct Unit {
    const char* name;
    Quantity quantity;
    double factor;   ///< to s, J, W, mm2, 1, images/s, TOPS; of `cycles`: cycles
};

constexpr std::array<Unit, 30> units = {{
    {"cycles", Quantity::time, 1},
    {"ps", Quantity::time, 1e-12}, {"ns", Quantity::time, 1e-9}, {"us", Quantity::time, 1e-6},
    {"ms", Quantity::time, 1e-3}, {"s", Quantity::time, 1},
    {"fJ", Quantity::energy, 1e-15}, {"pJ", Quantity::energy, 1e-12}, {"nJ", Quantity::energy, 1e-9},
    {"uJ", Quantity::energy, 1e-6}, {"mJ", Quantity::energy, 1e-3}, {"J", Quantity::energy, 1},
    {"nW", Quantity::power, 1e-9}, {"uW", Quantity::power, 1e-6}, {"mW", Quantity::power, 1e-3}, {"W", Quantity::power, 1},
    {"um2", Quantity::area, 1e-6}, {"mm2", Quantity::area, 1}, {"cm2", Quantity::area, 100},
    {"J s mm2", Quantity::edap, 1}, {"pJ s mm2", Quantity::edap, 1e-12}, {"nJ ms mm2", Quantity::edap, 1e-12},
    {"uJ ms mm2", Quantity::edap, 1e-9}, {"pJ ns um2", Quantity::edap, 1e-27},
    {"%", Quantity::share, 1e-2}, {"1", Quantity::share, 1},
    {"images/s", Quantity::throughput, 1}, {"TOPS", Quantity::operations, 1}, {"TOPS/W", Quantity::operations_per_watt, 1},
    {"TOPS/mm2", Quantity::operations_per_mm2, 1},
}};

struct Metric {
    const char* name;
    Quantity quantity;
    bool of_total, of_layer, of_classes, of_stream;
    /// In the quantity's base unit, times in cycles.
    double (*figure)(const HardwareReport&, const Scope&);
};

double of_classes(const PerComponent& values, const Scope& scope) {
    double sum = 0;
    for (Component c : scope.classes)
        sum += values[static_cast<std::size_t>(c)];
    return sum;
}

/// Of the run.
double dynamic_j(const HardwareReport& r, const Scope& s) {
    return s.total()      ? r.ledger.dynamic_total_j
           : s.layer >= 0 ? sum_of(r.ledger.layers[static_cast<std::size_t>(s.layer)].dynamic_j)
                          : of_classes(r.ledger.dynamic_j, s);
}

double energy_j(const HardwareReport& r, const Scope& s) {
    return s.total()      ? r.ledger.energy_total_j
           : s.layer >= 0 ? r.ledger.layers[static_cast<std::size_t>(s.layer)].total_j()
                          : of_classes(r.ledger.energy_j, s);
}

double static_j(const HardwareReport& r, const Scope& s) { return energy_j(r, s) - dynamic_j(r, s); }

double area_mm2(const HardwareReport& r, const Scope& s) {
    return s.total() ? r.ledger.area_total_mm2 : of_classes(r.ledger.area_mm2, s);
}

double latency_cycles(const HardwareReport& r, const Scope& s) {
    return static_cast<double>(s.total() ? r.latency_cycles : r.layers[static_cast<std::size_t>(s.layer)].cycles);
}

double run_cycles(const HardwareReport& r, const Scope& s) {
    return s.total() ? static_cast<double>(r.cycles) : latency_cycles(r, s);
}

using Report = const HardwareReport&;
using Of = const Scope&;
constexpr std::array<Metric, 18> metrics = {{
    {"cycles", Quantity::time, true, true, false, false, run_cycles},
    {"latency", Quantity::time, true, true, false, false, latency_cycles},
    {"interval", Quantity::time, true, false, false, true, [](Report r, Of) { return r.interval_cycles; }},
    {"energy", Quantity::energy, true, true, true, false, [](Report r, Of s) { return energy_j(r, s) / r.images; }},
    {"dynamic_energy", Quantity::energy, true, true, true, false, [](Report r, Of s) { return dynamic_j(r, s) / r.images; }},
    {"static_energy", Quantity::energy, true, true, true, false, [](Report r, Of s) { return static_j(r, s) / r.images; }},
    {"power", Quantity::power, true, true, true, false, [](Report r, Of s) { return energy_j(r, s) / r.ledger.seconds; }},
    {"dynamic_power", Quantity::power, true, true, true, false, [](Report r, Of s) { return dynamic_j(r, s) / r.ledger.seconds; }},
    {"static_power", Quantity::power, true, true, true, false, [](Report r, Of s) { return static_j(r, s) / r.ledger.seconds; }},
    {"area", Quantity::area, true, false, true, false, area_mm2},
    {"energy_share", Quantity::share, false, true, true, false, [](Report r, Of s) { return energy_j(r, s) / r.ledger.energy_total_j; }},
    {"area_share", Quantity::share, false, false, true, false, [](Report r, Of s) { return area_mm2(r, s) / r.ledger.area_total_mm2; }},
    {"edap", Quantity::edap, true, false, false, false, [](Report r, Of) { return r.figures.edap_alone(); }},
    {"edap_stream", Quantity::edap, true, false, false, true, [](Report r, Of) { return r.figures.edap_stream(); }},
    {"throughput", Quantity::throughput, true, false, false, true, [](Report r, Of) { return r.figures.images_per_s(); }},
    {"tops", Quantity::operations, true, false, false, true, [](Report r, Of) { return r.figures.tops(); }},
    {"tops_per_watt", Quantity::operations_per_watt, true, false, false, true, [](Report r, Of) { return r.figures.tops_per_watt(); }},
    {"tops_per_mm2", Quantity::operations_per_mm2, true, false, false, true, [](Report r, Of) { return r.figures.tops_per_mm2(); }},
}};

template <class Table>
auto find(const Table& table, const std::string& name) {
    return std::find_if(table.begin(), table.end(), [&](const auto& entry) { return name == entry.name; });
}

template <class Table, class Keep>
Words names(const Table& table, Keep keep) {
    Words all;
    for (const auto& entry : table)
        if (keep(entry))
            all.emplace_back(entry.name);
    return all;
}

std::string hint(const std::string& word, const Words& known) {
    const std::string near = config::near_miss(word, known);
    return near.empty() ? "" : "; did you mean `" + near + "`?";
}

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
    [[noreturn]] void fail(const std::string& what) const { throw InputError(fmt::format("{}:{}: {}", file_, line_, what)); }

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
            fail(fmt::format("{} `{}`: expected a number {}", column, text, zero_allowed ? "of at least 0" : "above 0"));
        return value;
    }

    ReportedFigure figure(const Words& cells) const {
        if (cells.size() != header_.size())
            fail(fmt::format("{} cells; the line of column names has {}", cells.size(), header_.size()));
        ReportedFigure figure;
        figure.tool = cell(cells, "tool");
        figure.scope_text = cell(cells, "scope");
        figure.scope = scope(figure.scope_text);
        figure.metric = cell(cells, "metric");
        figure.unit = cell(cells, "unit");
        if (figure.tool.empty())
            fail("the name of the tool is empty");
        check_metric(figure);
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
        fail(fmt::format("unknown scope `{}`; expected total, layer:NAME, or class:NAME with several joined by +", text));
    }

    Scope layer_scope(const std::string& name) const {
        const auto layer = find(graph_.layers, name);
        if (layer == graph_.layers.end()) {
            const Words known = names(graph_.layers, [](auto&) { return true; });
            fail(fmt::format("unknown layer `{}`{}; {} has {}", name, hint(name, known), graph_.name, fmt::join(known, ", ")));
        }
        return {static_cast<int>(layer - graph_.layers.begin()), {}};
    }

    Scope class_scope(const std::string& list) const {
        Words known;
        for (std::size_t c = 0; c < component_count; ++c)
            known.emplace_back(name_of(static_cast<Component>(c)));
        Scope scope;
        for (const std::string& name : split(list, '+')) {
            const auto place = std::find(known.begin(), known.end(), name);
            if (place == known.end())
                fail(fmt::format("unknown class `{}`{}; expected {}", name, hint(name, known), fmt::join(known, ", ")));
            const auto component = static_cast<Component>(place - known.begin());
            if (std::find(scope.classes.begin(), scope.classes.end(), component) != scope.classes.end())
                fail(fmt::format("class `{}` is there twice", name));
            scope.classes.push_back(component);
        }
        return scope;
    }

    void check_metric(const ReportedFigure& figure) const {
        const auto metric = find(metrics, figure.metric);
        if (metric == metrics.end()) {
            const Words known = names(metrics, [](auto&) { return true; });
            fail(fmt::format("unknown metric `{}`{}; expected {}", figure.metric, hint(figure.metric, known),
                             fmt::join(known, ", ")));
        }
        const Scope& scope = figure.scope;
        if (!(scope.total() ? metric->of_total : scope.layer >= 0 ? metric->of_layer : metric->of_classes)) {
            Words scopes;
            if (metric->of_total)
                scopes.emplace_back("total");
            if (metric->of_layer)
                scopes.emplace_back("layer:NAME");
            if (metric->of_classes)
                scopes.emplace_back("class:NAME");
            fail(fmt::format("there is no {} of `{}`; expected scope {}", metric->name, figure.scope_text,
                             fmt::join(scopes, " or ")));
        }
        const auto unit = find(units, figure.unit);
        if (unit == units.end() || unit->quantity != metric->quantity)
            fail(fmt::format("unknown unit `{}` of {}; expected {}", figure.unit, metric->name,
                             fmt::join(names(units, [&](const Unit& u) { return u.quantity == metric->quantity; }), ", ")));
        if (metric->of_stream && !no_interval_.empty())
            fail(fmt::format("{} cannot be compared: {}", metric->name, no_interval_));
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
    const Unit& unit = *find(units, figure.unit);
    const Metric& metric = *find(metrics, figure.metric);
    const auto value = [&](const HardwareReport& report) {
        const double base = metric.figure(report, figure.scope);
        return (unit.quantity == Quantity::time && figure.unit != "cycles" ? report.seconds(base) : base) / unit.factor;
    };
    return {figure, value(estimate), value(simulation)};
}

}  // namespace xloop
