#include "apps/search/pareto_plot.hpp"

#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

template <class Keep, class Line>
std::string block(const char* name, const std::vector<SubnetRecord>& subnets, Keep keep, Line line) {
    std::string text = fmt::format("${} << EOD\n", name);
    for (const SubnetRecord& s : subnets)
        if (keep(s))
            text += line(s);
    return text + "EOD\n";
}

std::string script(std::vector<SubnetRecord> subnets) {
    std::sort(subnets.begin(), subnets.end(),
              [](const SubnetRecord& a, const SubnetRecord& b) { return a.estimate.edap() < b.estimate.edap(); });
    const auto point = [](const SubnetRecord& s, double accuracy) {
        return fmt::format("{:.6e} {:.3f} \"{}\"\n", s.estimate.edap(), 100 * accuracy, s.path);
    };
    const auto all = [](const SubnetRecord&) { return true; };
    const auto chip = [&](const SubnetRecord& s) { return point(s, s.accuracy.robust(AccuracyCell::Engine::chip)); };
    std::string text = block("software", subnets, all, [&](const SubnetRecord& s) {
        return point(s, s.accuracy.robust(AccuracyCell::Engine::software));
    });
    text += block("chip", subnets, all, chip);
    text += block(
        "front", subnets, [](const SubnetRecord& s) { return s.on_front; }, chip);
    text += block(
        "chosen", subnets, [](const SubnetRecord& s) { return s.chosen; }, chip);
    return text + fmt::format(R"(set xlabel 'EDAP (J s mm^2), energy x latency x area'
set ylabel 'accuracy under PGD (%)'
set logscale x
set format x '%.0e'
set xrange [{:.6e}:{:.6e}]
set offsets 0, 0, graph 0.12, graph 0.12
set grid lc rgb '#dddddd'
set key outside top center horizontal
plot $software using 1:2 with points pt 6 ps 1.1 lc rgb '#888888' title 'software', \
     $front using 1:2 with lines lw 1.5 lc rgb '#1f77b4' title 'Pareto front', \
     $chip using 1:2 with points pt 7 ps 0.9 lc rgb '#1f77b4' title 'chip', \
     $chosen using 1:2 with points pt 6 ps 2.2 lw 2 lc rgb '#d62728' title 'chosen', \
     $chosen using 1:2:3 with labels noenhanced offset 0,-1.3 font ',10' notitle
)",
                              subnets.front().estimate.edap() / 2, subnets.back().estimate.edap() * 2);
}

}  // namespace

void plot_pareto(const std::vector<SubnetRecord>& subnets, const std::string& svg_file) {
    draw_svg(svg_file, 860, 520, script(subnets));
}

}  // namespace xloop
