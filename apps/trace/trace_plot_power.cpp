#include "apps/plot/class_bars.hpp"
#include "apps/plot/gnuplot.hpp"
#include "apps/trace/time_axis.hpp"
#include "apps/trace/trace_plot.hpp"
#include "core/error.hpp"
#include "traces/tools/trace_kind.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// Columns of the picture: about one for each of its pixels.
constexpr std::size_t most_columns = 900;
constexpr std::size_t first_class = 4;

struct PowerWindow {
    double start_s, end_s;
    PerComponent watts;
    double total() const { return sum_of(watts); }
};

std::vector<PowerWindow> read_windows(const std::string& file, const TracePlot& plot) {
    CsvRows rows = trace::csv_rows(file);
    std::vector<std::size_t> column(component_count);
    for (std::size_t c = 0; c < component_count; ++c) {
        const std::string name = std::string(name_of(static_cast<Component>(c))) + "_w";
        const auto found = std::find(rows.header().begin(), rows.header().end(), name);
        if (found == rows.header().end() && !is_optional(static_cast<Component>(c)))
            throw InputError(fmt::format("{}:1: no column `{}`; expected power of every class", file, name));
        column[c] = static_cast<std::size_t>(found - rows.header().begin());
    }
    std::vector<PowerWindow> windows;
    while (rows.next()) {
        PowerWindow window{std::max(rows.number(2, 0), plot.from_s), std::min(rows.number(3, 0), plot.to_s), {}};
        if (window.start_s >= window.end_s)
            continue;
        for (std::size_t c = 0; c < component_count; ++c)
            window.watts[c] = column[c] < rows.header().size() ? rows.number(column[c], 0) : 0.0;
        windows.push_back(window);
    }
    if (windows.empty())
        throw InputError(fmt::format("{}: no window within the times asked for", file));
    return windows;
}

/// Neighbours drawn as one, with their mean power.
struct Columns {
    std::vector<PowerWindow> means;
    std::vector<double> peaks;  ///< highest window of each
    std::size_t merged = 1;     ///< windows in one
};

Columns columns_of(const std::vector<PowerWindow>& windows) {
    Columns columns;
    columns.merged = (windows.size() + most_columns - 1) / most_columns;
    for (std::size_t w = 0; w < windows.size(); ++w) {
        const PowerWindow& window = windows[w];
        const bool apart = !columns.means.empty() && window.start_s > columns.means.back().end_s * (1 + 1e-12);
        if (w % columns.merged == 0 || apart) {
            columns.means.push_back({window.start_s, window.start_s, {}});
            columns.peaks.push_back(0);
        }
        PowerWindow& mean = columns.means.back();
        const double before = mean.end_s - mean.start_s, length = window.end_s - window.start_s;
        for (std::size_t c = 0; c < component_count; ++c)
            mean.watts[c] = (mean.watts[c] * before + window.watts[c] * length) / (before + length);
        mean.end_s = window.end_s;
        columns.peaks.back() = std::max(columns.peaks.back(), window.total());
    }
    return columns;
}

/// Where the axis ends: at the peak, or lower where single columns would squeeze all others into a line.
double top_of_axis(const Columns& columns, double peak) {
    std::vector<double> totals;
    for (const PowerWindow& mean : columns.means)
        totals.push_back(mean.total());
    const auto high = totals.begin() + static_cast<std::ptrdiff_t>(totals.size() * 98 / 100);
    std::nth_element(totals.begin(), high, totals.end());
    return 8 * *high < peak ? 2 * *high : peak;
}

PowerWindow mean_of(const std::vector<PowerWindow>& windows) {
    PowerWindow mean{windows.front().start_s, windows.back().end_s, {}};
    double seconds = 0;
    for (const PowerWindow& w : windows) {
        seconds += w.end_s - w.start_s;
        for (std::size_t c = 0; c < component_count; ++c)
            mean.watts[c] += w.watts[c] * (w.end_s - w.start_s);
    }
    for (double& watts : mean.watts)
        watts /= seconds;
    return mean;
}

/// Steps: x and height at both ends of every column, 0 between columns that are apart.
std::string steps(const std::string& name, const std::vector<PowerWindow>& columns, const std::vector<double>& heights,
                  const TimeAxis& axis) {
    std::string text = fmt::format("${} << EOD\n", name);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const double left = axis.at(1e6 * columns[i].start_s), right = axis.at(1e6 * columns[i].end_s);
        if (i == 0 || columns[i].start_s > columns[i - 1].end_s * (1 + 1e-12))
            text += fmt::format("{:.9g} 0\n", left);
        text += fmt::format("{:.9g} {:.6g}\n{:.9g} {:.6g}\n", left, heights[i], right, heights[i]);
        if (i + 1 == columns.size() || columns[i + 1].start_s > columns[i].end_s * (1 + 1e-12))
            text += fmt::format("{:.9g} 0\n", right);
    }
    return text + "EOD\n";
}

