#include "apps/plot/map_plot.hpp"

#include "apps/plot/gnuplot.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace xloop {
namespace {

constexpr int legend_width = 260;
constexpr int line_height = 18;
constexpr int margin = 20;
constexpr double gap = 0.04;          ///< around a tile, in tiles
constexpr double name_height = 0.24;  ///< of a tile, above its processing elements
constexpr int unused_colour = 0xf0f0f0;

/// Behind the name of a tile; pale, unlike the colours of layers.
int type_colour(int type) {
    constexpr int colours[] = {0xfde2c4, 0xd3e9d0, 0xd6dcf2, 0xf3d1dc, 0xe8e3b8};
    return colours[static_cast<std::size_t>(type - 1) % std::size(colours)];
}

/// Colours for `count` layers: each as unlike all before it as can be found in a grid of the colours that are neither pale
/// nor dark, by the weighted distance of Compuphase ("redmean").
std::vector<int> distinct_colours(std::size_t count) {
    struct Colour {
        int red, green, blue;
        double distance_to(const Colour& o) const {
            const double mean = 0.5 * (red + o.red), r = red - o.red, g = green - o.green, b = blue - o.blue;
            return (2 + mean / 256) * r * r + 4 * g * g + (2 + (255 - mean) / 256) * b * b;
        }
    };
    std::vector<Colour> free;
    for (int red = 0; red <= 255; red += 15)
        for (int green = 0; green <= 255; green += 15)
            for (int blue = 0; blue <= 255; blue += 15)
                if (const int light = 3 * red + 6 * green + blue; light > 700 && light < 2100)
                    free.push_back({red, green, blue});
    std::vector<double> distance(free.size(), 1e300);
    Colour last{0x4e, 0x79, 0xa7};
    std::vector<int> colours;
    while (colours.size() < count) {
        colours.push_back((last.red * 256 + last.green) * 256 + last.blue);
        for (std::size_t i = 0; i < free.size(); ++i)
            distance[i] = std::min(distance[i], free[i].distance_to(last));
        last = free[static_cast<std::size_t>(std::max_element(distance.begin(), distance.end()) - distance.begin())];
    }
    return colours;
}

/// Lengths in tiles; y downwards.
class FloorPlan {
public:
    explicit FloorPlan(const MappedNetwork& network)
        : graph_(network.graph), mapping_(network.mapping), network_(network),
          rounds_abreast_(std::min(mapping_.rounds, std::max(9 / mapping_.tile_cols(), 1))),
          tile_pixels_(std::clamp(1100 / (mapping_.tile_cols() * rounds_abreast_), 24, 140)) {
        std::size_t used = 0;
        const auto has_arrays = [](const GraphLayer& layer) { return layer.on_crossbars(); };
        const auto layers = std::count_if(graph_.layers.begin(), graph_.layers.end(), has_arrays);
        const std::vector<int> colours = distinct_colours(static_cast<std::size_t>(layers));
        for (const GraphLayer& layer : graph_.layers)
            colours_.push_back(has_arrays(layer) ? colours[used++] : unused_colour);
        for (int round = 0; round < mapping_.rounds; ++round)
            add_round(round);
        add_legend();
    }

    int width() const { return static_cast<int>(right() * tile_pixels_) + legend_width + 2 * margin; }
    int height() const {
        const int legend = (static_cast<int>(graph_.layers.size()) + 2 + network_.kinds.types()) * line_height;
        return std::max(static_cast<int>(bottom() * tile_pixels_), legend) + 2 * margin;
    }
    std::string script() const {
        return fmt::format(
            "set encoding utf8\n{}$boxes << EOD\n{}EOD\n$frames << EOD\n{}EOD\n"
            "unset border\nunset tics\nunset key\n"
            "set lmargin 0\nset rmargin 0\nset tmargin 0\nset bmargin 0\n"
            "set xrange [{:.4f}:{:.4f}]\nset yrange [{:.4f}:{:.4f}]\n"
            "plot $boxes using 1:2:3:4:5:6:7 with boxxyerror fs solid noborder lc rgb variable, "
            "$frames using 1:2:3:4:5:6:7 with boxxyerror fs empty lw 1 lc rgb variable\n",
            labels_, boxes_, frames_, -in_tiles(margin), in_tiles(width() - margin), in_tiles(height() - margin),
            -in_tiles(margin));
    }

private:
    double in_tiles(int pixels) const { return static_cast<double>(pixels) / tile_pixels_; }
    double round_height() const { return mapping_.mesh_rows + in_tiles(line_height + 8); }
    double round_width() const { return mapping_.tile_cols() + in_tiles(rounds_abreast_ > 1 ? margin : 0); }
    double right() const { return rounds_abreast_ * round_width(); }
    double bottom() const { return (mapping_.rounds + rounds_abreast_ - 1) / rounds_abreast_ * round_height(); }

    static std::string rectangle(double x, double y, double w, double h, int rgb) {
        return fmt::format("{:.4f} {:.4f} {:.4f} {:.4f} {:.4f} {:.4f} {}\n", x, y, x, x + w, y, y + h, rgb);
    }

    void label(double x, double y, const std::string& text, const char* style, int size) {
        std::string quoted;
        for (char c : text)
            quoted += c == '\'' ? std::string("''") : std::string(1, c);
        labels_ += fmt::format("set label '{}' at {:.4f},{:.4f} {} noenhanced front font 'sans,{}'\n", quoted, x, y,
                               style, size);
    }

