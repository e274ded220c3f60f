#include "apps/plot/validate_plot.hpp"

#include "apps/plot/class_bars.hpp"
#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

using Layer = Validation::Layer;

/// Of 1, 2, 5, 10, ...: not more than five labels from -high to high.
double tic_step(double high) {
    const double decade = std::pow(10.0, std::floor(std::log10(high / 2)));
    for (double step : {1.0, 2.0, 5.0})
        if (step * decade * 2 >= high)
            return step * decade;
    return 10 * decade;
}

/// Points of one figure of every layer, with what the axes must hold.
struct Parity {
    std::string plain, contended;  ///< simulated, estimated, error in percent
    double low = 1e300, high = 0, error = 0;
    std::string worst_layer;
    double worst_percent = 0;

    void add(const Layer& layer, const Comparison& c, double scale) {
        const double percent = c.error_percent();
        (layer.contended.empty() ? plain : contended) +=
            fmt::format("{:.8g} {:.8g} {:.6g}\n", scale * c.simulated, scale * c.estimated, percent);
        low = std::min({low, scale * c.simulated, scale * c.estimated});
        high = std::max({high, scale * c.simulated, scale * c.estimated});
        error = std::max(error, std::abs(percent));
        if (worst_layer.empty() || std::abs(percent) > std::abs(worst_percent)) {
            worst_layer = layer.name;
            worst_percent = percent;
        }
    }

    /// Clauses that plot a column over the first.
    std::string points(const std::string& name, int column) const {
        std::string clauses;
        if (!plain.empty())
            clauses += fmt::format(
                ", \\\n     ${}_plain using 1:{} with points pt 7 ps 0.8 lc rgb '#1f77b4' title 'layer'", name, column);
        if (!contended.empty())
            clauses += fmt::format(
                ", \\\n     ${}_contended using 1:{} with points pt 6 ps 1.1 lw 1.8 lc rgb '#d95f02' title "
                "'layer, contended'",
                name, column);
        return clauses;
    }
};

/// One figure of every layer: estimate over cycle model, and below it the error. `left` and `right` are on the screen.
template <class Figure>
std::string parity_panels(const Validation& v, const std::string& name, const std::string& title, double left,
                          double right, double scale, Figure figure) {
    Parity parity;
    for (const Layer& layer : v.layers)
        if (const Comparison c = figure(layer); c.simulated > 0 && c.estimated > 0)
            parity.add(layer, c, scale);
    if (parity.worst_layer.empty())
        return "";
    const double tolerance = v.tolerances.layer_percent, low = parity.low, high = parity.high,
                 shown_error = 1.25 * std::max({parity.error, tolerance, 0.1});
    std::string text =
        fmt::format("${0}_plain << EOD\n{1}EOD\n${0}_contended << EOD\n{2}EOD\n", name, parity.plain, parity.contended);
    text += fmt::format(
        R"(set title "{}"
set lmargin at screen {}
set rmargin at screen {}
set tmargin at screen 0.85
set bmargin at screen 0.40
set logscale xy
set format xy '10^{{%T}}'
set xrange [{:.6g}:{:.6g}]
set yrange [{:.6g}:{:.6g}]
set format x ''
unset xlabel
set ylabel 'estimate' offset 1,0
set key top left Left reverse samplen 1.2
set label 1 "{}" at graph 0.97, 0.07 right noenhanced front tc rgb '#555555' font ',11'
plot '+' using 1:($1*{}):($1*{}) with filledcurves fc rgb '#dbe7f3' title 'within {:g} %', \
     x with lines lw 1 lc rgb '#888888' title 'equal'{}
)",
        title, left, right, low / 2, high * 2, low / 2, high * 2,
        parity.worst_percent == 0
            ? "all equal"
            : fmt::format("largest error: {} {:+.2g} %", escaped(parity.worst_layer), parity.worst_percent),
        1 - tolerance / 100, 1 + tolerance / 100, tolerance, parity.points(name, 2));
    return text + fmt::format(R"(unset title
unset key
set tmargin at screen 0.36
set bmargin at screen 0.14
unset logscale y
set format x '10^{{%T}}'
set format y '%g'
set yrange [{:.6g}:{:.6g}]
set xlabel 'cycle model'
set ylabel 'error (%)' offset 1,0
unset label 1
set ytics {}
plot '+' using 1:({}):({}) with filledcurves fc rgb '#dbe7f3', 0 with lines lw 1 lc rgb '#888888'{}
set ytics autofreq
)",
                              -shown_error, shown_error, tic_step(shown_error), -tolerance, tolerance,
                              parity.points(name, 3));
}

