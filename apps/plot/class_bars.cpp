#include "apps/plot/class_bars.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>

namespace xloop {
namespace {

constexpr double visible_share = 0.01;

/// Tableau's twenty colours, near ones for parts that work together, by Component.
constexpr const char* colours[] = {"#4e79a7", "#a0cbe8", "#86bcb6", "#499894", "#e15759", "#ff9d9a", "#bab0ac",
                                   "#8c6d31", "#f1ce63", "#b6992d", "#59a14f", "#8cd17d", "#d37295", "#fabfd2",
                                   "#9d7660", "#b07aa1", "#d4a6c8", "#79706e", "#f28e2b"};
static_assert(std::size(colours) == component_count);

const char* class_name(std::size_t c) { return name_of(static_cast<Component>(c)); }

std::string block(const std::string& name, const std::string& lines) {
    return fmt::format("${} << EOD\n{}EOD\n", name, lines);
}

std::string clause(const std::string& name, const char* colour) {
    return fmt::format("${} using 1:2:3:4:5:6 with boxxyerror fs solid 1 border lc rgb 'white' fc rgb '{}' notitle",
                       name, colour);
}

std::string legend_entry(const std::string& title, const char* colour) {
    return fmt::format(", \\\n     NaN with boxes fs solid 1 noborder fc rgb '{}' title \"{}\" noenhanced", colour,
                       title);
}

}  // namespace

const char* class_colour(Component component) { return colours[static_cast<std::size_t>(component)]; }

double highest(const ClassBars& panel) {
    double high = 0;
    for (const ClassBars::Bar& bar : panel.bars)
        high = std::max(high, sum_of(bar.values));
    return high;
}

EnergyUnit energy_unit(double joules) {
    return joules < 1e-5 ? EnergyUnit{"nJ", 1e9} : joules < 1e-2 ? EnergyUnit{"uJ", 1e6} : EnergyUnit{"mJ", 1e3};
}

std::vector<bool> visible_classes(const std::vector<ClassBars>& panels) {
    std::vector<bool> visible(component_count, false);
    for (const ClassBars& panel : panels)
        for (const ClassBars::Bar& bar : panel.bars)
            for (std::size_t c = 0; c < component_count; ++c)
                if (bar.values[c] > visible_share * sum_of(bar.values))
                    visible[c] = true;
    return visible;
}

std::string class_blocks(const std::string& name, const ClassBars& panel, const std::vector<bool>& visible) {
    std::vector<double> tops(panel.bars.size(), 0.0);
    const auto box = [&](std::size_t b, double height) {
        const double x = panel.bars[b].centre, bottom = tops[b];
        tops[b] += height;
        return fmt::format("{} {:.6g} {} {} {:.6g} {:.6g}\n", x, bottom, x - panel.width / 2, x + panel.width / 2,
                           bottom, tops[b]);
    };
    std::string text;
    std::vector<double> others(panel.bars.size(), 0.0);
    for (std::size_t c = 0; c < component_count; ++c) {
        std::string lines;
        for (std::size_t b = 0; b < panel.bars.size(); ++b)
            if (visible[c])
                lines += box(b, panel.bars[b].values[c]);
            else
                others[b] += panel.bars[b].values[c];
        if (visible[c])
            text += block(name + "_" + class_name(c), lines);
    }
    std::string lines;
    for (std::size_t b = 0; b < panel.bars.size(); ++b)
        lines += box(b, others[b]);
    return text + block(name + "_others", lines);
}

std::string class_clauses(const std::string& name, const std::vector<bool>& visible) {
    std::string text = clause(name + "_others", colour_of_others);
    for (std::size_t c = 0; c < component_count; ++c)
        if (visible[c])
            text += ", \\\n     " + clause(name + "_" + class_name(c), colours[c]);
    return text;
}

std::string class_legend(const std::vector<bool>& visible) {
    std::string text = legend_entry("others", colour_of_others);
    for (std::size_t c = component_count; c-- > 0;)
        if (visible[c])
            text += legend_entry(class_name(c), colours[c]);
    return text;
}

}  // namespace xloop
