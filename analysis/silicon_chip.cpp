#include "analysis/silicon_chip.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

namespace xloop {
namespace {

using Costs = const MacroCosts&;
using Of = const MacroParts&;
constexpr std::array<MacroMetric, 10> metric_table = {{
    {"energy", Quantity::energy, 1, [](Costs m, Of c, Of) { return m.joules(c); }},
    {"energy_per_op", Quantity::energy, 1, [](Costs m, Of c, Of) { return m.joules(c) / m.operations; }},
    {"power", Quantity::power, 1, [](Costs m, Of c, Of) { return m.cores * m.joules(c) / m.seconds; }},
    {"tops_per_watt", Quantity::efficiency, -1, [](Costs m, Of c, Of) { return 1e-12 * m.operations / m.joules(c); }},
    {"energy_share", Quantity::share, 0, [](Costs m, Of c, Of all) { return m.joules(c) / m.joules(all); }},
    {"time", Quantity::time, 0, [](Costs m, Of, Of) { return m.seconds; }},
    {"tops", Quantity::operations, 0, [](Costs m, Of, Of) { return 1e-12 * m.cores * m.operations / m.seconds; }},
    {"area", Quantity::area, 0, [](Costs m, Of c, Of) { return m.cores * m.mm2(c); }},
    {"area_share", Quantity::share, 0, [](Costs m, Of c, Of all) { return m.mm2(c) / m.mm2(all); }},
    {"tops_per_mm2", Quantity::density, 0,
     [](Costs m, Of c, Of) { return 1e-12 * m.operations / m.seconds / m.mm2(c); }},
}};

[[noreturn]] void fail(const config::Node& row, const std::string& key, const std::string& what) {
    const config::Node* node = row.find(key);
    throw InputError(fmt::format("{}: {}: {}", (node ? node : &row)->location.str(), key, what));
}

/// "adc+dac", or with events "row_drive"; a name of both is the class.
MacroParts read_parts(const config::Node& row, const std::string& key, const std::string& list, bool with_events) {
    const std::vector<std::string> classes = all_names<Component>(component_count),
                                   events = all_names<Event>(with_events ? event_count : 0);
    MacroParts parts;
    for (const std::string_view word : split(list, '+')) {
        const std::string name(word);
        const auto of = std::find(classes.begin(), classes.end(), name);
        const auto event = std::find(events.begin(), events.end(), name);
        if (of == classes.end() && event == events.end())
            fail(row, key,
                 fmt::format("unknown class{} `{}`{}; expected some of {}, joined by +", with_events ? " or event" : "",
                             name, did_you_mean(name, classes), fmt::join(classes, ", ")));
        const MacroPart part = of != classes.end() ? MacroPart{static_cast<std::size_t>(of - classes.begin()), false}
                                                   : MacroPart{static_cast<std::size_t>(event - events.begin()), true};
        if (std::find(parts.begin(), parts.end(), part) != parts.end())
            fail(row, key, fmt::format("`{}` is there twice", name));
        parts.push_back(part);
    }
    return parts;
}

/// The rows of a list, each given to `read`.
template <class Read>
void each_row(const config::Node& parent, const config::Node& list, const char* key, Read read) {
    if (list.kind != config::Node::Kind::sequence || list.items.empty())
        fail(parent, key, "expected a list of one or more");
    for (const auto& item : list.items)
        read(item.second);
}

SiliconFigure read_figure(const config::Node& row, const SiliconFigure& base, const MacroParts& scope) {
    SiliconFigure figure = base;
    std::string metric, unit, of;
    config::Section s("a published figure");
    s.value("metric", metric, "what it is").required().one_of(macro_metric_names());
    s.value("of", of, "of these classes, or energies of these events, joined by +; without: of the chip's scope");
    s.value("value", figure.value, "as published").required().above(0, 1e15);
    s.value("unit", unit, "of the value").required();
    s.value("basis", figure.basis, "where it was read");
    s.value("source", figure.source, "in words; without: the chip's");
    s.value("given", figure.given, "whether the preset takes it over, so that nothing is predicted");
    config::read(row, s);
    if (figure.source.empty())
        fail(row, "source", "expected where the figure was read, here or for the chip");
    figure.metric = find_macro_metric(metric);
    figure.unit = find_unit(unit);
    if (figure.unit == nullptr || figure.unit->quantity != figure.metric->quantity || unit == "cycles")
        fail(row, "unit",
             fmt::format("unknown unit `{}` of {}; expected {}", unit, metric,
                         fmt::join(unit_names(figure.metric->quantity), ", ")));
    const bool is_area = figure.metric->quantity == Quantity::area || figure.metric->quantity == Quantity::density ||
                         metric == "area_share";
    if (!of.empty())
        figure.parts = read_parts(row, "of", of, !is_area);
    if (figure.metric->quantity != Quantity::share)
        return figure;
    if (figure.parts.empty())
        fail(row, "of", "expected the classes or events whose share it is");
    for (const MacroPart& part : figure.parts) {
        const MacroPart held =
            part.is_event ? MacroPart{static_cast<std::size_t>(component_of(static_cast<Event>(part.index)))} : part;
        if (std::find(scope.begin(), scope.end(), held) == scope.end())
            fail(row, "of", fmt::format("`{}` is not in the chip's scope, of which this is a share", part.name()));
    }
    return figure;
}

SiliconPoint read_point(const config::Node& row, const SiliconPoint& base, const SiliconFigure& figure_base,
                        const MacroParts& scope) {
    SiliconPoint point = base;
    config::Node figures;
    double x = 0;
    config::Section s("an operating point");
    s.value("name", point.name, "of the point").required().filled();
    s.value("x", x, "where it lies on the picture's axis").range(-1e12, 1e12);
    s.value("set", point.overrides, "keys of the hardware that differ from the preset's: key=value");
    s.value("inputs", point.inputs, "of the matrix").range(1, 1000000);
    s.value("outputs", point.outputs, "of the matrix").range(1, 1000000);
    s.value("supply_v", point.supply_v, "instead of the cost table's").above(0, 100).unit("V");
    s.value("active_rows", point.active_rows, "share of driven rows whose digit is above 0").range(0, 1);
    s.raw("figures", figures, "what is published of it");
    config::read(row, s);
    if (row.find("x") != nullptr)
        point.x = x;
    if (point.inputs == 0 || point.outputs == 0)
        fail(row, point.inputs == 0 ? "inputs" : "outputs", "expected a number, here or for the chip");
    each_row(row, figures, "figures",
             [&](const config::Node& figure) { point.figures.push_back(read_figure(figure, figure_base, scope)); });
    return point;
}

SiliconFit read_fit(const config::Node& node, const SiliconChip& chip) {
    SiliconFit fit;
    std::string metric, classes, of;
    config::Section s("the constant that is fitted");
    s.value("point", fit.point, "name of the point that it is fitted at").required();
    s.value("metric", metric, "of the figure that comes out then").required().one_of(macro_metric_names());
    s.value("of", of, "what that figure is of, where it is not of the chip's scope");
    s.value("classes", classes, "whose energy is multiplied by the constant; without: all of the chip's scope");
    config::read(node, s);
    fit.classes = classes.empty() ? chip.scope : read_parts(node, "classes", classes, false);
    const MacroParts wanted = of.empty() ? MacroParts{} : read_parts(node, "of", of, true);
    const auto point = std::find_if(chip.points.begin(), chip.points.end(),
                                    [&](const SiliconPoint& p) { return p.name == fit.point; });
    if (point == chip.points.end()) {
        std::vector<std::string> names;
        for (const SiliconPoint& p : chip.points)
            names.push_back(p.name);
        fail(node, "point",
             fmt::format("there is no point `{}`{}; expected one of {}", fit.point, did_you_mean(fit.point, names),
                         fmt::join(names, ", ")));
    }
    const auto figure = std::find_if(point->figures.begin(), point->figures.end(), [&](const SiliconFigure& f) {
        return f.metric->name == metric && f.parts == wanted;
    });
    if (figure == point->figures.end())
        fail(node, "metric", fmt::format("the point `{}` has no such figure", fit.point));
    if (figure->metric->energy_power == 0)
        fail(node, "metric", fmt::format("{} does not go with energy, which is what is fitted", metric));
    fit.point_index = static_cast<std::size_t>(point - chip.points.begin());
    fit.figure_index = static_cast<std::size_t>(figure - point->figures.begin());
    return fit;
}

SiliconChip read_chip(const config::Node& root, const std::string& file) {
    SiliconChip chip;
    chip.file = file;
    SiliconPoint base;
    SiliconFigure figure;
    std::string scope;
    config::Node points, fit;
    config::Section s("a published macro");
    s.value("chip", chip.name, "its name").required().filled();
    s.value("citation", chip.citation, "its paper").required().filled();
    s.value("hardware", chip.hardware, "hardware file that stands for it").required().file_path();
    s.value("cost_table", chip.cost_table, "its costs").required().file_path();
    s.value("scope", scope, "classes that its figures hold, joined by +").required();
    s.value("cores", chip.cores, "macros whose powers, areas and rates are published together").range(1, 1000000);
    s.value("axis", chip.axis, "what `x` of the points is, for the picture");
    s.value("note", chip.note, "what the preset leaves out");
    s.value("inputs", base.inputs, "of the matrix, where a point does not say").range(1, 1000000);
    s.value("outputs", base.outputs, "of the matrix, where a point does not say").range(1, 1000000);
    s.value("active_rows", base.active_rows, "where a point does not say").range(0, 1);
    s.value("basis", figure.basis, "where figures were read, where one does not say");
    s.value("source", figure.source, "of figures, where one does not say");
    s.raw("fit", fit, "the constant that is fitted; without: none");
    s.raw("points", points, "operating points");
    config::read(root, s);
    chip.scope = read_parts(root, "scope", scope, false);
    each_row(root, points, "points", [&](const config::Node& row) {
        SiliconPoint point = read_point(row, base, figure, chip.scope);
        for (const SiliconPoint& other : chip.points)
            if (other.name == point.name)
                fail(row, "name", fmt::format("there is a point `{}` already", point.name));
        chip.points.push_back(std::move(point));
    });
    if (fit.kind != config::Node::Kind::null)
        chip.fit = read_fit(fit, chip);
    return chip;
}

}  // namespace

const char* MacroPart::name() const {
    return is_event ? name_of(static_cast<Event>(index)) : name_of(static_cast<Component>(index));
}

double MacroCosts::joules(const MacroParts& parts) const {
    double sum = 0;
    for (const MacroPart& part : parts)
        sum += part.is_event ? event_j[part.index] : energy_j[part.index];
    return sum;
}

double MacroCosts::mm2(const MacroParts& parts) const {
    double sum = 0;
    for (const MacroPart& part : parts)
        sum += part.is_event ? 0.0 : area_mm2[part.index];
    return sum;
}

const MacroMetric* find_macro_metric(const std::string& name) {
    const auto found =
        std::find_if(metric_table.begin(), metric_table.end(), [&](const MacroMetric& m) { return name == m.name; });
    return found == metric_table.end() ? nullptr : &*found;
}

std::vector<std::string> macro_metric_names() {
    std::vector<std::string> names;
    for (const MacroMetric& metric : metric_table)
        names.emplace_back(metric.name);
    return names;
}

std::string SiliconFigure::name() const {
    std::vector<std::string> names;
    for (const MacroPart& part : parts)
        names.emplace_back(part.name());
    return names.empty() ? metric->name : fmt::format("{} {}", fmt::join(names, "+"), metric->name);
}

SiliconChip load_silicon_chip(const std::string& path) {
    const config::Node node = config::load_file(path);
    if (!node.find("chip") && !node.find("points"))
        throw InputError(
            path +
            ": says nothing of a chip; expected a file with the keys chip, hardware, cost_table and points, "
            "as those of configs/silicon. A hardware file goes under its key hardware");
    return read_chip(node, path);
}

SiliconChip parse_silicon_chip(const std::string& text, const std::string& name) {
    return read_chip(config::load_text(text, name), name);
}

}  // namespace xloop
