#include "apps/plot/compare_plot.hpp"

#include "apps/plot/class_bars.hpp"
#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace xloop {
namespace {

/// Tableau's colours for categories; runs beyond them begin anew.
constexpr std::array<const char*, 6> colours = {"#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#b07aa1"};
constexpr std::array<const char*, 6> relative = {"latency", "interval", "energy", "area", "EDAP alone", "EDAP stream"};
constexpr std::size_t longest_bar_name = 16;

/// Names of runs below bars; numbers where names are too long for that.
std::vector<std::string> bar_names(const std::vector<RunRecord>& runs) {
    const bool fit =
        std::all_of(runs.begin(), runs.end(), [](const RunRecord& r) { return r.name.size() <= longest_bar_name; });
    std::vector<std::string> names;
    for (const RunRecord& run : runs)
        names.push_back(fit ? run.name : std::to_string(names.size() + 1));
    return names;
}

/// The name of a run in the legend, after its number when bars have numbers.
std::string legend_name(const std::vector<RunRecord>& runs, std::size_t run) {
    const std::string bar = bar_names(runs)[run], name = runs[run].name;
    return bar == name ? name : bar + ": " + name;
}

template <class Values>
ClassBars bars_of(const std::vector<RunRecord>& runs, double scale, Values values) {
    ClassBars panel;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        PerComponent bar = values(runs[r]);
        for (double& value : bar)
            value *= scale;
        panel.bars.push_back({static_cast<double>(r), bar});
    }
    return panel;
}

/// On the screen.
struct Span {
    double left, right;
};

std::string margins(Span span) {
    return fmt::format("set lmargin at screen {}\nset rmargin at screen {}\n", span.left, span.right);
}

std::string class_panel(const std::string& name, const std::string& title, const ClassBars& panel,
                        const std::vector<RunRecord>& runs, const std::vector<bool>& visible, Span span) {
    std::string tics;
    for (std::size_t r = 0; r < runs.size(); ++r)
        tics += fmt::format("{}\"{}\" {}", r == 0 ? "" : ", ", escaped(bar_names(runs)[r]), r);
    return class_blocks(name, panel, visible) + margins(span) +
           fmt::format(
               "set title '{}'\nset xrange [-0.6:{}]\nset yrange [0:{:.6g}]\nset xtics scale 0 rotate by -30 left ({}) "
               "noenhanced\nunset key\nplot {}\n",
               title, static_cast<double>(runs.size()) - 0.4, 1.08 * std::max(highest(panel), 1e-12), tics,
               class_clauses(name, visible));
}

/// An empty panel that only names the classes.
std::string legend_panel(const std::vector<bool>& visible, Span span) {
    return margins(span) +
           fmt::format(
               "unset title\nunset border\nunset tics\nset tmargin at screen 0.99\nset bmargin at screen 0.01\n"
               "set yrange [0:1]\nset key at screen {}, 0.89 left "
               "top vertical Left reverse maxcols 1 samplen 1\nplot NaN notitle{}\n",
               span.left, class_legend(visible));
}

