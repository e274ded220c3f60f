#include "apps/trace/time_axis.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// More cuts would leave nothing to read.
constexpr std::size_t most_parts = 9;

std::vector<TimeAxis::Interval> merged(std::vector<TimeAxis::Interval> intervals, double gap) {
    std::sort(intervals.begin(), intervals.end());
    std::vector<TimeAxis::Interval> result;
    for (const auto& [begin, end] : intervals)
        if (!result.empty() && begin <= result.back().second + gap)
            result.back().second = std::max(result.back().second, end);
        else
            result.emplace_back(begin, end);
    return result;
}

}  // namespace

TimeAxis::TimeAxis(std::vector<Interval> shown) : parts_(merged(std::move(shown), 0)) {
    double covered = 0;
    for (const auto& [begin, end] : parts_)
        covered += end - begin;
    const Interval whole{parts_.front().first, std::max(parts_.back().second, parts_.front().first + 1e-9)};
    parts_ = merged(std::move(parts_), covered / 4);
    double kept = 0;
    for (const auto& [begin, end] : parts_)
        kept += end - begin;
    cut_ = 0.04 * kept;
    if (parts_.size() > most_parts || kept <= 0 || kept > 0.5 * (whole.second - whole.first))
        parts_ = {whole};
}

double TimeAxis::at(double time) const {
    double place = parts_.front().first;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        const auto& [begin, end] = parts_[p];
        if (time < begin && p > 0)
            return place - cut_ / 2;
        if (time <= end || p + 1 == parts_.size())
            return place + (time - begin);
        place += end - begin + cut_;
    }
    return place;
}

/// 1, 2 or 5 times a power of ten, for about ten tics.
double TimeAxis::tic_step() const {
    const double rough = (end() - begin()) / 10, power = std::pow(10, std::floor(std::log10(rough)));
    for (double factor : {1.0, 2.0, 5.0})
        if (rough <= factor * power)
            return factor * power;
    return 10 * power;
}

std::string TimeAxis::commands() const {
    std::string text = fmt::format("set xrange [{:.9g}:{:.9g}]\n", begin(), end());
    if (parts_.size() == 1)
        return text + "set xtics out nomirror tc rgb '#333333'\n";
    std::string tics, marks;
    const double step = tic_step();
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        const auto& [begin, end] = parts_[p];
        double time = std::ceil(begin / step) * step;
        if (time > end)
            time = begin;
        for (; time <= end; time += step)
            tics += fmt::format("{}\"{:.9g}\" {:.9g}", tics.empty() ? "" : ", ", time, at(time));
        if (p == 0)
            continue;
        const double left = at(parts_[p - 1].second), right = at(begin);
        for (double x : {left, right})
            marks += fmt::format(
                "set arrow from first {0:.9g}, graph 0 to first {0:.9g}, graph 1 nohead dt 2 lw 0.8 lc rgb '#777777' "
                "front\n",
                x);
        marks += fmt::format(
            "set label '{:.4g} not shown' at first {:.9g}, graph 0.5 center rotate by 90 font ',9' tc rgb "
            "'#777777' front\n",
            begin - parts_[p - 1].second, (left + right) / 2);
    }
    return text + marks + fmt::format("set xtics out nomirror ({}) tc rgb '#333333'\n", tics);
}

}  // namespace xloop
