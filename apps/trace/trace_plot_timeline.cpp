#include "apps/plot/class_bars.hpp"
#include "apps/plot/gnuplot.hpp"
#include "apps/trace/time_axis.hpp"
#include "apps/trace/trace_plot.hpp"
#include "core/error.hpp"
#include "core/words.hpp"
#include "traces/timeline/timeline_reader.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <tuple>

namespace xloop {
namespace {

/// Tableau's colours for categories: ours have their own, others the next ones; kinds beyond them share a grey.
constexpr std::array<const char*, 8> colours = {"#4e79a7", "#e15759", "#59a14f", "#f28e2b",
                                                "#b07aa1", "#76b7b2", "#edc948", "#9c755f"};
constexpr std::array<const char*, 5> categories_of_ours = {"operation", "stall", "layer", "image", "message"};
constexpr double pixels = 880;
constexpr int row_height = 17;

struct Bar {
    double begin_us, end_us;
    std::uint32_t category, name;
    bool stall;
    std::size_t kind = 0, depth = 0;
};

struct Row {
    std::string group, name;
    std::int64_t group_index = 0, index = 0;
    std::vector<Bar> bars;

    std::string path() const { return group + "." + name; }
    /// Time at work; stalls only tell rows without any apart.
    double busy() const {
        double sum = 0;
        for (const Bar& bar : bars)
            sum += (bar.stall ? 1e-6 : 1.0) * (bar.end_us - bar.begin_us);
        return sum;
    }
};

/// Reads a time line event by event.
class TimelineReader {
public:
    TimelineReader(const std::string& file, const TracePlot& plot)
        : from_us_(1e6 * plot.from_s), to_us_(1e6 * plot.to_s) {
        trace::TextInput in(file);
        trace::read_timeline(in, [this](const trace::ReadTimelineEvent& event) { take(event); });
    }

    /// Rows with something to show, in the order of groups and tracks.
    std::vector<Row> rows() {
        std::vector<Row> result;
        for (auto& [key, row] : rows_) {
            const Group& group = groups_[key.first];
            row.group = group.name.empty() ? std::to_string(key.first) : group.name;
            row.group_index = group.index;
            if (row.name.empty())
                row.name = std::to_string(key.second);
            if (!row.bars.empty())
                result.push_back(std::move(row));
        }
        std::stable_sort(result.begin(), result.end(), [](const Row& a, const Row& b) {
            return std::tie(a.group_index, a.index) < std::tie(b.group_index, b.index);
        });
        return result;
    }
    const std::vector<std::string>& texts() const { return texts_; }

private:
    struct Group {
        std::string name;
        std::int64_t index = 0;
    };

    std::uint32_t text(const std::string& value) {
        const auto [found, fresh] = numbers_.emplace(value, static_cast<std::uint32_t>(texts_.size()));
        if (fresh)
            texts_.push_back(value);
        return found->second;
    }

    void take(const trace::ReadTimelineEvent& event) {
        const std::pair track(event.process, event.track);
        if (event.phase == "M") {
            if (event.name == "process_name")
                groups_[event.process].name = event.argument_name;
            else if (event.name == "process_sort_index")
                groups_[event.process].index = event.sort_index;
            else if (event.name == "thread_name")
                rows_[track].name = event.argument_name;
            else if (event.name == "thread_sort_index")
                rows_[track].index = event.sort_index;
        } else if (event.phase == "X") {
            const double begin = event.start_us, end = begin + event.duration_us;
            if (begin < to_us_ && (end > from_us_ || begin == from_us_) && ++bars_ > most_bars)
                throw InputError(fmt::format(
                    "a time line of more than {} slices; take a part of it with --from and --to", most_bars));
            if (begin < to_us_ && (end > from_us_ || begin == from_us_))
                rows_[track].bars.push_back({std::max(begin, from_us_), std::min(end, to_us_), text(event.category),
                                             text(event.name), event.category == "stall"});
        }
    }

