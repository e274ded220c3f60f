#include "apps/plot/evaluation_plot.hpp"

#include "apps/plot/gnuplot.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace xloop {

void plot_confusion(const ConfusionMatrix& matrix, const std::string& network, const std::string& svg_file) {
    constexpr int most_with_counts = 20;
    const auto classes = static_cast<int>(matrix.counts.size());
    std::string shares, counts;
    for (int label = 0; label < classes; ++label) {
        const std::vector<std::int64_t>& row = matrix.counts[static_cast<std::size_t>(label)];
        const auto all = static_cast<double>(std::accumulate(row.begin(), row.end(), std::int64_t{0}));
        for (int prediction = 0; prediction < classes; ++prediction) {
            const std::int64_t count = row[static_cast<std::size_t>(prediction)];
            const double share = all > 0.0 ? static_cast<double>(count) / all : 0.0;
            shares += fmt::format("{} {} {:.6g}\n", prediction, label, share);
            if (count > 0 && classes <= most_with_counts)
                counts += fmt::format("{} {} {} {}\n", prediction, label, count, share > 0.5 ? 0xffffff : 0x333333);
        }
    }
    const int side = std::clamp(24 * classes, 360, 900);
    draw_svg(svg_file, side + 200, side + 100,
             fmt::format(R"($shares << EOD
{}EOD
$counts << EOD
{}EOD
set title "{}: {}{} by label and prediction" noenhanced
set xlabel 'prediction'
set ylabel 'label'
set cblabel 'share of the label''s images'
set xrange [-0.5:{}]
set yrange [{}:-0.5]
set cbrange [0:1]
set palette defined (0 '#ffffff', 0.2 '#cfe1f2', 0.5 '#6aaed6', 1 '#08306b')
set tics out nomirror
set size ratio -1
unset key
plot $shares using 1:2:3 with image pixels{}
)",
                         shares, counts, escaped(network), counted(matrix.chips, "chip"),
                         matrix.recalibrated ? ", recalibrated" : "", classes - 0.5, classes - 0.5,
                         counts.empty() ? "" : ", $counts using 1:2:3:4 with labels tc rgb variable font ',10'"));
}

void plot_layer_errors(const EngineResult& chip, const std::string& network, const std::string& svg_file) {
    std::string bars;
    double lowest = 0.0, highest = 1.0;
    for (std::size_t l = 0; l < chip.layers.size(); ++l) {
        const double snr = chip.layers[l].snr_db();
        // Without any error there is no bar.
        bars += std::isfinite(snr) ? fmt::format("{} {:.6g} \"{}\"\n", l, snr, escaped(chip.layers[l].layer))
                                   : fmt::format("{} NaN \"{}\"\n", l, escaped(chip.layers[l].layer));
        if (std::isfinite(snr)) {
            lowest = std::min(lowest, snr);
            highest = std::max(highest, snr);
        }
    }
    const int width = std::clamp(120 + 26 * static_cast<int>(chip.layers.size()), 480, 2400);
    draw_svg(
        svg_file, width, 420,
        fmt::format(R"($bars << EOD
{}EOD
set title "{}: sums of each layer on chip {}{} against exact ones" noenhanced
set ylabel 'signal-to-noise ratio (dB)'
set yrange [{:.6g}:{:.6g}]
set xrange [-0.7:{}]
set grid y lc rgb '#dddddd'
set border 3 lc rgb '#888888'
set xtics nomirror rotate by -45 left noenhanced
set boxwidth 0.7
unset key
plot $bars using 1:2:xtic(3) with boxes fs solid noborder lc rgb '#4e79a7'
)",
                    bars, escaped(network), chip.chip_seed, chip.recalibrated ? " (recalibrated)" : "",
                    lowest < 0.0 ? 1.1 * lowest : 0.0, 1.1 * highest, static_cast<double>(chip.layers.size()) - 0.3));
}

}  // namespace xloop