std::string relative_panel(const RunComparison& comparison, Span span) {
    const std::size_t runs = comparison.runs.size();
    const double width = 0.8 / static_cast<double>(runs);
    std::string text, tics, plots;
    double low = 1, high = 1;
    for (std::size_t f = 0; f < relative.size(); ++f)
        tics += fmt::format("{}\"{}\" {}", f == 0 ? "" : ", ", relative[f], f);
    for (std::size_t r = 0; r < runs; ++r) {
        text += fmt::format("$relative{} << EOD\n", r);
        for (std::size_t f = 0; f < relative.size(); ++f) {
            const double ratio = comparison.find("figures", relative[f])->ratio(r);
            if (std::isnan(ratio))
                continue;
            low = ratio > 0 ? std::min(low, ratio) : low;
            high = std::max(high, ratio);
            text += fmt::format(
                "{:.6g} {:.6g} \"{:.2f}\"\n",
                static_cast<double>(f) + width * (static_cast<double>(r) - 0.5 * static_cast<double>(runs - 1)), ratio,
                ratio);
        }
        text += "EOD\n";
        plots += fmt::format(
            "{}$relative{} using 1:2:({:.6g}) with boxes fs solid 0.9 noborder fc rgb '{}' title \"{}\" noenhanced",
            r == 0 ? "" : ", \\\n     ", r, 0.94 * width, colours[r % colours.size()],
            escaped(legend_name(comparison.runs, r)));
        // Bars of more than two runs are narrower than a ratio is long.
        if (r > 0 && runs <= 5)
            plots += fmt::format(", \\\n     $relative{} using 1:2:3 with labels {} font ',9' notitle", r,
                                 runs == 2 ? "offset 0,0.5" : "rotate by 90 left offset 0,0.4");
    }
    // Bars that differ by more than a decade can be told apart on a logarithmic axis only.
    const bool logarithmic = high > 10 * low;
    const std::string axis =
        logarithmic ? fmt::format("set logscale y\nset yrange [{:.6g}:{:.6g}]\n", 0.5 * low,
                                  high * std::pow(4.0, static_cast<double>(runs) / 2))
                    : fmt::format("set yrange [0:{:.6g}]\n", high * (1.12 + 0.14 * static_cast<double>(runs)));
    return text + margins(span) +
           fmt::format(
               "set title 'relative to {}' noenhanced\nset xrange [-0.6:{}]\n{}set xtics scale 0 rotate by -30 left "
               "({})\nset key top left vertical Left reverse samplen 1\nplot 1 with lines lw 1 dt 2 lc rgb '#888888' "
               "notitle, \\\n     {}\n{}",
               escaped(bar_names(comparison.runs).front()), static_cast<double>(relative.size()) - 0.4, axis, tics,
               plots, logarithmic ? "unset logscale y\n" : "");
}

}  // namespace

void plot_comparison(const RunComparison& comparison, const std::string& svg_file) {
    const std::vector<RunRecord>& runs = comparison.runs;
    double largest = 0;
    for (const RunComparison::Line* line :
         {comparison.find("figures", "dynamic energy"), comparison.find("figures", "static energy")})
        largest = std::max(largest, *std::max_element(line->values.begin(), line->values.end()));
    const EnergyUnit unit = energy_unit(largest);
    const ClassBars dynamic = bars_of(runs, unit.per_joule, [](const RunRecord& run) { return run.dynamic_j; });
    const ClassBars constant = bars_of(runs, unit.per_joule, [](const RunRecord& run) { return run.static_j; });
    const ClassBars area = bars_of(runs, 1, [](const RunRecord& run) { return run.report.ledger.area_mm2; });
    const std::vector<bool> visible = visible_classes({dynamic, constant, area});
    std::string text = R"(set multiplot
set grid y lc rgb '#dddddd'
set border 3 lc rgb '#888888'
set tics nomirror tc rgb '#333333'
set tmargin at screen 0.87
set bmargin at screen 0.24
)";
    const bool has_static = highest(constant) > 0;
    text += class_panel("dynamic", fmt::format("dynamic energy ({} an image)", unit.name), dynamic, runs, visible,
                        {0.05, has_static ? 0.18 : 0.31});
    if (has_static)
        text += class_panel("static", fmt::format("static energy ({} an image)", unit.name), constant, runs, visible,
                            {0.24, 0.37});
    text += class_panel("area", "area (mm2)", area, runs, visible, has_static ? Span{0.42, 0.54} : Span{0.37, 0.54});
    text += relative_panel(comparison, {0.71, 0.95});
    text += legend_panel(visible, {0.555, 0.66});
    draw_svg(svg_file, 1300, 470, text + "unset multiplot\n");
}

}  // namespace xloop
