#include "apps/noc/noc_plot.hpp"

#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {

void plot_noc_sweep(const std::string& title, const std::vector<NocPoint>& points, double saturation_rate,
                    const std::string& svg_file) {
    std::string text = "$stable << EOD\n";
    double highest = 0.0, slowest = 0.0, fastest = 1e300;
    for (const NocPoint& p : points) {
        highest = std::max(highest, p.offered_rate);
        if (p.measured.packets == 0)
            continue;
        fastest = std::min(fastest, p.measured.packet_latency_avg);
        if (p.measured.saturated())
            continue;
        slowest = std::max(slowest, p.measured.packet_latency_avg);
        text += fmt::format("{:.6g} {:.6g}\n", p.offered_rate, p.measured.packet_latency_avg);
    }
    text += "EOD\n$accepted << EOD\n";
    for (const NocPoint& p : points)
        text +=
            fmt::format("{:.6g} {:.6g} {}\n", p.offered_rate, p.measured.accepted_rate, p.measured.saturated() ? 6 : 7);
    slowest = std::max(slowest, 1.5 * fastest);
    text += fmt::format(R"(EOD
set encoding utf8
set multiplot layout 1,2 title "{}" noenhanced
set grid lc rgb '#dddddd'
set xrange [0:{:.6g}]
set xlabel 'offered rate (flits per node and cycle)'
set arrow 1 from first {:.6g}, graph 0 to first {:.6g}, graph 1 nohead dt 2 lc rgb '#888888'
set yrange [0:{:.6g}]
set ylabel 'mean packet latency (cycles)'
plot $stable using 1:2 with linespoints pt 7 ps 0.7 lw 1.8 lc rgb '#1f77b4' notitle
set yrange [0:*]
set ylabel 'accepted rate (flits per node and cycle)'
set key bottom right
plot x with lines dt 3 lc rgb '#888888' title 'all accepted', \
     $accepted using 1:2:3 with linespoints pt variable ps 0.7 lw 1.8 lc rgb '#d62728' title 'accepted (open: unstable)', \
     NaN with lines dt 2 lc rgb '#888888' title 'saturation {:.3f}'
unset multiplot
)",
                        title, 1.05 * highest, saturation_rate, saturation_rate, 1.1 * slowest, saturation_rate);
    draw_svg(svg_file, 980, 430, text);
}

}  // namespace xloop
