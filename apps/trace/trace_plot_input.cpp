#include "apps/trace/trace_plot_input.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>

namespace xloop {
namespace {

constexpr std::string_view power_header = "start_cycle,end_cycle,start_s,end_s,";
constexpr std::string_view instances_header = "start_s,end_s,instance,power_w";
constexpr std::string_view activity_header = "start_cycle,end_cycle,instance,event,count";

/// Enough to know every kind of file by.
std::string first_line(const std::string& path) {
    trace::TextInput in(path);
    std::string line;
    for (int c = in.get(); c >= 0 && c != '\n' && line.size() < 4096; c = in.get())
        if (c != '\r')
            line += static_cast<char>(c);
    return line;
}

}  // namespace

TraceContent content_of(const std::string& path) {
    const std::string line = first_line(path);
    if (line.rfind(power_header, 0) == 0)
        return TraceContent::power;
    if (line == instances_header)
        return TraceContent::power_instances;
    if (line == activity_header)
        return TraceContent::activity;
    const std::size_t start = line.find_first_not_of(" \t");
    if (start != std::string::npos && (line[start] == '{' || line[start] == '['))
        return TraceContent::timeline;
    throw InputError(
        fmt::format("{}: nothing to draw; expected power over time (CSV that begins `{}` or `{}`), activity (CSV "
                    "that begins `{}`) or a time line (JSON)",
                    path, power_header, instances_header, activity_header));
}

TraceRows::TraceRows(const std::string& path) : in_(path) {
    if (read_line())
        split();
    header_.assign(cells_.begin(), cells_.end());
}

bool TraceRows::read_line() {
    line_.clear();
    int c = in_.get();
    if (c < 0)
        return false;
    for (; c >= 0 && c != '\n'; c = in_.get())
        if (c != '\r')
            line_ += static_cast<char>(c);
    return true;
}

void TraceRows::split() {
    cells_.clear();
    const std::string_view line = line_;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t comma = std::min(line.find(',', at), line.size());
        cells_.push_back(line.substr(at, comma - at));
        at = comma + 1;
    }
}

bool TraceRows::next() {
    do {
        if (!read_line())
            return false;
    } while (line_.empty());
    split();
    if (cells_.size() != header_.size())
        in_.fail(fmt::format("{} cells, expected {}", cells_.size(), header_.size()));
    return true;
}

std::string_view TraceRows::cell(std::size_t column) const { return cells_[column]; }

double TraceRows::number(std::size_t column) const {
    const std::string_view text = cells_[column];
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < 0)
        in_.fail(fmt::format("`{}` in column {}, expected a number of at least 0", text, header_[column]));
    return value;
}

}  // namespace xloop
