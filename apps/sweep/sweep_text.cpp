#include "apps/sweep/sweep_files.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace xloop {
namespace {

constexpr std::size_t most_rows = 24;

std::vector<std::string> shown_metrics(const SweepResult& result) {
    std::vector<std::string> names = result.objectives;
    for (const char* more : {"energy_j", "latency_s", "area_mm2", "edap"})
        if (std::find(names.begin(), names.end(), more) == names.end())
            names.emplace_back(more);
    return names;
}

/// Points by number: all of few, else those on the front, the best in the first objective first.
std::vector<int> shown_points(const SweepResult& result) {
    std::vector<int> some;
    const bool all = result.points.size() <= most_rows;
    for (std::size_t i = 0; i < result.points.size(); ++i)
        if (all || result.points[i].on_front)
            some.push_back(static_cast<int>(i));
    if (all || result.objectives.empty())
        return some;
    const SweepMetric& first = result.metric(result.objectives.front());
    const double sign = first.direction == Direction::minimise ? 1 : -1;
    std::stable_sort(some.begin(), some.end(), [&](int a, int b) {
        const auto of = [&](int i) {
            return sign * result.figure(result.points[static_cast<std::size_t>(i)], first.name).value();
        };
        return of(a) < of(b);
    });
    return some;
}

/// Texts with how many points they are said of, the most frequent first.
std::string counted_texts(const std::map<std::string, int>& counts) {
    std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    constexpr std::size_t most_reasons = 3;
    for (std::size_t i = 0; i < std::min(sorted.size(), most_reasons); ++i)
        text += fmt::format("  {}: {}\n", counted(sorted[i].second, "point"), sorted[i].first);
    if (sorted.size() > most_reasons)
        text += fmt::format("  and {} more, in sweep.json\n", sorted.size() - most_reasons);
    return text;
}

}  // namespace

std::string sweep_text(const SweepResult& result) {
    const std::vector<int> some = shown_points(result);
    const auto front =
        std::count_if(result.points.begin(), result.points.end(), [](const SweepPoint& p) { return p.on_front; });
    const auto refused = std::count_if(result.points.begin(), result.points.end(),
                                       [](const SweepPoint& p) { return !p.failure.empty(); });
    std::string text = fmt::format("{}: {} at {}, design {}; front (*) by {}: {}\n\n", result.name, result.task,
                                   counted(static_cast<std::int64_t>(result.points.size()), "point"),
                                   name_of(result.design), fmt::join(result.objectives, ", "), front);
    std::vector<int> rows = some;
    rows.resize(std::min(rows.size(), most_rows));
    text += result.table(rows, shown_metrics(result)).text();
    if (some.size() > rows.size())
        text += fmt::format("and {} more on the front\n", some.size() - rows.size());
    for (const std::string& objective : result.objectives) {
        const bool alone = result.design == SweepDesign::one;
        const Table table = alone ? result.tornado_table(objective) : result.effect_table(objective);
        if (!table.rows.empty())
            text += fmt::format("\n{}: {}\n{}", result.metric(objective).heading,
                                alone ? "what one key alone does to the experiment as it is"
                                      : "mean over all points with a value; `explains`: share of the variance",
                                table.text());
    }
    std::map<std::string, int> refusals, warnings;
    for (const SweepPoint& point : result.points) {
        if (!point.failure.empty())
            ++refusals[point.failure];
        for (const int warning : point.warnings)
            ++warnings[result.warnings[static_cast<std::size_t>(warning)]];
    }
    if (refused > 0)
        text += fmt::format("\nrefused: {} of {} points\n{}", refused, result.points.size(), counted_texts(refusals));
    if (!warnings.empty())
        text += "\nwarnings of the cost table\n" + counted_texts(warnings);
    return text;
}

}  // namespace xloop
