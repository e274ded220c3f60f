#pragma once

#include "analysis/accuracy_table.hpp"
#include "apps/page/page.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace xloop::page {

/// One bar of a chart of accuracies; shares in [0, 1], `low` and `high` not numbers where the counts are not known.
struct AccuracyBar {
    std::string label, series;
    double share = 0, low = NAN, high = NAN;
};

/// Labels and series in the order in which they come first; in percent.
Figure accuracy_chart(std::string title, const std::vector<AccuracyBar>& bars, std::string words = {});
/// With its 95 % interval.
AccuracyBar bar_of(const AccuracyCell& cell, std::string label, std::string series);
/// "chip 2, recalibrated"; where there is but one chip, `chips` is 1, without its number.
std::string engine_label(const AccuracyCell& cell);

inline constexpr const char* interval_words = "Whiskers: 95 % intervals (Wilson) from the number of images.";

}  // namespace xloop::page
