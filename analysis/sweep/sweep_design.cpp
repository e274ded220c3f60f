#include "analysis/sweep/sweep_design.hpp"

#include "core/csv_rows.hpp"
#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>

namespace xloop {
namespace {

constexpr double most_points = 1e6;

using Parameters = std::vector<SweepParameter>;

int levels(const SweepParameter& parameter) { return static_cast<int>(parameter.levels.size()); }

/// The number-th of all combinations, the last parameter changing fastest.
SweepLevels combination(const Parameters& parameters, std::uint64_t number) {
    SweepLevels point(parameters.size());
    for (std::size_t p = parameters.size(); p-- > 0;) {
        const auto count = static_cast<std::uint64_t>(levels(parameters[p]));
        point[p] = static_cast<int>(number % count);
        number /= count;
    }
    return point;
}

std::vector<SweepLevels> one_at_a_time(const Parameters& parameters, const SweepLevels& base) {
    std::vector<SweepLevels> points = {base};
    for (std::size_t p = 0; p < parameters.size(); ++p)
        for (int level = 0; level < levels(parameters[p]); ++level)
            if (level != base[p]) {
                points.push_back(base);
                points.back()[p] = level;
            }
    return points;
}

std::vector<SweepLevels> latin(const Parameters& parameters, int count, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::sweep_design);
    std::vector<SweepLevels> points(static_cast<std::size_t>(count), SweepLevels(parameters.size()));
    std::vector<int> strata(static_cast<std::size_t>(count));
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        std::iota(strata.begin(), strata.end(), 0);
        // Fisher and Yates.
        for (std::size_t i = strata.size(); i-- > 1;)
            std::swap(strata[i], strata[random.below(i + 1, p, i)]);
        for (std::size_t i = 0; i < points.size(); ++i)
            points[i][p] = static_cast<int>(std::int64_t{strata[i]} * levels(parameters[p]) / count);
    }
    return points;
}

std::vector<SweepLevels> random_points(const Parameters& parameters, int count, double all, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::sweep_design);
    std::vector<SweepLevels> points;
    std::set<SweepLevels> there;
    const auto wanted = static_cast<std::size_t>(std::min<double>(count, all));
    for (std::uint64_t draw = 0; points.size() < wanted; ++draw) {
        SweepLevels point(parameters.size());
        for (std::size_t p = 0; p < parameters.size(); ++p)
            point[p] = static_cast<int>(
                random.below(static_cast<std::uint64_t>(levels(parameters[p])), parameters.size() + p, draw));
        if (there.insert(point).second)
            points.push_back(std::move(point));
    }
    return points;
}

std::vector<SweepLevels> without_repeats(std::vector<SweepLevels> points) {
    std::set<SweepLevels> there;
    points.erase(std::remove_if(points.begin(), points.end(),
                                [&](const SweepLevels& point) { return !there.insert(point).second; }),
                 points.end());
    return points;
}

}  // namespace

SweepSample parse_sweep_sample(const std::string& text) {
    const std::size_t colon = text.find(':');
    const auto design = value_named<SweepDesign>(text.substr(0, colon));
    const bool counts = design == SweepDesign::latin || design == SweepDesign::random;
    SweepSample sample;
    bool good = design && *design != SweepDesign::list && counts == (colon != std::string::npos);
    if (good && counts) {
        const char *begin = text.data() + colon + 1, *end = text.data() + text.size();
        const auto [stop, problem] = std::from_chars(begin, end, sample.count);
        good = problem == std::errc{} && stop == end && sample.count >= 1 && sample.count <= most_points;
    }
    if (!good)
        throw InputError(fmt::format("--sample `{}`: expected full, one, latin:N or random:N with N of 1 to {:.0f}",
                                     text, most_points));
    sample.design = *design;
    return sample;
}

std::vector<SweepLevels> sweep_design(const Parameters& parameters, const SweepLevels& base, SweepSample sample,
                                      std::uint64_t seed) {
    if (parameters.empty())
        throw InputError(
            "nothing to sweep: give a key several values, as in --set adc.bits=4:8 --set crossbar.rows=32,64,128");
    double all = 1;
    for (const SweepParameter& parameter : parameters)
        all *= levels(parameter);
    switch (sample.design) {
    case SweepDesign::one: return one_at_a_time(parameters, base);
    case SweepDesign::latin: return without_repeats(latin(parameters, sample.count, seed));
    case SweepDesign::random:
        if (sample.count < all / 2)
            return random_points(parameters, sample.count, all, seed);
        break;  // of a few nearly all: drawn below
    default: break;
    }
    if (all > most_points)
        throw InputError(fmt::format(
            "{:.3g} combinations are more than {:.0f}; take a part of them: --sample latin:1000, random:1000 or one",
            all, most_points));
    std::vector<SweepLevels> points;
    for (std::uint64_t number = 0; number < static_cast<std::uint64_t>(all); ++number)
        points.push_back(combination(parameters, number));
    if (sample.design == SweepDesign::random) {
        const KeyedRandom random(seed, RandomUse::sweep_design);
        for (std::size_t i = points.size(); i-- > 1;)
            std::swap(points[i], points[random.below(i + 1, 0, i)]);
        points.resize(std::min(points.size(), static_cast<std::size_t>(sample.count)));
    }
    return points;
}

ListedDesign read_sweep_list(const std::string& csv_file) {
    CsvRows rows(csv_file);
    ListedDesign design;
    for (const std::string& key : rows.header_as_written())
        design.parameters.push_back({key, {}});
    while (rows.next()) {
        SweepLevels point;
        for (std::size_t p = 0; p < design.parameters.size(); ++p) {
            SweepParameter& parameter = design.parameters[p];
            const std::string value(rows.cell(p));
            const auto found = std::find_if(parameter.levels.begin(), parameter.levels.end(),
                                            [&](const SweepParameter::Level& level) { return level.label == value; });
            // An empty cell leaves the experiment's own value.
            if (value.empty()) {
                point.push_back(as_given);
                continue;
            }
            point.push_back(static_cast<int>(found - parameter.levels.begin()));
            if (found == parameter.levels.end())
                parameter.levels.push_back({value, {parameter.name + "=" + value}});
        }
        design.points.push_back(std::move(point));
    }
    if (design.points.empty())
        throw InputError(csv_file + ": holds no points; expected a line of keys, then a line of values for each point");
    design.points = without_repeats(std::move(design.points));
    return design;
}

}  // namespace xloop
