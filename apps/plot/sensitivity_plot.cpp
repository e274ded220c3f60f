#include "apps/plot/sensitivity_plot.hpp"

#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace xloop {
namespace {

struct Panel {
    std::string title, colour;
    std::vector<double> bars;
    std::vector<double> beside = {};  ///< drawn as a line over the bars
};

std::vector<Panel> panels_of(const Sensitivity& s) {
    std::vector<Panel> panels;
    const auto values = [](const std::vector<LayerMeasure>& measures, auto value) {
        std::vector<double> all;
        std::transform(measures.begin(), measures.end(), std::back_inserter(all), value);
        return all;
    };
    for (const auto& [measure, measures] : s.measured)
        switch (measure) {
        case SensitivityMeasure::noise:
            panels.push_back({"change under attack (% of the map)", "#e15759",
                              values(measures, [](const auto& m) { return 100.0 * m.relative_change(); })});
            break;
        case SensitivityMeasure::snr:
            panels.push_back({"signal-to-noise ratio of the sums on the chip (dB)", "#4e79a7",
                              values(measures, [](const auto& m) { return m.snr_db(); })});
            break;
        case SensitivityMeasure::components:
            panels.push_back({"principal components of the map; line: of the map that is read", "#59a14f",
                              values(measures, [](const auto& m) { return m.value; }),
                              values(measures, [](const auto& m) { return m.reference; })});
            break;
        }
    const std::vector<int> bits = s.bits(s.config.rule);
    panels.push_back({fmt::format("bits by rule {}", name_of(s.config.rule)), "#b07aa1", {bits.begin(), bits.end()}});
    return panels;
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "NaN"; }

}  // namespace

void plot_sensitivity(const Sensitivity& sensitivity, const std::string& network, const std::string& svg_file) {
    constexpr int panel_height = 150, head = 40, left = 80;
    std::size_t longest = 0;
    for (const SensitiveLayer& layer : sensitivity.layers)
        longest = std::max(longest, layer.name.size());
    const int names = 30 + 5 * static_cast<int>(longest);  // they stand at 45 degrees
    const std::vector<Panel> panels = panels_of(sensitivity);
    const int count = static_cast<int>(panels.size()), height = head + count * panel_height + names;
    const int width = std::clamp(left + 26 * static_cast<int>(sensitivity.layers.size()), 480, 2400) + names;
    const auto from_bottom = [&](int pixels_from_top) { return 1.0 - static_cast<double>(pixels_from_top) / height; };
    std::string text = fmt::format(R"(set multiplot title "{}: sensitivity of each layer" noenhanced
set grid y lc rgb '#dddddd'
set border 3 lc rgb '#888888'
set tics nomirror
set xrange [-0.7:{}]
set boxwidth 0.7
set lmargin at screen {:.5f}
set rmargin at screen {:.5f}
unset key
)",
                                   escaped(network), static_cast<double>(sensitivity.layers.size()) - 0.3,
                                   static_cast<double>(left) / width, 1.0 - static_cast<double>(names) / width);
    for (int p = 0; p < count; ++p) {
        const Panel& panel = panels[static_cast<std::size_t>(p)];
        double low = 0.0, high = std::numeric_limits<double>::min();
        std::string bars;
        for (std::size_t l = 0; l < panel.bars.size(); ++l) {
            const double beside = panel.beside.empty() ? panel.bars[l] : panel.beside[l];
            bars += fmt::format("{} {} {} \"{}\"\n", l, number(panel.bars[l]), number(beside),
                                escaped(sensitivity.layers[l].name));
            for (double value : {panel.bars[l], beside})
                if (std::isfinite(value)) {
                    low = std::min(low, value);
                    high = std::max(high, value);
                }
        }
        text += fmt::format(
            R"($panel{0} << EOD
{1}EOD
set title "{2}" noenhanced offset 0,-0.6
set tmargin at screen {3:.5f}
set bmargin at screen {4:.5f}
set yrange [{5:.6g}:{6:.6g}]
set xtics scale 0 {7} noenhanced
plot $panel{0} using 1:2:{8} with boxes fs solid noborder lc rgb '{9}'{10}
)",
            p, bars, panel.title, from_bottom(head + p * panel_height + 25),
            from_bottom(head + (p + 1) * panel_height - 10), 1.08 * low, 1.08 * high,
            p + 1 == count ? "rotate by -45 left" : "format ''", p + 1 == count ? "xtic(4)" : "xtic('')", panel.colour,
            panel.beside.empty() ? std::string()
                                 : fmt::format(", $panel{} using 1:3 with linespoints pt 7 ps 0.4 lc rgb "
                                               "'#333333'",
                                               p));
    }
    draw_svg(svg_file, width, height, text + "unset multiplot\n");
}

}  // namespace xloop
