#include "traces/timeline/timeline_sink.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace xloop::trace {
namespace {

/// Process of the chip's own counters; those of tracks follow. Viewers keep 0 for what is idle.
constexpr std::size_t chip_process = 1;

/// Colours that Chrome's viewer knows by name; Perfetto's takes its own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> colours = {
    {{"operation", "thread_state_running"},
     {"stall", "terrible"},
     {"layer", "rail_response"},
     {"image", "rail_load"},
     {"message", "rail_animation"}}};

void name_process(TimelineFile& file, TimelineEvent& event, std::size_t process, const std::string& name) {
    file.describe(event.start("M", process).text("name", "process_name").arguments().text("name", name));
    file.describe(event.start("M", process)
                      .text("name", "process_sort_index")
                      .arguments()
                      .number("sort_index", static_cast<std::int64_t>(process)));
}

}  // namespace

TimelineSink::TimelineSink(std::shared_ptr<TimelineFile> file, std::vector<std::string> layers)
    : file_(std::move(file)), layers_(std::move(layers)) {
    file_->add_writer();
}

void TimelineSink::begin(const Declarations& declarations) {
    windows_ = declarations.windows;
    std::map<std::string, std::size_t> processes;
    for (std::size_t t = 0; t < declarations.tracks.size(); ++t) {
        const Track& track = declarations.tracks[t];
        const auto [found, fresh] = processes.emplace(track.group, processes.size() + chip_process + 1);
        if (fresh)
            name_process(*file_, event_, found->second, track.group);
        const auto thread = static_cast<std::int64_t>(t + 1);
        for (const char* what : {"thread_name", "thread_sort_index"}) {
            event_.start("M", found->second).number("tid", thread).text("name", what).arguments();
            if (std::string_view(what) == "thread_name")
                event_.text("name", track.name);
            else
                event_.number("sort_index", thread);
            file_->describe(event_);
        }
        rows_.push_back({found->second, track.name + " level"});
    }
}

void TimelineSink::slice(const Slice& slice) {
    if (file_->full())
        return;
    const auto& windows = windows_->windows();
    auto window = std::upper_bound(windows.begin(), windows.end(), slice.begin,
                                   [](Time time, const std::pair<Time, Time>& w) { return time < w.second; });
    for (; window != windows.end() && (window->first < slice.end || window->first == slice.begin); ++window)
        write_part(slice, std::max(slice.begin, window->first), std::min(slice.end, window->second));
}

void TimelineSink::write_part(const Slice& slice, Time begin, Time end) {
    event_.start("X", rows_[static_cast<std::size_t>(slice.track)].process)
        .number("tid", static_cast<std::int64_t>(slice.track) + 1)
        .text("name", slice.name)
        .text("cat", slice.category)
        .time("ts", begin)
        .time("dur", end - begin);
    for (const auto& [category, colour] : colours)
        if (category == slice.category)
            event_.text("cname", colour);
    event_.arguments();
    if (slice.layer >= 0) {
        const auto layer = static_cast<std::size_t>(slice.layer);
        if (layer < layers_.size())
            event_.text("layer", layers_[layer]);
        else
            event_.number("layer", slice.layer);
    }
    if (slice.image >= 0)
        event_.number("image", slice.image);
    if (slice.position >= 0)
        event_.number("position", slice.position);
    file_->write(event_, begin);
}

void TimelineSink::write_level(const Row& row, Time time) {
    event_.start("C", row.process).text("name", row.level_name).time("ts", time).arguments().number("value", row.level);
    file_->write(event_, time);
}

void TimelineSink::repeat(Row& row, Time time) {
    const auto& windows = windows_->windows();
    for (; row.windows < windows.size() && windows[row.windows].first < time; ++row.windows)
        if (row.known)
            write_level(row, windows[row.windows].first);
}

void TimelineSink::level(const Level& level) {
    Row& row = rows_[static_cast<std::size_t>(level.track)];
    repeat(row, level.time);
    const auto& windows = windows_->windows();
    row.known = true;
    row.level = level.value;
    if (row.windows < windows.size() && windows[row.windows].first == level.time)
        ++row.windows;
    if (windows_->contains(level.time))
        write_level(row, level.time);
}

void TimelineSink::end(Time time) {
    for (Row& row : rows_)
        repeat(row, time);
    file_->end_writer();
}

TimelinePower::TimelinePower(std::shared_ptr<TimelineFile> file, std::shared_ptr<const PowerModel> model,
                             std::uint64_t window_cycles)
    : file_(std::move(file)), model_(std::move(model)), shown_(model_->classes()), window_cycles_(window_cycles) {
    file_->add_writer();
}

void TimelinePower::begin(const Declarations& declarations) {
    declarations_ = &declarations;
    counts_.emplace(declarations, window_cycles_);
    name_process(*file_, event_, chip_process, declarations.design);
}

void TimelinePower::advance(Time time) {
    counts_->advance(time, [this](const CountedWindow& window) { write(window); });
}

void TimelinePower::end(Time time) {
    counts_->end(time, [this](const CountedWindow& window) { write(window); });
    if (traced_to_ > 0)
        write(declarations_->time_of(traced_to_), PerComponent{});
    file_->end_writer();
}

void TimelinePower::write(const CountedWindow& window) {
    if (traced_to_ > 0 && traced_to_ < window.begin)
        write(declarations_->time_of(traced_to_), PerComponent{});
    traced_to_ = window.end;
    write(declarations_->time_of(window.begin), model_->power_w(window, *declarations_));
}

void TimelinePower::write(Time time, const PerComponent& watts) {
    if (file_->full())
        return;
    event_.start("C", chip_process).text("name", "power_w").time("ts", time).arguments().number("total", sum_of(watts));
    file_->write(event_, time);
    event_.start("C", chip_process).text("name", "power_w by class").time("ts", time).arguments();
    for (Component of : shown_)
        event_.number(name_of(of), watts[static_cast<std::size_t>(of)]);
    file_->write(event_, time);
}

}  // namespace xloop::trace
