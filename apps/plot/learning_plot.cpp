#include "apps/plot/learning_plot.hpp"

#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

/// Percent, or what gnuplot leaves out.
std::string percent(const Json& line, const char* where, const char* what) {
    if (!line.contains(where) || !line[where].contains(what))
        return "NaN";
    return fmt::format("{:.6g}", 100.0 * line[where][what].get<double>());
}

}  // namespace

void plot_learning(const TrainingRecord& record, const std::string& network, const std::string& svg_file) {
    if (record.epochs.empty())
        return;
    std::string rows;
    bool judged = false, attacked = false;
    for (const Json& line : record.epochs) {
        const char* where = line.contains("validation") ? "validation" : "watched";
        judged = judged || line.contains(where);
        attacked = attacked || (line.contains(where) && line[where].contains("attacked"));
        rows += fmt::format("{} {:.6g} {:.6g} {} {} {:.6g}\n", line["epoch"].get<int>(), line["loss"].get<double>(),
                            100.0 * line["accuracy"].get<double>(), percent(line, where, "clean"),
                            percent(line, where, "attacked"), line["learning_rate"].get<double>());
    }
    std::string curves = "$rows using 1:3 with linespoints pt 7 ps 0.4 lc rgb '#888888' title 'trained on'";
    if (judged)
        curves += ", $rows using 1:4 with linespoints pt 7 ps 0.4 lc rgb '#0072b2' title 'validation, clean'";
    if (attacked)
        curves += ", $rows using 1:5 with linespoints pt 7 ps 0.4 lc rgb '#d55e00' title 'validation, attacked'";
    const std::string best =
        record.best_epoch > 0
            ? fmt::format(
                  "set arrow 1 from {0},graph 0 to {0},graph 1 nohead dt 2 lc rgb '#009e73'\nset label 1 'best' at "
                  "{0},graph 0.06 offset 0.5,0 tc rgb '#009e73'\n",
                  record.best_epoch)
            : "";
    draw_svg(svg_file, 720, 640,
             fmt::format(R"($rows << EOD
{}EOD
set multiplot layout 3,1 margins 0.15,0.96,0.10,0.93 spacing 0,0.05
set grid y lc rgb '#dddddd'
set border 3 lc rgb '#888888'
set tics out nomirror
set xrange [0.5:{}]
set format x ''
set title "{}: training" noenhanced
set ylabel 'right (%)'
set key bottom right
{}plot {}
unset arrow
unset label
unset title
set ylabel 'loss'
unset key
plot $rows using 1:2 with linespoints pt 7 ps 0.4 lc rgb '#888888'
set ylabel 'learning rate'
set xlabel 'epoch'
set format x '%g'
plot $rows using 1:6 with linespoints pt 7 ps 0.4 lc rgb '#888888'
unset multiplot
)",
                         rows, static_cast<double>(record.epochs.size()) + 0.5, escaped(network), best, curves));
}

}  // namespace xloop
