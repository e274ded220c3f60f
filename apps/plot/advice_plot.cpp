#include "apps/plot/advice_plot.hpp"

#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <array>
#include <map>

namespace xloop {
namespace {

using Level = WeightLevel;

struct Panel {
    const char* title;
    Level level, from;  ///< of the weights in memory and in digital tiles
};
constexpr std::array<Panel, 3> panels = {{{"weights kept in both", Level::resident, Level::resident},
                                          {"kept, digital fetches from off chip", Level::resident, Level::off_chip},
                                          {"written on the chip for each product", Level::on_chip, Level::on_chip}}};

std::string panel_text(const std::vector<AdviceList>& lists, const Panel& panel) {
    std::map<std::string, std::string> rows;  // by tile
    for (const AdviceList& list : lists)
        for (const ProductAdvice& advice : list.products)
            for (const TileAdvice& tile : advice.tiles)
                if (tile.fits() && (panel.level == Level::on_chip || !advice.product.weights_change))
                    rows[tile.tile] += fmt::format("{:.6g} {:.6g}\n", advice.product.algorithmic_reuse(),
                                                   tile.gain(panel.level, panel.from));
    std::string data;
    std::vector<std::string> clauses = {"1 with lines dt 2 lc rgb '#777777' notitle"};
    for (const auto& [tile, points] : rows) {
        const std::size_t number = clauses.size();
        data += fmt::format("$tile{} << EOD\n{}EOD\n", number, points);
        clauses.push_back(fmt::format("$tile{0} using 1:2 with points pt {1} ps 0.9 lc {0} title \"{2}\" noenhanced",
                                      number, 2 * number + 3, escaped(tile)));
    }
    return fmt::format("{}set title '{}'\nplot {}\n", data, panel.title, fmt::join(clauses, ", \\\n     "));
}

}  // namespace

void plot_advice(const std::vector<AdviceList>& lists, const std::string& svg_file) {
    std::string text = R"(set multiplot layout 1,3
set grid lc rgb '#e5e5e5'
set border 3 lc rgb '#888888'
set tics nomirror tc rgb '#333333'
set logscale xy
set key below horizontal samplen 1 font ',10'
set bmargin 6
set offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05
set xlabel 'multiply-accumulates for each value'
set ylabel 'energy digital / in memory'
)";
    for (const Panel& panel : panels)
        text += panel_text(lists, panel);
    draw_svg(svg_file, 1080, 380, text + "unset multiplot\n");
}

}  // namespace xloop
