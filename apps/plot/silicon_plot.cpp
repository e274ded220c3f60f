#include "apps/plot/silicon_plot.hpp"

#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

struct Curve {
    std::string name, rows;  ///< rows: x, published, blind, fitted
    int points = 0;
    double low = 1e300, high = 0;
};

std::vector<Curve> curves_of(const SiliconComparison& c) {
    std::vector<Curve> curves;
    for (const FigureAgainstSilicon& f : c.figures) {
        const SiliconPoint& point = c.chip.points[f.point];
        if (!point.x || f.role == FigureAgainstSilicon::Role::given)
            continue;
        const std::string name = fmt::format("{} ({})", f.figure.name(), f.figure.unit->name);
        auto curve = std::find_if(curves.begin(), curves.end(), [&](const Curve& k) { return k.name == name; });
        if (curve == curves.end())
            curve = curves.insert(curves.end(), Curve{name, {}});
        curve->rows += fmt::format("{:.8g} {:.8g} {:.8g} {:.8g}\n", *point.x, f.figure.value, f.blind, f.fitted);
        ++curve->points;
        curve->low = std::min({curve->low, f.figure.value, f.blind, f.fitted});
        curve->high = std::max({curve->high, f.figure.value, f.blind, f.fitted});
    }
    curves.erase(std::remove_if(curves.begin(), curves.end(), [](const Curve& k) { return k.points < 2; }),
                 curves.end());
    return curves;
}

std::string fitted_clause(const SiliconComparison& c, const char* data) {
    return c.chip.fit
               ? fmt::format(", \\\n     {} using 1:4 with lines lw 2 lc rgb '#1f77b4' title 'one constant fitted'",
                             data)
               : "";
}

std::string curve_panel(const SiliconComparison& c, const Curve& curve) {
    return fmt::format(R"($curve << EOD
{}EOD
set title "{}" noenhanced
set yrange [{:.6g}:{:.6g}]
plot $curve using 1:2 with points pt 7 ps 0.9 lc rgb '#d95f02' title 'published', \
     $curve using 1:3 with lines dt 2 lw 1.5 lc rgb '#777777' title 'blind'{}
)",
                       curve.rows, escaped(curve.name), curve.low / 1.3, curve.high * 1.3, fitted_clause(c, "$curve"));
}

std::string ratio_panel(const SiliconComparison& c) {
    std::string rows, tics;
    int x = 0;
    for (const FigureAgainstSilicon& f : c.figures) {
        if (f.role == FigureAgainstSilicon::Role::given)
            continue;
        rows += fmt::format("{} 1 {:.6g} {:.6g}\n", x, f.blind_ratio(), f.fitted_ratio());
        tics += fmt::format("{}\"{}: {}\" {}", x ? ", " : "", escaped(c.chip.points[f.point].name),
                            escaped(f.figure.name()), x);
        ++x;
    }
    return fmt::format(R"($ratios << EOD
{}EOD
set title 'predicted / published'
set xrange [-0.6:{}]
set autoscale y
unset xlabel
set rmargin 24
set xtics rotate by -40 left noenhanced ({})
plot $ratios using 1:2 with lines lc rgb '#d95f02' title 'published', \
     $ratios using 1:3 with points pt 6 ps 1 lc rgb '#777777' title 'blind'{}
)",
                       rows, x - 0.4, tics,
                       c.chip.fit ? ", \\\n     $ratios using 1:4 with points pt 7 ps 0.8 lc rgb '#1f77b4' title 'one "
                                    "constant fitted'"
                                  : "");
}

}  // namespace

void plot_silicon(const SiliconComparison& c, const std::string& svg_file) {
    const std::vector<Curve> curves = curves_of(c);
    const int panels = std::max<int>(1, static_cast<int>(curves.size()));
    const int across = std::min(panels, 3), down = (panels + across - 1) / across;
    std::string text = fmt::format(R"(set multiplot layout {},{} title "{}" noenhanced
set grid lc rgb '#e5e5e5'
set border 3 lc rgb '#888888'
set tics nomirror tc rgb '#333333'
set logscale y
set key above horizontal Left reverse samplen 1.5 font ',10'
set xlabel "{}" noenhanced
)",
                                   down, across, escaped(c.chip.name), escaped(c.chip.axis));
    for (const Curve& curve : curves)
        text += curve_panel(c, curve);
    if (curves.empty())
        text += ratio_panel(c);
    draw_svg(svg_file, curves.empty() ? 760 : 400 * across, curves.empty() ? 460 : 290 * down + 30,
             text + "unset multiplot\n");
}

}  // namespace xloop