/// Energy by class: dynamic of both, with counted data when there is, then static of both.
std::string breakdown_panel(const Validation& v) {
    const auto total = [&](auto figure) {
        double sum = 0;
        for (const Validation::Class& c : v.classes)
            sum += figure(c);
        return sum;
    };
    const EnergyUnit unit = energy_unit(std::max(total([](const auto& c) { return c.dynamic_j.simulated; }),
                                                 total([](const auto& c) { return c.static_j().simulated; })));
    ClassBars energy;
    std::string tics;
    const auto bar = [&](double centre, const char* name, auto figure) {
        PerComponent values{};
        for (const Validation::Class& c : v.classes)
            values[static_cast<std::size_t>(c.component)] = unit.per_joule * figure(c);
        energy.bars.push_back({centre, values});
        tics += fmt::format("{}\"{}\" {}", tics.empty() ? "" : ", ", name, centre);
    };
    bar(0, "estimate", [](const auto& c) { return c.dynamic_j.estimated; });
    bar(1, "cycle model", [](const auto& c) { return c.dynamic_j.simulated; });
    if (v.data_from_values)
        bar(2, "with data", [](const auto& c) { return c.dynamic_with_data_j; });
    const bool has_static =
        std::any_of(v.classes.begin(), v.classes.end(), [](const auto& c) { return c.static_j().simulated > 0; });
    const double last_dynamic = energy.bars.back().centre, first_static = last_dynamic + 1.5;
    if (has_static) {
        bar(first_static, "estimate", [](const auto& c) { return c.static_j().estimated; });
        bar(first_static + 1, "cycle model", [](const auto& c) { return c.static_j().simulated; });
    }
    const std::vector<bool> visible = visible_classes({energy});
    return class_blocks("energy", energy, visible) +
           fmt::format(R"(unset logscale
unset grid
set grid y lc rgb '#dddddd'
set lmargin at screen 0.69
set rmargin at screen 0.87
set tmargin at screen 0.85
set bmargin at screen 0.20
set title 'energy of an image by class ({})'
unset xlabel
unset ylabel
set format y '%g'
set xrange [-0.6:{}]
set yrange [0:{:.6g}]
set xtics scale 0 rotate by -35 left ({})
set ytics autofreq
set key at screen 0.885, 0.87 left top vertical maxcols 1 Left reverse samplen 1
set label 2 'dynamic' at first {}, graph 0.96 center
set label 3 '{}' at first {}, graph 0.96 center
plot {}
)",
                       unit.name, first_static + 1.6, 1.15 * std::max(highest(energy), 1e-9), tics, last_dynamic / 2,
                       has_static ? "static" : "no static", first_static + 0.5,
                       class_clauses("energy", visible) + class_legend(visible));
}

}  // namespace

void plot_validation(const Validation& v, const std::string& svg_file) {
    std::string text = fmt::format(R"(set multiplot title "{}, {} image{}: estimate against cycle model" noenhanced
set samples 2
set grid lc rgb '#e5e5e5'
set border 3 lc rgb '#888888'
set tics nomirror tc rgb '#333333'
)",
                                   escaped(v.network), v.images, v.images == 1 ? "" : "s");
    text += parity_panels(v, "cycles", "cycles of every layer", 0.06, 0.29, 1, [](const Layer& l) { return l.cycles; });
    text += parity_panels(v, "energy", "energy of every layer (nJ an image)", 0.37, 0.60, 1e9,
                          [](const Layer& l) { return l.energy_j; });
    draw_svg(svg_file, 1300, 520, text + breakdown_panel(v) + "unset multiplot\n");
}

}  // namespace xloop
