#include "apps/plot/gnuplot.hpp"
#include "apps/sweep/sweep_files.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

// Of Okabe and Ito's colours, which colour-blind people tell apart.
constexpr const char* grey = "#999999";
constexpr const char* blue = "#0072b2";
constexpr const char* orange = "#e69f00";

/// A block of data; empty where no point has both figures.
std::string points_block(const SweepResult& result, const SweepMetric& x, const SweepMetric& y, bool front) {
    std::vector<std::pair<double, double>> points;
    for (const SweepPoint& point : result.points)
        if (const auto a = result.figure(point, x.name), b = result.figure(point, y.name);
            a && b && point.on_front == front)
            points.emplace_back(x.scale * *a, y.scale * *b);
    std::sort(points.begin(), points.end());
    std::string text;
    for (const auto& [a, b] : points)
        text += fmt::format("{:.6e} {:.6e}\n", a, b);
    return text;
}

/// Figures of hardware spread over decades.
bool logarithmic(const SweepResult& result, const SweepMetric& metric) {
    double least = INFINITY, largest = 0;
    for (const SweepPoint& point : result.points)
        if (const auto value = result.figure(point, metric.name)) {
            least = std::min(least, *value);
            largest = std::max(largest, *value);
        }
    return least > 0 && largest / least > 5;
}

void plot_front(const SweepResult& result, const std::string& file) {
    if (result.objectives.size() < 2)
        return;
    const SweepMetric &x = result.metric(result.objectives[0]), &y = result.metric(result.objectives[1]);
    const std::string others = points_block(result, x, y, false), front = points_block(result, x, y, true);
    if (front.empty())
        return;
    std::string script =
        fmt::format("$others << EOD\n{}EOD\n$front << EOD\n{}EOD\nset xlabel \"{}\"\nset ylabel \"{}\"\n{}{}", others,
                    front, escaped(x.heading), escaped(y.heading), logarithmic(result, x) ? "set logscale x\n" : "",
                    logarithmic(result, y) ? "set logscale y\n" : "");
    script +=
        "set grid lc rgb '#dddddd'\nset key outside top center horizontal\nset offsets graph 0.05, graph 0.05, graph "
        "0.05, graph 0.05\n";
    const std::string all =
        others.empty() ? ""
                       : fmt::format("$others using 1:2 with points pt 7 ps 0.5 lc rgb '{}' title 'points', ", grey);
    // With three objectives or more the front is no line in the plane of two.
    script += fmt::format("plot {}$front using 1:2 with {} pt 7 ps 0.8 lc rgb '{}' title 'Pareto front'\n", all,
                          result.objectives.size() == 2 ? "linespoints" : "points", blue);
    draw_svg(file, 860, 520, script);
}

/// Panels of one height, two in a row.
void plot_effects(const SweepResult& result, const std::string& file) {
    const SweepMetric& metric = result.metric(result.objectives.front());
    const std::vector<SweepResult::Effect> effects = result.effects(metric.name);
    if (effects.empty())
        return;
    const int columns = effects.size() > 1 ? 2 : 1, rows = (static_cast<int>(effects.size()) + columns - 1) / columns;
    std::string script;
    for (std::size_t e = 0; e < effects.size(); ++e) {
        script += fmt::format("$effect{} << EOD\n", e);
        for (std::size_t l = 0; l < effects[e].levels.size(); ++l) {
            const auto& level = effects[e].levels[l];
            script += fmt::format("{} {:.6e} {:.6e} {:.6e} \"{}\"\n", l, metric.scale * level.mean,
                                  metric.scale * level.least, metric.scale * level.largest, escaped(level.value));
        }
        script += "EOD\n";
    }
    script += fmt::format("set multiplot layout {},{}\nset grid ytics lc rgb '#dddddd'\nunset key\n{}", rows, columns,
                          logarithmic(result, metric) ? "set logscale y\nset format y '%g'\n" : "");
    for (std::size_t e = 0; e < effects.size(); ++e) {
        const auto& effect = effects[e];
        const std::size_t every = effect.levels.size() / 8 + 1;
        std::string tics;
        for (std::size_t l = 0; l < effect.levels.size(); l += every)
            tics += fmt::format("{}\"{}\" {}", l == 0 ? "" : ", ", escaped(effect.levels[l].value), l);
        script += fmt::format(
            "set title \"{}{}\" noenhanced\nset ylabel \"{}\"\nset xrange [-0.5:{}]\nset xtics ({}) noenhanced\n"
            "plot $effect{} using 1:2:3:4 with yerrorbars lw 1 ps 0 lc rgb '{}', '' using 1:2 with linespoints pt 7 lw "
            "1.5 lc rgb '{}'\n",
            escaped(effect.parameter),
            std::isnan(effect.explained) ? "" : fmt::format(", explains {:.0f} %", 100 * effect.explained),
            escaped(metric.heading), static_cast<double>(effect.levels.size()) - 0.5, tics, e, grey, blue);
    }
    draw_svg(file, columns == 2 ? 860 : 520, 260 * rows, script + "unset multiplot\n");
}

void plot_tornado(const SweepResult& result, const std::string& file) {
    const SweepMetric& metric = result.metric(result.objectives.front());
    std::vector<SweepResult::Swing> swings = result.tornado(metric.name);
    if (swings.empty())
        return;
    std::reverse(swings.begin(), swings.end());
    std::string script = "$swings << EOD\n", tics, labels;
    const double base = metric.scale * swings.front().base;
    for (std::size_t i = 0; i < swings.size(); ++i) {
        const auto& swing = swings[i];
        script += fmt::format("{} {:.6e} {:.6e} \"{}\" \"{}\"\n", i, metric.scale * swing.low,
                              metric.scale * swing.high, escaped(swing.low_value), escaped(swing.high_value));
        tics += fmt::format("{}\"{}\" {}", i == 0 ? "" : ", ", escaped(swing.parameter), i);
    }
    script += fmt::format(
        "EOD\nset ytics ({}) noenhanced\nset xlabel \"{}\"\nset grid xtics lc rgb '#dddddd'\nunset key\nset yrange "
        "[-0.6:{}]\n"
        "set offsets graph 0.12, graph 0.12, 0, 0\nset arrow from {:.6e}, graph 0 to {:.6e}, graph 1 nohead lc rgb "
        "'black'\n"
        "plot $swings using (0.5*({:.6e}+$2)):1:(0.5*({:.6e}-$2)):(0.35) with boxxyerror fs solid noborder lc rgb "
        "'{}', "
        "'' using (0.5*({:.6e}+$3)):1:(0.5*($3-{:.6e})):(0.35) with boxxyerror fs solid noborder lc rgb '{}', "
        "'' using 2:1:4 with labels noenhanced right offset -0.5,0, '' using 3:1:5 with labels noenhanced left offset "
        "0.5,0\n",
        tics, escaped(metric.heading), static_cast<double>(swings.size()) - 0.4, base, base, base, base, blue, base,
        base, orange);
    draw_svg(file, 860, 120 + 40 * static_cast<int>(swings.size()), script);
}

}  // namespace

void plot_sweep(const SweepResult& result, const std::string& folder) {
    plot_front(result, folder + "/front.svg");
    plot_effects(result, folder + "/effects.svg");
    plot_tornado(result, folder + "/tornado.svg");
}

}  // namespace xloop
