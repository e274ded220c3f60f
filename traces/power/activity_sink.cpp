#include "traces/power/activity_sink.hpp"

#include <fmt/format.h>

namespace xloop::trace {

ActivitySink::ActivitySink(std::string path, std::uint64_t window_cycles, std::uint64_t limit_bytes)
    : file_(std::move(path), limit_bytes), window_cycles_(window_cycles) {}

void ActivitySink::begin(const Declarations& declarations) {
    declarations_ = &declarations;
    counts_.emplace(declarations, window_cycles_);
    file_.head("start_cycle,end_cycle,instance,event,count\n");
}

void ActivitySink::advance(Time time) {
    counts_->advance(time, [this](const CountedWindow& window) { write(window); });
}

void ActivitySink::end(Time time) {
    counts_->end(time, [this](const CountedWindow& window) { write(window); });
    file_.finish();
}

void ActivitySink::write(const CountedWindow& window) {
    if (window.cells.empty() || file_.full())
        return;
    const std::string times = fmt::format("{},{},", window.begin, window.end);
    rows_.clear();
    for (const CountedWindow::Cell& cell : window.cells) {
        rows_ += times;
        rows_ += declarations_->instances[static_cast<std::size_t>(cell.instance)].path;
        rows_ += ',';
        rows_ += name_of(cell.event);
        rows_ += ',';
        const fmt::format_int count(cell.n);
        rows_.append(count.data(), count.size());
        rows_ += '\n';
    }
    file_.write(rows_, declarations_->time_of(window.begin));
}

}  // namespace xloop::trace