    static constexpr std::size_t most_bars = 50'000'000;
    double from_us_, to_us_;
    std::size_t bars_ = 0;
    std::map<std::pair<std::int64_t, std::int64_t>, Row> rows_;
    std::map<std::int64_t, Group> groups_;
    std::map<std::string, std::uint32_t> numbers_;
    std::vector<std::string> texts_;
};

/// The busiest rows, in their order.
std::size_t leave_out(std::vector<Row>& rows, std::size_t most) {
    if (rows.size() <= most)
        return 0;
    std::vector<double> busy;
    for (const Row& row : rows)
        busy.push_back(row.busy());
    std::vector<double> sorted = busy;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(most - 1), sorted.end(),
                     std::greater<>());
    const double least = sorted[most - 1];
    std::vector<Row> kept;
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (busy[r] >= least && kept.size() < most)
            kept.push_back(std::move(rows[r]));
    const std::size_t left_out = rows.size() - kept.size();
    rows = std::move(kept);
    return left_out;
}

struct Legend {
    std::vector<std::string> names;
    std::vector<std::size_t> kinds;  ///< colour of each
};

/// By category, or by name where all slices are of one category; those with most time have a colour each.
Legend colour(std::vector<Row>& rows, const std::vector<std::string>& texts) {
    std::map<std::uint32_t, double> categories, names;
    for (const Row& row : rows)
        for (const Bar& bar : row.bars) {
            categories[bar.category] += bar.end_us - bar.begin_us;
            names[bar.name] += bar.end_us - bar.begin_us;
        }
    const bool by_name = categories.size() == 1;
    std::vector<std::pair<double, std::uint32_t>> order;
    for (const auto& [what, time] : by_name ? names : categories)
        order.emplace_back(-time, what);
    std::sort(order.begin(), order.end());
    std::map<std::uint32_t, std::size_t> kinds;
    Legend legend;
    std::size_t next = by_name ? 0 : categories_of_ours.size();
    for (const auto& [time, what] : order) {
        const auto own = std::find(categories_of_ours.begin(), categories_of_ours.end(), texts[what]);
        const bool known = !by_name && own != categories_of_ours.end();
        const std::size_t kind =
            known ? static_cast<std::size_t>(own - categories_of_ours.begin()) : std::min(next++, colours.size());
        kinds[what] = kind;
        if (kind < colours.size()) {
            legend.names.push_back(texts[what].empty() ? "slice" : texts[what]);
            legend.kinds.push_back(kind);
        }
    }
    if (next > colours.size()) {
        legend.names.push_back("others");
        legend.kinds.push_back(colours.size());
    }
    for (Row& row : rows)
        for (Bar& bar : row.bars)
            bar.kind = kinds[by_name ? bar.name : bar.category];
    return legend;
}

/// Slices within slices lie deeper. Times are whole picoseconds: what ends within half of one has ended.
void nest(Row& row) {
    std::sort(row.bars.begin(), row.bars.end(), [](const Bar& a, const Bar& b) {
        return a.begin_us != b.begin_us ? a.begin_us < b.begin_us : a.end_us > b.end_us;
    });
    constexpr double half_ps = 0.5e-6;
    std::vector<double> open;
    for (Bar& bar : row.bars) {
        while (!open.empty() && open.back() <= bar.begin_us + half_ps)
            open.pop_back();
        bar.depth = open.size();
        open.push_back(bar.end_us);
    }
}

/// Boxes by depth: x, y, left, right, bottom, top, colour. What is longer than two pixels is drawn as it is; of what is shorter
/// each pixel shows how much of it is taken, as strong as that share.
class Boxes {
public:
    explicit Boxes(const TimeAxis& axis) : axis_(axis), pixel_((axis.end() - axis.begin()) / pixels) {}

    /// The bars are places on the axis.
    void add(const Row& row, std::size_t number) {
        std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> shares;
        for (const Bar& bar : row.bars) {
            if (bar.end_us - bar.begin_us > 2 * pixel_) {
                draw(bar.depth, bar.kind, number, bar.begin_us, bar.end_us, 1);
                continue;
            }
            std::vector<double>& share = shares[{bar.depth, bar.kind}];
            share.resize(static_cast<std::size_t>(pixels) + 2);
            spread(bar, share);
        }
        for (const auto& [key, share] : shares)
            draw_pixels(key.first, key.second, number, share);
    }

    std::string data() const {
        std::string text;
        for (const auto& [depth, lines] : lines_)
            text += fmt::format("$bars_{} << EOD\n{}EOD\n", depth, lines);
        return text;
    }
    std::string clauses() const {
        std::string text;
        for (const auto& [depth, lines] : lines_)
            text += fmt::format(
                ", \\\n     $bars_{} using 1:2:3:4:5:6:7 with boxxyerror fs solid 1 noborder lc rgb variable notitle",
                depth);
        return text;
    }
    static const char* colour_of(std::size_t kind) { return kind < colours.size() ? colours[kind] : colour_of_others; }

private:
    static constexpr int shades = 16;

    void spread(const Bar& bar, std::vector<double>& share) const {
        const double first = (bar.begin_us - axis_.begin()) / pixel_, last = (bar.end_us - axis_.begin()) / pixel_;
        auto p = static_cast<std::size_t>(std::max(first, 0.0));
        do {
            share[p] +=
                std::max(1e-6, std::min(last, static_cast<double>(p + 1)) - std::max(first, static_cast<double>(p)));
        } while (++p < share.size() && static_cast<double>(p) + 1e-9 < last);
    }

