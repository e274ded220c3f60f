#include "apps/plot/gantt_plot.hpp"

#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace xloop {
namespace {

/// Tableau's colours for categories; images beyond them begin anew.
constexpr std::array<const char*, 6> colours = {"#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#b07aa1"};
constexpr std::size_t named_images = 6;

/// Whether a layer works on two images side by side for more than the seam between them.
bool overlap(const CycleSpan& first, const CycleSpan& second) {
    return second.start < first.end && 10 * (first.end - second.start) > std::min(first.length(), second.length());
}

/// Bars of one image: x, y, then left, right, bottom, top. Where images of a layer overlap, every other one has the lower
/// half of the row. Bars shorter than `narrowest` would not be seen.
std::string bars(const SimulationResult& result, std::size_t image, double us, double narrowest) {
    std::string text = fmt::format("$image{} << EOD\n", image);
    for (std::size_t l = 0; l < result.layers.size(); ++l) {
        const auto& images = result.layers[l].images;
        if (image >= images.size() || images[image].empty())
            continue;
        const bool shared = (image > 0 && overlap(images[image - 1], images[image])) ||
                            (image + 1 < images.size() && overlap(images[image], images[image + 1]));
        const auto row = static_cast<double>(l);
        const double left = us * static_cast<double>(images[image].start);
        const double right = std::max(us * static_cast<double>(images[image].end), left + narrowest);
        text += fmt::format("{:.6g} {} {:.6g} {:.6g} {} {}\n", left, row, left, right,
                            shared && image % 2 == 1 ? row + 0.02 : row - 0.36,
                            shared && image % 2 == 0 ? row - 0.02 : row + 0.36);
    }
    return text + "EOD\n";
}

}  // namespace

void plot_gantt(const SimulationResult& result, double clock_ghz, const std::string& network,
                const std::string& svg_file) {
    const double us = 1e-3 / clock_ghz;
    const std::size_t layers = result.layers.size(), images = result.images.size();
    const double end = std::max(us * static_cast<double>(result.cycles), 1e-6);
    std::string text, tics, plots;
    std::size_t longest = 0;
    for (std::size_t l = 0; l < layers; ++l) {
        const std::string& name = result.layers[l].name;
        tics += fmt::format("{}\"{}\" {}", l == 0 ? "" : ", ", escaped(name), l);
        longest = std::max(longest, name.size());
    }
    for (std::size_t i = 0; i < images; ++i) {
        text += bars(result, i, us, end / 400);
        const bool named = images <= named_images;
        plots += fmt::format("{}$image{} using 1:2:3:4:5:6 with boxxyerror fs solid 0.85 noborder lc rgb '{}' {}",
                             i == 0 ? "" : ", \\\n     ", i, colours[i % colours.size()],
                             named ? fmt::format("title 'image {}'", i) : std::string("notitle"));
    }
    text += fmt::format(R"(set title "{}, {} image{}: first fetch to last position sent of every layer" noenhanced
set xlabel 'time (us)'
set xrange [0:{:.6g}]
set yrange [{}:-0.6]
set ytics scale 0 ({}) noenhanced tc rgb '#333333'
set xtics out nomirror tc rgb '#333333'
set grid x lc rgb '#dddddd'
set border 3 lc rgb '#888888'
set lmargin {}
set key above right horizontal samplen 1.5
plot {}
)",
                        escaped(network), images, images == 1 ? "" : "s", 1.005 * end,
                        static_cast<double>(layers) - 0.4, tics, longest + 3, plots);
    draw_svg(svg_file, 900, 140 + 26 * static_cast<int>(std::max<std::size_t>(layers, 3)), text);
}

}  // namespace xloop
