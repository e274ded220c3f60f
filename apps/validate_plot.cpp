#include "apps/validate_plot.hpp"

#include "apps/class_bars.hpp"
#include "apps/gnuplot.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace xloop {
namespace {

using Layer = Validation::Layer;

std::string quoted(const std::string& text) {
    std::string result;
    for (char c : text)
        result += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    return result;
}

/// One figure of every layer, estimate over cycle model.
template <class Figure>
std::string parity_panel(const Validation& v, const std::string& name, const std::string& title, double scale, Figure figure) {
    std::string plain, contended;
    double low = 1e300, high = 0;
    const Layer* worst = nullptr;
    for (const Layer& layer : v.layers) {
        const Comparison c = figure(layer);
        if (c.simulated <= 0 || c.estimated <= 0)
            continue;
        (layer.contended.empty() ? plain : contended) += fmt::format("{:.8g} {:.8g}\n", scale * c.simulated, scale * c.estimated);
        low = std::min({low, scale * c.simulated, scale * c.estimated});
        high = std::max({high, scale * c.simulated, scale * c.estimated});
        if (!worst || std::abs(c.error_percent()) > std::abs(figure(*worst).error_percent()))
            worst = &layer;
    }
    if (!worst)
        return "";
    const auto points = [&](const std::string& suffix, const std::string& lines, const std::string& style) {
        return lines.empty() ? "" : fmt::format(", \\\n     ${}_{} using 1:2 with points {}", name, suffix, style);
    };
    return fmt::format("${0}_plain << EOD\n{1}EOD\n${0}_contended << EOD\n{2}EOD\n", name, plain, contended) +
           fmt::format(R"(set title "{}"
set xrange [{:.6g}:{:.6g}]
set yrange [{:.6g}:{:.6g}]
set label 1 "largest error: {} {:+.2f} %" at graph 0.97, 0.06 right noenhanced tc rgb '#555555'
plot '+' using 1:($1*(1-{})):($1*(1+{})) with filledcurves fc rgb '#dbe7f3' title 'within {:g} %', \
     x with lines lw 1 lc rgb '#888888' title 'equal'{}{}
)",
                       title, low / 2, high * 2, low / 2, high * 2, quoted(worst->name), figure(*worst).error_percent(),
                       v.tolerances.layer_percent / 100, v.tolerances.layer_percent / 100, v.tolerances.layer_percent,
                       points("plain", plain, "pt 7 ps 0.8 lc rgb '#1f77b4' title 'layer'"),
                       points("contended", contended, "pt 6 ps 1.1 lw 1.8 lc rgb '#d95f02' title 'layer, contended'"));
}

/// Energy by class: dynamic of both, with counted data when there is, then static of both.
std::string breakdown_panel(const Validation& v) {
    ClassBars energy;
    std::string tics;
    const auto bar = [&](double centre, const char* name, auto figure) {
        PerComponent values{};
        for (std::size_t c = 0; c < component_count; ++c)
            values[c] = 1e9 * figure(v.classes[c]);
        energy.bars.push_back({centre, values});
        tics += fmt::format("{}\"{}\" {}", tics.empty() ? "" : ", ", name, centre);
    };
    bar(0, "estimate", [](const auto& c) { return c.dynamic_j.estimated; });
    bar(1, "cycle model", [](const auto& c) { return c.dynamic_j.simulated; });
    if (v.data_from_values)
        bar(2, "with data", [](const auto& c) { return c.dynamic_with_data_j; });
    const double last_dynamic = energy.bars.back().centre, first_static = last_dynamic + 1.5;
    bar(first_static, "estimate", [](const auto& c) { return c.static_j().estimated; });
    bar(first_static + 1, "cycle model", [](const auto& c) { return c.static_j().simulated; });
    double highest = 0;
    for (const ClassBars::Bar& b : energy.bars)
        highest = std::max(highest, sum_of(b.values));
    const std::vector<bool> visible = visible_classes({energy});
    return class_blocks("energy", energy, visible) + fmt::format(R"(unset label 1
unset logscale
unset grid
set grid y lc rgb '#dddddd'
set title 'energy of an image by class (nJ)'
unset xlabel
unset ylabel
set format y '%g'
set xrange [-0.6:{}]
set yrange [0:{:.6g}]
set xtics scale 0 rotate by -35 left ({})
set ytics autofreq
set key outside right center vertical Left reverse samplen 1
set label 2 'dynamic' at first {}, graph 0.96 center
set label 3 'static' at first {}, graph 0.96 center
plot {}
)",
                                                                 first_static + 1.6, 1.15 * std::max(highest, 1e-9), tics,
                                                                 last_dynamic / 2, first_static + 0.5,
                                                                 class_clauses("energy", visible, true));
}

}  // namespace

void plot_validation(const Validation& v, const std::string& svg_file) {
    std::string text = fmt::format(R"(set multiplot title "{}, {} image{}: estimate against cycle model" noenhanced
set logscale xy
set format xy '10^{{%T}}'
set grid lc rgb '#e5e5e5'
set border 3 lc rgb '#888888'
set tics nomirror tc rgb '#333333'
set key top left Left reverse samplen 1.2
set xlabel 'cycle model'
set ylabel 'estimate' offset 1,0
set bmargin 5
set origin 0,0
set size 0.3,0.94
)",
                                   quoted(v.network), v.images, v.images == 1 ? "" : "s");
    text += parity_panel(v, "cycles", "cycles of every layer", 1, [](const Layer& l) { return l.cycles; });
    text += "set origin 0.3,0\nset size 0.3,0.94\n";
    text += parity_panel(v, "energy", "energy of every layer (nJ an image)", 1e9, [](const Layer& l) { return l.energy_j; });
    text += "set origin 0.6,0\nset size 0.4,0.94\n";
    draw_svg(svg_file, 1300, 460, text + breakdown_panel(v) + "unset multiplot\n");
}

}  // namespace xloop
