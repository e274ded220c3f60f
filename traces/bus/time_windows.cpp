#include "traces/bus/time_windows.hpp"

#include <algorithm>

namespace xloop::trace {

TimeWindows::TimeWindows(std::vector<std::pair<Time, Time>> windows) {
    std::sort(windows.begin(), windows.end());
    for (const auto& [begin, end] : windows) {
        if (begin >= end)
            continue;
        if (!windows_.empty() && begin <= windows_.back().second)
            windows_.back().second = std::max(windows_.back().second, end);
        else
            windows_.push_back({begin, end});
    }
    Time sum = 0;
    for (const auto& [begin, end] : windows_) {
        before_.push_back(sum);
        sum += end - begin;
    }
    whole_ = windows_.size() == 1 && windows_.front() == std::pair<Time, Time>(0, never);
}

void TimeWindows::open(Time time) {
    if (!windows_.empty() && windows_.back().second >= time) {
        windows_.back().second = never;
        return;
    }
    before_.push_back(windows_.empty() ? 0 : before(time));
    windows_.push_back({time, never});
}

void TimeWindows::close(Time time) {
    windows_.back().second = time;
    whole_ = false;
}

std::ptrdiff_t TimeWindows::find(Time time) const {
    const auto size = static_cast<std::ptrdiff_t>(windows_.size());
    const auto begin = [this](std::ptrdiff_t w) { return windows_[static_cast<std::size_t>(w)].first; };
    if (last_ >= size || (last_ >= 0 && time < begin(last_)) || (last_ + 1 < size && time >= begin(last_ + 1))) {
        const auto after = std::upper_bound(windows_.begin(), windows_.end(), time,
                                            [](Time t, const std::pair<Time, Time>& w) { return t < w.first; });
        last_ = after - windows_.begin() - 1;
    }
    return last_;
}

bool TimeWindows::contains_searched(Time time) const {
    const std::ptrdiff_t w = find(time);
    return w >= 0 && time < windows_[static_cast<std::size_t>(w)].second;
}

bool TimeWindows::shows_change_searched(Time time) const {
    return contains_searched(time) && time > windows_[static_cast<std::size_t>(last_)].first;
}

bool TimeWindows::contains_searched(Time first, Time last) const {
    const std::ptrdiff_t w = find(first);
    return w >= 0 && last < windows_[static_cast<std::size_t>(w)].second;
}

Time TimeWindows::before_searched(Time time) const {
    const std::ptrdiff_t w = find(time);
    if (w < 0)
        return 0;
    const auto& [begin, end] = windows_[static_cast<std::size_t>(w)];
    return before_[static_cast<std::size_t>(w)] + (std::min(time, end) - begin);
}

}  // namespace xloop::trace
