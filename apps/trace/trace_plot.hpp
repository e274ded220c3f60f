#pragma once

#include "traces/power/power_model.hpp"
#include "traces/text/glob.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// What of a trace is drawn, and how.
struct TracePlot {
    enum class Group { automatic, instance, tile };

    std::string title;  ///< empty: one that says what is shown
    double from_s = 0, to_s = std::numeric_limits<double>::infinity();
    std::vector<trace::Glob> only;           ///< instances "chip.tile_0_0.bus", tracks "GROUP.NAME"; empty: all
    std::size_t rows = 60;                   ///< most that are drawn: those with most to show
    std::string event;                       ///< of an activity file; empty: energy with a model, else the
                                             ///< event with most instances
    Group group = Group::automatic;          ///< automatic: tiles where instances are more than `rows`
    std::optional<trace::PowerModel> model;  ///< for energy and time of an activity file

    bool shows(const std::string& path) const;
};

/// Draw a file of a trace as an SVG picture, time in microseconds, by gnuplot. Throw InputError for files that do not hold
/// what is to be drawn.
/// Power by class, stacked.
void plot_trace_power(const std::string& file, const TracePlot& plot, const std::string& svg_file);
/// Activity or power of instances or tiles, one row each. Without a model an activity file's time is in cycles.
void plot_trace_heat(const std::string& file, const TracePlot& plot, const std::string& svg_file);
/// Slices of a time line, one row for each track.
void plot_trace_timeline(const std::string& file, const TracePlot& plot, const std::string& svg_file);

}  // namespace xloop
