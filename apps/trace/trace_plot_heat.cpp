#include "apps/plot/gnuplot.hpp"
#include "apps/trace/time_axis.hpp"
#include "apps/trace/trace_plot.hpp"
#include "core/error.hpp"
#include "traces/tools/trace_kind.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <unordered_map>

namespace xloop {
namespace {

constexpr std::size_t columns = 360;
constexpr int row_height = 14;

/// An amount that an instance had within a time.
struct Piece {
    double begin, end;
    std::size_t instance;
    double amount;
};

struct Pieces {
    std::vector<std::string> instances;
    std::vector<Piece> pieces;
    double highest = 0;            ///< amount per time of one piece
    std::string what, time, unit;  ///< "conversion", "time (us)", "events a cycle"
    double axis_scale = 1;         ///< of times, for the axis
};

class Names {
public:
    std::size_t number(std::string_view name) {
        const auto [found, fresh] = numbers_.emplace(name, names_.size());
        if (fresh)
            names_.emplace_back(name);
        return found->second;
    }
    std::vector<std::string> take() { return std::move(names_); }

private:
    std::unordered_map<std::string, std::size_t> numbers_;
    std::vector<std::string> names_;
};

/// pe_2 before pe_10.
struct ByNumbers {
    bool operator()(const std::string& a, const std::string& b) const { return strverscmp(a.c_str(), b.c_str()) < 0; }
};

std::string_view tile_of(std::string_view path) {
    const std::size_t level = path.find('.');
    const std::size_t end = level == std::string_view::npos ? level : path.find('.', level + 1);
    return path.substr(0, end);
}

/// Joules of one event, by its name; for each kind of hardware.
std::vector<std::map<std::string, double, std::less<>>> energies(const trace::PowerModel& model) {
    std::vector<std::map<std::string, double, std::less<>>> kinds(static_cast<std::size_t>(model.kinds()));
    for (int kind = 0; kind < model.kinds(); ++kind)
        for (std::size_t e = 0; e < event_count; ++e)
            kinds[static_cast<std::size_t>(kind)][name_of(static_cast<Event>(e))] = sum_of(model.of_kind(kind)[e]);
    return kinds;
}

/// The kinds of hardware of instances that are not of the base, by their paths.
std::map<std::string, std::size_t, std::less<>> other_kinds(const trace::PowerModel& model) {
    std::map<std::string, std::size_t, std::less<>> kinds;
    for (const trace::PowerModel::Instance& instance : model.instances)
        if (instance.kind > 0)
            kinds.emplace(instance.path, instance.kind);
    return kinds;
}

/// The event that most lines of the file are of.
std::string commonest_event(const std::string& file) {
    std::map<std::string, std::size_t, std::less<>> lines;
    CsvRows rows = trace::csv_rows(file);
    while (rows.next())
        if (const auto found = lines.find(rows.cell(3)); found != lines.end())
            ++found->second;
        else
            lines.emplace(rows.cell(3), 1);
    if (lines.empty())
        throw InputError(file + ": no events");
    return std::max_element(lines.begin(), lines.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
}

/// `seconds`: one unit of the file's times.
void read_rows(const std::string& file, const TracePlot& plot, double seconds, Pieces& result,
               const std::function<double(const CsvRows&)>& amount) {
    CsvRows rows = trace::csv_rows(file);
    Names names;
    while (rows.next()) {
        const double begin = rows.number(0, 0), end = rows.number(1, 0);
        const double from = std::max(begin, plot.from_s / seconds), to = std::min(end, plot.to_s / seconds);
        if (from >= to || rows.cell(2) == "(static)" || !plot.shows(std::string(rows.cell(2))))
            continue;
        const double value = amount(rows);
        if (value > 0)
            result.pieces.push_back({from, to, names.number(rows.cell(2)), value * (to - from) / (end - begin)});
    }
    result.instances = names.take();
    if (result.pieces.empty())
        throw InputError(
            fmt::format("{}: nothing to draw of {} within the times and instances asked for", file, result.what));
    for (const Piece& piece : result.pieces)
        result.highest = std::max(result.highest, piece.amount / (piece.end - piece.begin));
}

Pieces read_activity(const std::string& file, const TracePlot& plot) {
    Pieces result;
    const double cycle_s = plot.model ? plot.model->cycle_s : 1;
    result.axis_scale = plot.model ? 1e6 * cycle_s : 1;
    result.time = plot.model ? "time (us)" : "time (cycles of the digital clock)";
    if (plot.model && plot.event.empty()) {
        result.what = "dynamic energy";
        result.unit = "dynamic power (mW)";
        const auto energy = energies(*plot.model);
        const auto kinds = other_kinds(*plot.model);
        read_rows(file, plot, cycle_s, result, [&](const CsvRows& rows) {
            const auto kind = kinds.find(rows.cell(2));
            const auto& of_kind = energy[kind == kinds.end() ? 0 : kind->second];
            const auto found = of_kind.find(rows.cell(3));
            return found == of_kind.end() ? 0.0 : 1e3 / cycle_s * rows.number(4, 0) * found->second;
        });
        return result;
    }
    result.what = plot.event.empty() ? commonest_event(file) : plot.event;
    result.unit = result.what + " events a cycle";
    read_rows(file, plot, cycle_s, result,
              [&](const CsvRows& rows) { return rows.cell(3) == result.what ? rows.number(4, 0) : 0.0; });
    return result;
}

Pieces read_power(const std::string& file, const TracePlot& plot) {
    Pieces result;
    result.what = "dynamic power";
    result.time = "time (us)";
    result.unit = "dynamic power (mW)";
    result.axis_scale = 1e6;
    read_rows(file, plot, 1, result,
              [](const CsvRows& rows) { return 1e3 * rows.number(3, 0) * (rows.number(1, 0) - rows.number(0, 0)); });
    return result;
}

/// Amount per time of each row, in columns of equal length.
struct Heat {
    const TimeAxis& axis;
    std::vector<std::string> rows;
    std::vector<std::vector<double>> rates;
    std::size_t left_out = 0;
    bool tiles = false;

    double column() const { return (axis.end() - axis.begin()) / static_cast<double>(columns); }
};

Heat heat_of(const Pieces& pieces, const TracePlot& plot, const TimeAxis& axis) {
    Heat heat{axis, {}, {}};
    heat.tiles = plot.group == TracePlot::Group::tile ||
                 (plot.group == TracePlot::Group::automatic && pieces.instances.size() > plot.rows);
    std::map<std::string, std::pair<std::size_t, double>, ByNumbers> rows;  // number and sum
    std::vector<std::pair<std::size_t, double>*> row_of;
    for (const std::string& instance : pieces.instances)
        row_of.push_back(&rows[heat.tiles ? std::string(tile_of(instance)) : instance]);
    for (const Piece& piece : pieces.pieces)
        row_of[piece.instance]->second += piece.amount;
    std::vector<double> sums;
    for (const auto& [name, row] : rows)
        sums.push_back(row.second);
    std::sort(sums.rbegin(), sums.rend());
    const double least = sums[std::min(plot.rows, sums.size()) - 1];
    for (auto& [name, row] : rows) {
        const bool shown = row.second >= least && heat.rows.size() < plot.rows;
        row.first = shown ? heat.rows.size() : rows.size();
        if (shown)
            heat.rows.push_back(name);
        else
            ++heat.left_out;
    }
    heat.rates.assign(heat.rows.size(), std::vector<double>(columns, 0.0));
    const double width = heat.column();
    for (const Piece& piece : pieces.pieces) {
        const std::size_t row = row_of[piece.instance]->first;
        if (row >= heat.rows.size())
            continue;
        const double rate = piece.amount / (piece.end - piece.begin);
        const double first = (axis.at(pieces.axis_scale * piece.begin) - axis.begin()) / width,
                     last = (axis.at(pieces.axis_scale * piece.end) - axis.begin()) / width;
        for (auto c = static_cast<std::size_t>(first); c < columns && static_cast<double>(c) < last; ++c)
            heat.rates[row][c] +=
                rate * (std::min(last, static_cast<double>(c + 1)) - std::max(first, static_cast<double>(c)));
    }
    return heat;
}

/// Colours are by powers of ten, so that a class that takes most does not wash out the others.
constexpr double decades = 3;

/// x, y, left, right, bottom, top, value; neighbours that look alike are one box.
std::string boxes(const Heat& heat, double highest) {
    const double width = heat.column(), start = heat.axis.begin();
    constexpr double steps = 40;  // for each decade
    const auto shade = [highest](double rate) {
        return rate > 0 ? std::max(1.0, std::ceil(steps * (decades + std::log10(rate / highest)))) : 0.0;
    };
    std::string text = "$heat << EOD\n";
    for (std::size_t r = 0; r < heat.rows.size(); ++r)
        for (std::size_t c = 0; c < columns;) {
            const double value = shade(heat.rates[r][c]);
            std::size_t end = c + 1;
            while (end < columns && shade(heat.rates[r][end]) == value)
                ++end;
            if (value > 0)
                text += fmt::format("{:.7g} {} {:.7g} {:.7g} {} {} {:.5g}\n", start + width * static_cast<double>(c), r,
                                    start + width * static_cast<double>(c), start + width * static_cast<double>(end),
                                    static_cast<double>(r) - 0.46, static_cast<double>(r) + 0.46,
                                    highest * std::pow(10, value / steps - decades));
            c = end;
        }
    return text + "EOD\n";
}

}  // namespace

bool TracePlot::shows(const std::string& path) const {
    return only.empty() ||
           std::any_of(only.begin(), only.end(), [&](const trace::Glob& glob) { return glob.matches_within(path); });
}

void plot_trace_heat(const std::string& file, const TracePlot& plot, const std::string& svg_file) {
    const bool activity = trace::csv_kind(trace::csv_rows(file).header()) == trace::CsvKind::activity;
    const Pieces pieces = activity ? read_activity(file, plot) : read_power(file, plot);
    std::vector<TimeAxis::Interval> shown;
    for (const Piece& piece : pieces.pieces)
        shown.emplace_back(pieces.axis_scale * piece.begin, pieces.axis_scale * piece.end);
    const TimeAxis axis(std::move(shown));
    const Heat heat = heat_of(pieces, plot, axis);
    double highest = 0;
    for (const std::vector<double>& row : heat.rates)
        highest = std::max(highest, *std::max_element(row.begin(), row.end()));
    std::string tics;
    std::size_t longest = 0;
    for (std::size_t r = 0; r < heat.rows.size(); ++r) {
        tics += fmt::format("{}\"{}\" {}", r == 0 ? "" : ", ", escaped(heat.rows[r]), r);
        longest = std::max(longest, heat.rows[r].size());
    }
    std::string title = plot.title;
    if (title.empty())
        title = fmt::format("{} of {} {}{}{}", pieces.what, heat.rows.size(), heat.tiles ? "tile" : "instance",
                            heat.rows.size() == 1 ? "" : "s",
                            heat.left_out > 0 ? fmt::format(" ({} with less are left out)", heat.left_out) : "");
    draw_svg(svg_file, 1100, 150 + row_height * static_cast<int>(std::max<std::size_t>(heat.rows.size(), 5)),
             boxes(heat, highest) +
                 fmt::format(R"(set title "{}" noenhanced
set xlabel '{}'
set cblabel '{}' noenhanced
{}set yrange [{}:-0.6]
set logscale cb
set cbrange [{:.6g}:{:.6g}]
set palette defined (0 '#fdf3e4', 0.33 '#fdd49e', 0.66 '#fc8d59', 0.85 '#b30000', 1 '#3f0a0a')
set ytics scale 0 ({}) noenhanced font ',10' tc rgb '#333333'
set border 3 lc rgb '#888888'
set object rectangle from graph 0,0 to graph 1,1 fc rgb '#f3f3f8' fs solid 1 noborder behind
set lmargin {}
unset key
plot $heat using 1:2:3:4:5:6:7 with boxxyerror fs solid 1 noborder lc palette
)",
                             escaped(title),
                             fmt::format("{}; a column shows the mean of {:.3g}; highest of one instance {:.4g}",
                                         pieces.time, heat.column(), pieces.highest),
                             pieces.unit, axis.commands(), static_cast<double>(heat.rows.size()) - 0.4,
                             highest * std::pow(10, -decades), highest, tics, 0.85 * static_cast<double>(longest) + 2));
}

}  // namespace xloop
