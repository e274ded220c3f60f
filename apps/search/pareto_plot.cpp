#include "apps/search/pareto_plot.hpp"

#include "apps/plot/gnuplot.hpp"
#include "nas/search_metrics.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// Axes: the second objective to the right, the first one up.
struct Axes {
    const SearchMetric &x, &y;

    bool shows(const Candidate& c) const {
        return c.refused.empty() && std::isfinite(x.value(c)) && std::isfinite(y.value(c));
    }
    std::string point(const Candidate& c) const {
        return fmt::format("{:.6e} {:.6e} \"{}\"\n", x.scale * x.value(c), y.scale * y.value(c),
                           c.id == baseline_id ? std::string("baseline") : std::to_string(c.id));
    }
};

template <class Keep>
std::string block(const char* name, const std::vector<Candidate>& candidates, const Axes& axes, Keep keep) {
    std::string text = fmt::format("${} << EOD\n", name);
    for (const Candidate& c : candidates)
        if (axes.shows(c) && keep(c))
            text += axes.point(c);
    return text + "EOD\n";
}

std::string script(std::vector<Candidate> candidates, const std::optional<Candidate>& baseline, const Axes& axes) {
    std::sort(candidates.begin(), candidates.end(),
              [&](const Candidate& a, const Candidate& b) { return axes.x.value(a) < axes.x.value(b); });
    std::vector<Candidate> reference;
    if (baseline)
        reference.push_back(*baseline);
    std::string text = block("all", candidates, axes, [](const Candidate& c) { return c.violation == 0.0; }) +
                       block("outside", candidates, axes, [](const Candidate& c) { return c.violation > 0.0; }) +
                       block("front", candidates, axes, [](const Candidate& c) { return c.on_front; }) +
                       block("chosen", candidates, axes, [](const Candidate& c) { return c.chosen; }) +
                       block("baseline", reference, axes, [](const Candidate&) { return true; });
    const auto plotted = [&](const char* name, bool any, const std::string& line) {
        return any ? fmt::format(", \\\n     ${} {}", name, line) : std::string();
    };
    const auto any = [&](auto keep) {
        return std::any_of(candidates.begin(), candidates.end(),
                           [&](const Candidate& c) { return axes.shows(c) && keep(c); });
    };
    text += fmt::format(
        "set xlabel '{}'\nset ylabel '{}'\n{}{}set offsets graph 0.05, graph 0.05, graph 0.12, graph 0.12\n"
        "set grid lc rgb '#dddddd'\nset key outside top center horizontal\n",
        axes.x.heading, axes.y.heading,
        axes.x.source == MetricSource::hardware ? "set logscale x\nset format x '%.0e'\n" : "",
        axes.y.source == MetricSource::hardware ? "set logscale y\nset format y '%.0e'\n" : "");
    text += "plot $all using 1:2 with points pt 7 ps 0.6 lc rgb '#999999' title 'candidates'";
    text += plotted("outside", any([](const Candidate& c) { return c.violation > 0.0; }),
                    "using 1:2 with points pt 2 ps 0.6 lc rgb '#cccccc' title 'break a constraint'");
    text += plotted("front", any([](const Candidate& c) { return c.on_front; }),
                    "using 1:2 with linespoints pt 7 ps 0.8 lw 1.5 lc rgb '#1f77b4' title 'Pareto front'");
    text += plotted("chosen", any([](const Candidate& c) { return c.chosen; }),
                    "using 1:2 with points pt 6 ps 2.0 lw 2 lc rgb '#d62728' title 'chosen'");
    text += plotted("chosen", any([](const Candidate& c) { return c.chosen; }),
                    "using 1:2:3 with labels noenhanced offset 0,-1.3 font ',10' notitle");
    text += plotted("baseline", baseline && axes.shows(*baseline),
                    "using 1:2 with points pt 9 ps 1.6 lc rgb '#2ca02c' title 'baseline'");
    return text + "\n";
}

}  // namespace

void plot_pareto(const SearchResult& result, const SearchConfig& config, const std::string& svg_file) {
    if (config.objectives.size() < 2)
        return;
    const Axes axes{metric_named(config.objectives[1]), metric_named(config.objectives[0])};
    if (std::any_of(result.candidates.begin(), result.candidates.end(),
                    [&](const Candidate& c) { return axes.shows(c); }))
        draw_svg(svg_file, 860, 520, script(result.candidates, result.baseline, axes));
}

}  // namespace xloop