/// Data and plot clauses.
struct Drawn {
    std::string data, clauses;
};

/// From the bottom: others, then the classes; each is painted over by those below it.
Drawn stacked(const Columns& columns, const std::vector<bool>& visible, double scale, const TimeAxis& axis) {
    std::vector<double> top(columns.means.size(), 0.0);
    std::string data, layers;
    const auto add = [&](const std::string& name, const char* colour, auto&& watts) {
        for (std::size_t i = 0; i < top.size(); ++i)
            top[i] += scale * watts(columns.means[i]);
        data += steps(name, columns.means, top, axis);
        layers = fmt::format(
                     ", \\\n     ${} using 1:2 with filledcurves y=0 fs solid 1 noborder fc rgb '{}' title \"{}\" "
                     "noenhanced",
                     name, colour, name) +
                 layers;
    };
    add("others", colour_of_others, [&](const PowerWindow& w) {
        double sum = 0;
        for (std::size_t c = 0; c < component_count; ++c)
            sum += visible[c] ? 0.0 : w.watts[c];
        return sum;
    });
    for (std::size_t c = 0; c < component_count; ++c)
        if (visible[c])
            add(name_of(static_cast<Component>(c)), class_colour(static_cast<Component>(c)),
                [c](const PowerWindow& w) { return w.watts[c]; });
    return {data, layers};
}

}  // namespace

void plot_trace_power(const std::string& file, const TracePlot& plot, const std::string& svg_file) {
    const std::vector<PowerWindow> windows = read_windows(file, plot);
    const Columns columns = columns_of(windows);
    const PowerWindow mean = mean_of(windows);
    const auto peak = std::max_element(windows.begin(), windows.end(), [](const PowerWindow& a, const PowerWindow& b) {
        return a.total() < b.total();
    });
    const double scale = peak->total() < 1e-3 ? 1e6 : peak->total() < 1 ? 1e3 : 1;
    const char* unit = scale == 1 ? "W" : scale == 1e3 ? "mW" : "uW";
    const std::vector<bool> visible = visible_classes({ClassBars{{{0, mean.watts}, {1, peak->watts}}, 1}});

    std::vector<TimeAxis::Interval> shown;
    for (const PowerWindow& column : columns.means)
        shown.emplace_back(1e6 * column.start_s, 1e6 * column.end_s);
    const TimeAxis axis(std::move(shown));
    const auto [data, layers] = stacked(columns, visible, scale, axis);
    std::string peaks_data;
    std::string lines;
    if (columns.merged > 1) {
        std::vector<double> peaks = columns.peaks;
        for (double& p : peaks)
            p *= scale;
        peaks_data = steps("peaks", columns.means, peaks, axis);
        lines +=
            fmt::format(", \\\n     $peaks using 1:2 with lines lw 1 lc rgb '#333333' title 'highest of {} windows'",
                        columns.merged);
    }
    lines += fmt::format(", \\\n     {:.9g} with lines lw 1.5 dt 2 lc rgb '#333333' title 'mean {:.4g} {}'",
                         scale * sum_of(mean.watts), scale * sum_of(mean.watts), unit);
    const double top = top_of_axis(columns, peak->total());
    const std::string title =
        plot.title.empty()
            ? fmt::format("power by class: peak {:.4g} {} at {:.6g} us{}, windows of {:.4g} ns", scale * peak->total(),
                          unit, 1e6 * peak->start_s, top < peak->total() ? " (beyond the axis)" : "",
                          1e9 * (windows.front().end_s - windows.front().start_s))
            : plot.title;
    draw_svg(svg_file, 1100, 460,
             data + peaks_data +
                 fmt::format(R"(set title "{}" noenhanced
set xlabel 'time (us)'
set ylabel 'power ({})'
set tics out nomirror tc rgb '#333333'
{}set yrange [0:{:.6g}]
set grid y lc rgb '#dddddd'
set border 3 lc rgb '#888888'
set key outside right top vertical Left reverse samplen 1.5 width -2
plot {}{}
)",
                             escaped(title), unit, axis.commands(), 1.06 * scale * top, layers.substr(8), lines));
}

}  // namespace xloop
