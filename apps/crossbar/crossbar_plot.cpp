#include "apps/crossbar/crossbar_plot.hpp"

#include "apps/plot/gnuplot.hpp"
#include "core/csv_matrix.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

std::string title(const CrossbarJob& job) {
    const Parasitics& p = job.model.parasitics;
    const CellCurve& curve = job.model.curve;
    return fmt::format(
        "{} x {} array, all rows at {:.4g} V, {} circuit\\n"
        "driver {:.4g}, row wire {:.4g}, column wire {:.4g}, sense {:.4g}{} Ω{}",
        job.g.rows(), job.g.cols(), job.read_voltage_v, name_of(job.model.circuit), p.r_driver, p.r_wire_row,
        p.r_wire_col, p.r_sense, curve.r_access_ohm > 0.0 ? fmt::format(", access {:.4g}", curve.r_access_ohm) : "",
        curve.linear() ? "" : fmt::format(", alpha {:.4g} / V", curve.alpha_per_volt));
}

/// Between whole rows or columns, at most ten labels: 1, 2, 5, 10, ...
int tic_step(Eigen::Index count) {
    for (int decade = 1;; decade *= 10)
        for (int step : {decade, 2 * decade, 5 * decade})
            if (step * 10 >= count)
                return step;
}

}  // namespace

void plot_voltage_loss(const CrossbarJob& job, const Eigen::MatrixXd& loss, const std::string& svg_file) {
    const auto rows = static_cast<double>(loss.rows()), cols = static_cast<double>(loss.cols());
    const double ratio = std::clamp(rows / cols, 0.25, 2.0);
    const Spread spread = spread_of(loss);
    const double low = 100.0 * loss.minCoeff(), high = 100.0 * loss.maxCoeff();
    const double shown_width = high - low > 1e-6 ? high - low : 1.0;  // gnuplot accepts no empty range
    // A vector picture has a rectangle for each cell, sharp at any size; large arrays are one embedded bitmap.
    const bool small = loss.size() <= 64 * 64;
    // gnuplot draws no picture of a single row or column: its twin lies outside the axes.
    const Eigen::MatrixXd shown = 100.0 * loss.replicate(loss.rows() == 1 ? 2 : 1, loss.cols() == 1 ? 2 : 1);
    std::string text = fmt::format("$loss << EOD\n{}EOD\n$largest << EOD\n{},{}\nEOD\n", csv_text(shown, 6),
                                   spread.column, spread.row);
    text +=
        fmt::format(R"(set encoding utf8
set datafile separator comma
set title "{}" noenhanced
set palette defined (0 '#fcfdbf', 0.25 '#fe9f6d', 0.5 '#de4968', 0.75 '#8c2981', 0.9 '#3b0f70', 1 '#000004')
set size ratio {:.4f}
set xrange [-0.5:{}]
set yrange [{}:-0.5]
set cbrange [{:.6e}:{:.6e}]
set format cb '%.4g'
set xlabel 'column (sensed at this end)'
set ylabel 'row (driven at this end)'
set cblabel 'loss of cell voltage (%)' offset 1.5,0
set tics out nomirror
set xtics {}
set ytics {}
set key at graph 0.5, character 1.3 center center Left reverse
set bmargin 6
plot $loss matrix with image{} notitle, \
     $largest with points pt 6 ps 1.6 lw 2 lc rgb '#00a0a0' \
     title 'largest: {:.4g} % at row {}, column {}'
)",
                    title(job), ratio, cols - 0.5, rows - 0.5, low, low + shown_width, tic_step(loss.cols()),
                    tic_step(loss.rows()), small ? " pixels" : "", 100.0 * spread.largest, spread.row, spread.column);
    draw_svg(svg_file, 760, 180 + static_cast<int>(500.0 * std::min(ratio, 1.0)), text);
}

}  // namespace xloop