    /// The name of the only layer where it fits; else the numbers that the legend gives the layers.
    std::string tile_text(const std::vector<std::size_t>& layers, int font) const {
        const auto fits = [&](const std::string& text) {
            return static_cast<double>(text.size()) * 0.62 * font <= (1.0 - 3 * gap) * tile_pixels_;
        };
        if (layers.size() == 1 && fits(graph_.layers[layers.front()].name))
            return graph_.layers[layers.front()].name;
        const std::string numbers = fmt::format("{}", fmt::join(layers, " "));
        return fits(numbers) ? numbers : fmt::format("{}-{}", layers.front(), layers.back());
    }

    void add_round(int round) {
        const double left = round % rounds_abreast_ * round_width(), top = round / rounds_abreast_ * round_height();
        const std::string title = mapping_.rounds == 1
                                      ? std::string("i/o node at ") + mapping_.tile_name(0)
                                      : fmt::format("round {}; i/o node at {}", round, mapping_.tile_name(0));
        label(left + gap, top + in_tiles(line_height / 2), title, "left", 11);
        const double first = top + in_tiles(line_height + 4);
        std::map<std::pair<int, int>, std::size_t> layer_of_pe;
        std::map<int, std::vector<std::size_t>> layers_of_tile;
        for (std::size_t l = 0; l < mapping_.layers.size(); ++l) {
            if (mapping_.layers[l].round != round)
                continue;
            for (const LayerCopy& copy : mapping_.layers[l].copies)
                for (const PlacedBlock& block : copy.blocks) {
                    layer_of_pe[{block.tile, block.pe}] = l;
                    std::vector<std::size_t>& layers = layers_of_tile[block.tile];
                    if (layers.empty() || layers.back() != l)
                        layers.push_back(l);
                }
        }
        for (int tile = 0; tile < mapping_.tiles(); ++tile)
            add_tile(tile, left + tile % mapping_.tile_cols(), first + tile / mapping_.tile_cols(), layer_of_pe,
                     layers_of_tile[tile]);
        for (int router = 0; router < mapping_.routers() && mapping_.concentration > 1; ++router)
            frames_ += rectangle(left + router % mapping_.mesh_cols * mapping_.concentration,
                                 first + router / mapping_.mesh_cols, mapping_.concentration, 1.0, 0x606060);
    }

    void add_tile(int tile, double x, double y, const std::map<std::pair<int, int>, std::size_t>& layer_of_pe,
                  const std::vector<std::size_t>& layers) {
        constexpr double inner = 1.0 - 2 * gap;
        const int pes = network_.tile_hardware(tile).tile.pes;
        const int columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(pes) * 1.3)));
        const int rows = (pes + columns - 1) / columns;
        const double w = (inner - gap) / columns, h = (inner - gap - name_height) / rows;
        for (int pe = 0; pe < pes; ++pe) {
            const auto found = layer_of_pe.find({tile, pe});
            const int rgb = found == layer_of_pe.end() ? unused_colour : colours_[found->second];
            boxes_ += rectangle(x + 1.5 * gap + pe % columns * w, y + gap + name_height + pe / columns * h, 0.92 * w,
                                0.92 * h, rgb);
        }
        if (const int type = mapping_.type_of(tile); type > 0)
            boxes_ += rectangle(x + gap, y + gap, inner, name_height, type_colour(type));
        frames_ += rectangle(x + gap, y + gap, inner, inner, layers.empty() ? 0xc8c8c8 : 0x303030);
        const int font = tile_pixels_ >= 90 ? 9 : 8;
        label(x + 0.5, y + gap + 0.5 * name_height, tile_text(layers, font), "center", font);
    }

    void add_legend() {
        const double x = right() + in_tiles(margin);
        double y = in_tiles(line_height / 2);
        label(x, y, "layers in order", "left", 11);
        for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
            y += in_tiles(line_height);
            const LayerMapping& placed = mapping_.layers[l];
            std::string text = fmt::format("{}  {}", l, graph_.layers[l].name);
            if (placed.copies.front().blocks.empty())
                text += fmt::format(": vector unit of {}", mapping_.tile_name(placed.copies.front().home));
            else {
                boxes_ += rectangle(x, y - in_tiles(6), in_tiles(14), in_tiles(12), colours_[l]);
                if (placed.copy_count() > 1)
                    text += fmt::format(" x {}", placed.copy_count());
            }
            label(x + in_tiles(20), y, text, "left", 10);
        }
        y += in_tiles(line_height);
        boxes_ += rectangle(x, y - in_tiles(6), in_tiles(14), in_tiles(12), unused_colour);
        label(x + in_tiles(20), y, "unused processing element", "left", 10);
        for (int type = 1; type < network_.kinds.types(); ++type) {
            y += in_tiles(line_height);
            boxes_ += rectangle(x, y - in_tiles(6), in_tiles(14), in_tiles(12), type_colour(type));
            label(x + in_tiles(20), y,
                  fmt::format("{}tile of type {} ({})", network_.kinds[type].is_digital() ? "digital " : "",
                              network_.kinds.name_of_type(type), mapping_.chip().tiles_of_type(type)),
                  "left", 10);
        }
    }

    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    const MappedNetwork& network_;
    int rounds_abreast_, tile_pixels_;
    std::vector<int> colours_;  ///< by layer
    std::string boxes_, frames_, labels_;
};

}  // namespace

void plot_floor(const MappedNetwork& network, const std::string& svg_file) {
    const FloorPlan plan(network);
    draw_svg(svg_file, plan.width(), plan.height(), plan.script());
}

}  // namespace xloop