    /// Neighbours that look alike are one box. What is there at all can be seen.
    void draw_pixels(std::size_t depth, std::size_t kind, std::size_t row, const std::vector<double>& share) {
        const auto shade = [&](std::size_t p) {
            return share[p] > 0 ? std::clamp(static_cast<int>(std::ceil(shades * share[p])), 2, shades) : 0;
        };
        for (std::size_t p = 0, end; p < share.size(); p = end) {
            for (end = p + 1; end < share.size() && shade(end) == shade(p);)
                ++end;
            if (shade(p) > 0)
                draw(depth, kind, row, axis_.begin() + pixel_ * static_cast<double>(p),
                     axis_.begin() + pixel_ * static_cast<double>(end), static_cast<double>(shade(p)) / shades);
        }
    }

    void draw(std::size_t depth, std::size_t kind, std::size_t row, double begin, double end, double strength) {
        const double y = static_cast<double>(row), half = 0.4 * std::pow(0.62, static_cast<double>(depth));
        const unsigned long colour = std::strtoul(colour_of(kind) + 1, nullptr, 16);
        const auto clear = static_cast<unsigned long>(std::lround(255 * (1 - strength)));
        lines_[depth] += fmt::format("{:.9g} {} {:.9g} {:.9g} {:.4g} {:.4g} {}\n", begin, row, begin, end, y - half,
                                     y + half, clear << 24 | colour);
    }

    const TimeAxis& axis_;
    double pixel_;
    std::map<std::size_t, std::string> lines_;
};

std::string label(const Row& row) {
    const std::string path = row.path();
    return path.rfind("chip.", 0) == 0 ? path.substr(5) : path;
}

}  // namespace

void plot_trace_timeline(const std::string& file, const TracePlot& plot, const std::string& svg_file) {
    TimelineReader reader(file, plot);
    std::vector<Row> rows = reader.rows();
    rows.erase(std::remove_if(rows.begin(), rows.end(), [&](const Row& row) { return !plot.shows(row.path()); }),
               rows.end());
    if (rows.empty())
        throw InputError(fmt::format("{}: no slices within the times and tracks asked for", file));
    const std::size_t left_out = leave_out(rows, plot.rows);
    const Legend legend = colour(rows, reader.texts());
    std::vector<TimeAxis::Interval> shown;
    std::size_t bars = 0, longest = 0;
    std::string tics, lines;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (const Bar& bar : rows[r].bars)
            shown.emplace_back(bar.begin_us, bar.end_us);
        bars += rows[r].bars.size();
        longest = std::max(longest, label(rows[r]).size());
        tics += fmt::format("{}\"{}\" {}", r == 0 ? "" : ", ", escaped(label(rows[r])), r);
        if (r > 0 && rows[r].group != rows[r - 1].group)
            lines += fmt::format(
                "set arrow from graph 0, first {0} to graph 1, first {0} nohead lw 0.5 lc rgb '#aaaaaa' back\n",
                static_cast<double>(r) - 0.5);
    }
    const TimeAxis axis(std::move(shown));
    Boxes boxes(axis);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        nest(rows[r]);
        for (Bar& bar : rows[r].bars) {
            bar.begin_us = axis.at(bar.begin_us);
            bar.end_us = axis.at(bar.end_us);
        }
        boxes.add(rows[r], r);
    }
    std::string keys;
    for (std::size_t k = 0; k < legend.names.size(); ++k)
        keys += fmt::format(", \\\n     NaN with boxes fs solid 1 noborder fc rgb '{}' title \"{}\" noenhanced",
                            Boxes::colour_of(legend.kinds[k]), escaped(legend.names[k]));
    const std::string title =
        !plot.title.empty()
            ? plot.title
            : fmt::format("{} on {}{}", counted(static_cast<std::int64_t>(bars), "slice"),
                          counted(static_cast<std::int64_t>(rows.size()), "track"),
                          left_out > 0 ? fmt::format(" ({} with less to do are left out)", left_out) : "");
    draw_svg(svg_file, 1100, 150 + row_height * static_cast<int>(std::max<std::size_t>(rows.size(), 4)),
             boxes.data() + lines +
                 fmt::format(R"(set title "{}" noenhanced
set xlabel 'time (us); the paler, the smaller the share of a pixel that is taken'
{}set yrange [{}:-0.6]
set ytics scale 0 ({}) noenhanced font ',10' tc rgb '#333333'
set grid x lc rgb '#dddddd'
set border 3 lc rgb '#888888'
set lmargin {}
set key outside top right horizontal samplen 1.5
plot {}{}
)",
                             escaped(title), axis.commands(), static_cast<double>(rows.size()) - 0.4, tics,
                             0.85 * static_cast<double>(longest) + 2, boxes.clauses().substr(8), keys));
}

}  // namespace xloop
