#include "apps/plot/attack_plot.hpp"

#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace xloop {
namespace {

/// Robust shares of the chips, or of the one network, at one place of a curve.
using Curve = std::map<double, std::vector<double>>;

struct Panel {
    std::string axis;
    std::vector<std::pair<std::string, Curve>> curves;

    void add(const std::string& title, double at, double share) {
        auto found = std::find_if(curves.begin(), curves.end(), [&](const auto& c) { return c.first == title; });
        if (found == curves.end())
            found = curves.insert(curves.end(), {title, {}});
        found->second[at].push_back(share);
    }
};

/// What a curve belongs to, without the chip.
std::string tested(const RobustnessCell& cell) {
    std::string text = fmt::format("{}, {}", name_of(cell.threat), name_of(cell.engine.kind));
    if (cell.engine.recalibrated)
        text += " recalibrated";
    return cell.engine.faults.empty() ? text : text + ", " + cell.engine.faults;
}

double share_of(const RobustnessCell& cell) {
    return 100.0 * static_cast<double>(cell.robust_count()) / static_cast<double>(cell.images.size());
}

/// How the axis shows a bound: L-infinity in levels of 8 bits.
double shown(const RobustnessCell& cell) {
    return cell.how.norm == Norm::linf ? 255.0 * cell.how.epsilon : cell.how.epsilon;
}

Panel over_epsilon(const std::vector<RobustnessCell>& cells) {
    Panel panel{cells.front().how.norm == Norm::linf ? "epsilon (levels of 255)" : "epsilon (L2)", {}};
    for (const RobustnessCell& cell : cells) {
        const std::string title = cell.attack.str() + ": " + tested(cell);
        if (shown(cell) > 0.0)
            panel.add(title, shown(cell), share_of(cell));
        // A change of nothing leaves the clean accuracy; told once for each chip, with the smallest bound.
        const bool first = std::none_of(cells.begin(), cells.end(), [&](const RobustnessCell& other) {
            return other.attack.str() == cell.attack.str() && other.threat == cell.threat &&
                   other.engine.name() == cell.engine.name() && other.how.epsilon < cell.how.epsilon;
        });
        if (first)
            panel.add(title, 0.0,
                      100.0 * static_cast<double>(cell.clean_count()) / static_cast<double>(cell.images.size()));
    }
    return panel;
}

Panel over_steps(const std::vector<RobustnessCell>& cells) {
    Panel panel{"steps", {}};
    for (const RobustnessCell& cell : cells)
        if (traits_of(cell.attack.kind).steps_title)
            panel.add(fmt::format("{}, epsilon {:.4g}: {}", name_of(cell.attack.kind), cell.how.epsilon, tested(cell)),
                      cell.how.steps, share_of(cell));
    panel.curves.erase(std::remove_if(panel.curves.begin(), panel.curves.end(),
                                      [](const auto& curve) { return curve.second.size() < 2; }),
                       panel.curves.end());
    return panel;
}

constexpr int panel_height = 390, line_height = 21;

int height_of(const Panel& panel) { return panel_height + line_height * static_cast<int>(panel.curves.size()); }

std::string commands(const Panel& panel, int number, double top, double bottom) {
    constexpr std::array colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                 "#e69f00", "#56b4e9", "#000000", "#888888"};
    std::string data, plots;
    for (std::size_t c = 0; c < panel.curves.size(); ++c) {
        data += fmt::format("$curve{}_{} << EOD\n", number, c);
        for (const auto& [at, shares] : panel.curves[c].second) {
            double mean = 0.0;
            for (const double share : shares)
                mean += share / static_cast<double>(shares.size());
            const auto [low, high] = std::minmax_element(shares.begin(), shares.end());
            data += fmt::format("{:.6g} {:.6g} {:.6g} {:.6g}\n", at, mean, *low, *high);
        }
        data += "EOD\n";
        plots += fmt::format(
            "{}$curve{}_{} using 1:2:3:4 with yerrorlines pt 7 ps 0.5 lc rgb '{}' title \"{}\" noenhanced",
            c == 0 ? "plot " : ", \\\n     ", number, c, colours[c % colours.size()], escaped(panel.curves[c].first));
    }
    return data + fmt::format(R"(set xlabel '{}'
set tmargin at screen {:.5f}
set bmargin at screen {:.5f}
set key at graph 0, graph 1.03 left Left reverse bottom samplen 2
{}
)",
                              panel.axis, top, bottom, plots);
}

}  // namespace

void plot_robustness(const std::vector<RobustnessCell>& cells, const std::string& network,
                     const std::string& svg_file) {
    if (cells.empty())
        return;
    std::vector<Panel> panels;
    std::set<double> epsilons;
    for (const RobustnessCell& cell : cells)
        epsilons.insert(cell.how.epsilon);
    if (epsilons.size() > 1)
        panels.push_back(over_epsilon(cells));
    if (Panel steps = over_steps(cells); !steps.curves.empty())
        panels.push_back(std::move(steps));
    if (panels.empty())
        return;
    constexpr int head = 30, foot = 60;
    int height = head;
    for (const Panel& panel : panels)
        height += height_of(panel);
    std::string text = fmt::format(R"(set multiplot
set label 99 "{}: accuracy under attack" at screen 0.5, screen {:.5f} center noenhanced
set grid y lc rgb '#dddddd'
set border 3 lc rgb '#888888'
set tics out nomirror
set ylabel 'right (%)'
set yrange [0:*]
set xrange [0:*]
set lmargin at screen 0.12
set rmargin at screen 0.96
)",
                                   escaped(network), 1.0 - 15.0 / height);
    int at = head;
    for (std::size_t p = 0; p < panels.size(); ++p) {
        const int key = line_height * static_cast<int>(panels[p].curves.size());
        const double top = 1.0 - static_cast<double>(at + key + 20) / height;
        at += height_of(panels[p]);
        const double bottom = 1.0 - static_cast<double>(at - foot) / height;
        text += commands(panels[p], static_cast<int>(p), top, bottom);
    }
    draw_svg(svg_file, 760, height, text + "unset multiplot\n");
}

void plot_samples(const std::vector<AttackSample>& samples, const std::string& png_file) {
    if (samples.empty())
        return;
    // Larger images are shown at every n-th pixel.
    constexpr int tile = 96, gap = 6, head = 22, label = 16, left = 10, most_pixels = 48, amplified = 8;
    std::size_t columns = 0;
    for (const AttackSample& sample : samples)
        columns = std::max(columns, sample.predictions.size());
    const int sample_height = head + 3 * (tile + gap) + label;
    const int width = left + static_cast<int>(columns) * (tile + gap) + 70;
    const int height = static_cast<int>(samples.size()) * sample_height + gap;
    std::string data, labels, plots;
    for (std::size_t s = 0; s < samples.size(); ++s) {
        const AttackSample& sample = samples[s];
        const Shape& shape = sample.clean.shape;
        const int step = std::max(1, (std::max(shape.height, shape.width) + most_pixels - 1) / most_pixels);
        const double pixel = static_cast<double>(tile) / ((std::max(shape.height, shape.width) + step - 1) / step);
        const int top = static_cast<int>(s) * sample_height;
        labels += fmt::format(
            "set label \"{}\" at {},{}\n",
            escaped(fmt::format("{} on {}: {}", name_of(sample.threat), sample.engine.name(), sample.attack)), left,
            -(top + head / 2));
        constexpr std::array rows{"as it is", "attacked", "change x 8"};
        for (std::size_t row = 0; row < rows.size(); ++row)
            labels +=
                fmt::format("set label \"{}\" at {},{}\n", rows[row], left + static_cast<int>(columns) * (tile + gap),
                            -(top + head + static_cast<int>(row) * (tile + gap) + tile / 2));
        for (std::size_t i = 0; i < sample.predictions.size(); ++i) {
            const int x0 = left + static_cast<int>(i) * (tile + gap);
            labels += fmt::format("set label \"{} to {}\" at {},{}\n", sample.clean.labels[i], sample.predictions[i],
                                  x0, -(top + head + 3 * (tile + gap) + 4));
            for (int row = 0; row < 3; ++row) {
                data += fmt::format("$p{}_{}_{} << EOD\n", s, i, row);
                for (int y = 0; y < shape.height; y += step)
                    for (int x = 0; x < shape.width; x += step) {
                        std::array<int, 3> colour{};
                        for (int c = 0; c < 3; ++c) {
                            const std::size_t at = i * static_cast<std::size_t>(shape.size()) +
                                                   (static_cast<std::size_t>(y) * shape.width + x) * shape.channels +
                                                   static_cast<std::size_t>(std::min(c, shape.channels - 1));
                            const int clean = sample.clean.pixels[at], attacked = sample.attacked.pixels[at];
                            colour[static_cast<std::size_t>(c)] =
                                row == 0   ? clean
                                : row == 1 ? attacked
                                           : std::clamp(128 + amplified * (attacked - clean), 0, 255);
                        }
                        data += fmt::format("{:.4g} {:.4g} {} {} {}\n", x0 + (x / step + 0.5) * pixel,
                                            -(top + head + row * (tile + gap) + (y / step + 0.5) * pixel), colour[0],
                                            colour[1], colour[2]);
                    }
                data += "EOD\n";
                plots += fmt::format("{}$p{}_{}_{} using 1:2:3:4:5 with rgbimage notitle",
                                     plots.empty() ? "plot " : ", \\\n  ", s, i, row);
            }
        }
    }
    draw_png(png_file, width, height,
             data + labels +
                 fmt::format(R"(unset border
unset tics
set margins 0,0,0,0
set xrange [0:{}]
set yrange [{}:0]
{}
)",
                             width, -height, plots));
}

}  // namespace xloop
