#include "traces/bus/window_counts.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace xloop::trace {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t smallest_merge = 1024;

std::uint64_t share(std::uint64_t n, std::uint64_t part, std::uint64_t whole) {
    std::uint64_t product = 0;
    if (!__builtin_mul_overflow(n, part, &product))
        return product / whole;
    return static_cast<std::uint64_t>(static_cast<Wide>(n) * part / whole);
}

}  // namespace

std::array<std::uint64_t, event_count> CountedWindow::totals() const {
    std::array<std::uint64_t, event_count> sums{};
    for (const Cell& cell : cells)
        sums[static_cast<std::size_t>(cell.event)] += cell.n;
    return sums;
}

WindowCounts::WindowCounts(const Declarations& declarations, std::uint64_t window_cycles)
    : declarations_(declarations), cycles_(window_cycles), rank_(declarations.instances.size()),
      ranked_(declarations.instances.size()), sums_(declarations.instances.size() * event_count),
      touched_(sums_.size() / 64 + 1) {
    if (cycles_ == 0)
        throw Error("windows of counts need at least 1 cycle");
    std::iota(ranked_.begin(), ranked_.end(), 0);
    const auto path = [&](int i) -> const std::string& {
        return declarations.instances[static_cast<std::size_t>(i)].path;
    };
    std::sort(ranked_.begin(), ranked_.end(), [&](int a, int b) { return path(a) < path(b); });
    for (std::size_t r = 0; r < ranked_.size(); ++r)
        rank_[static_cast<std::size_t>(ranked_[r])] = static_cast<std::uint32_t>(r);
}

std::uint64_t WindowCounts::cycle_from(Time time) const {
    const std::uint64_t fs = declarations_.cycle_fs;
    return static_cast<std::uint64_t>(std::min<Wide>((static_cast<Wide>(time) * 1000 + fs - 1) / fs, never));
}

bool WindowCounts::windows_grew() const {
    const auto& windows = declarations_.windows->windows();
    return windows.size() != known_windows_ || (!windows.empty() && windows.back().second != known_end_);
}

/// Only the last window that was known can have changed.
void WindowCounts::read_windows() {
    const auto& windows = declarations_.windows->windows();
    const std::size_t from = known_windows_ == 0 ? 0 : known_windows_ - 1;
    traced_.resize(from);
    for (std::size_t w = from; w < windows.size(); ++w)
        traced_.push_back({cycle_from(windows[w].first), cycle_from(windows[w].second)});
    known_windows_ = windows.size();
    known_end_ = windows.empty() ? 0 : windows.back().second;
    last_ = nullptr;
}

void WindowCounts::add(const Count& count) {
    if (count.n == 0)
        return;
    if (windows_grew())
        read_windows();
    const std::uint32_t key =
        rank_[static_cast<std::size_t>(count.instance)] * static_cast<std::uint32_t>(event_count) +
        static_cast<std::uint32_t>(count.event);
    const std::uint64_t end = std::max(count.end, count.begin + 1);
    if (last_ && count.begin >= last_->begin && end <= last_->end)
        append(*last_, key, count.n);
    else
        split(key, count, end);
}

WindowCounts::Interval WindowCounts::bounds(std::uint64_t cycle, const Interval& traced) const {
    const std::uint64_t start = cycle / cycles_ * cycles_;
    const std::uint64_t next = start > never - cycles_ ? never : start + cycles_;
    return {std::max({start, traced.begin, finished_}), std::min(next, traced.end)};
}

void WindowCounts::split(std::uint32_t key, const Count& count, std::uint64_t end) {
    auto traced = std::upper_bound(traced_.begin(), traced_.end(), count.begin,
                                   [](std::uint64_t cycle, const Interval& t) { return cycle < t.end; });
    for (; traced != traced_.end() && traced->begin < end; ++traced) {
        std::uint64_t cycle = std::max(count.begin, traced->begin);
        const std::uint64_t stop = std::min(end, traced->end);
        std::uint64_t before = share(count.n, cycle - count.begin, end - count.begin);
        while (cycle < stop) {
            const Interval window = bounds(cycle, *traced);
            cycle = std::min(stop, window.end);
            const std::uint64_t now = share(count.n, cycle - count.begin, end - count.begin);
            if (now > before)
                append(at(window), key, now - before);
            before = now;
        }
    }
}

WindowCounts::Window& WindowCounts::at(const Interval& bounds) {
    auto place = std::lower_bound(open_.begin(), open_.end(), bounds.begin,
                                  [](const Window& w, std::uint64_t begin) { return w.begin < begin; });
    if (place == open_.end() || place->begin != bounds.begin) {
        std::vector<Entry> entries;
        if (!spare_.empty()) {
            entries = std::move(spare_.back());
            spare_.pop_back();
        }
        if (place == open_.begin() && !open_.empty())
            make_list(open_.front());
        place = open_.insert(place, {bounds.begin, bounds.end, std::move(entries), smallest_merge, false});
    }
    place->end = bounds.end;
    if (place == open_.begin())
        make_dense(*place);
    last_ = &*place;
    return *place;
}

void WindowCounts::append(Window& window, std::uint32_t key, std::uint64_t n) {
    if (window.dense) {
        sums_[key] += n;
        touched_[key / 64] |= std::uint64_t{1} << key % 64;
        return;
    }
    window.entries.push_back({key, n});
    if (window.entries.size() >= window.merge_at)
        merge(window);
}

void WindowCounts::merge(Window& window) {
    auto& entries = window.entries;
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
    std::size_t last = 0;
    for (std::size_t i = 1; i < entries.size(); ++i)
        if (entries[i].key == entries[last].key)
            entries[last].n += entries[i].n;
        else
            entries[++last] = entries[i];
    entries.resize(last + 1);
    window.merge_at = std::max(smallest_merge, 2 * entries.size());
}

void WindowCounts::make_dense(Window& window) {
    if (window.dense)
        return;
    window.dense = true;
    for (const Entry& entry : window.entries)
        append(window, entry.key, entry.n);
    window.entries.clear();
}

void WindowCounts::make_list(Window& window) {
    if (!window.dense)
        return;
    window.dense = false;
    for (std::uint32_t word = 0; word < touched_.size(); ++word)
        for (std::uint64_t bits = std::exchange(touched_[word], 0); bits != 0; bits &= bits - 1) {
            const std::uint32_t key = 64 * word + static_cast<std::uint32_t>(__builtin_ctzll(bits));
            window.entries.push_back({key, std::exchange(sums_[key], 0)});
        }
    window.merge_at = std::max(smallest_merge, 2 * window.entries.size());
}

void WindowCounts::finish(std::uint64_t begin, std::uint64_t end, const Visit& visit) {
    cells_.clear();
    if (!open_.empty() && open_.front().begin == begin) {
        Window& window = open_.front();
        make_dense(window);
        make_list(window);  // once each, in order
        for (const Entry& entry : window.entries)
            cells_.push_back({ranked_[entry.key / event_count], static_cast<Event>(entry.key % event_count), entry.n});
        window.entries.clear();
        spare_.push_back(std::move(window.entries));
        open_.pop_front();
        last_ = nullptr;
    }
    visit({begin, end, cells_});
    finished_ = end;
}

void WindowCounts::advance(Time time, const Visit& visit) {
    if (windows_grew())
        read_windows();
    const std::uint64_t now = time == never ? never : cycle_from(time + 1) - 1;
    auto traced = std::upper_bound(traced_.begin(), traced_.end(), finished_,
                                   [](std::uint64_t cycle, const Interval& t) { return cycle < t.end; });
    for (; traced != traced_.end() && traced->begin < now; ++traced)
        for (std::uint64_t cycle = std::max(finished_, traced->begin); cycle < traced->end; cycle = finished_) {
            const Interval window = bounds(cycle, *traced);
            if (window.end > now)
                return;
            finish(window.begin, window.end, visit);
        }
}

void WindowCounts::fold(std::uint64_t end) {
    while (!open_.empty() && open_.back().begin >= end) {
        make_list(open_.back());
        const Window late = std::move(open_.back());
        open_.pop_back();
        last_ = nullptr;
        const auto traced =
            std::find_if(traced_.rbegin(), traced_.rend(), [&](const Interval& t) { return t.begin < end; });
        if (traced == traced_.rend() || std::min(traced->end, end) <= finished_)
            continue;
        Window& window = at(bounds(std::min(traced->end, end) - 1, *traced));
        for (const Entry& entry : late.entries)
            append(window, entry.key, entry.n);
    }
}

void WindowCounts::end(Time time, const Visit& visit) {
    if (windows_grew())
        read_windows();
    const std::uint64_t last = cycle_from(time);
    fold(last);
    advance(time, visit);
    const auto traced =
        std::find_if(traced_.begin(), traced_.end(), [&](const Interval& t) { return t.end > finished_; });
    if (traced != traced_.end() && std::max(traced->begin, finished_) < last) {
        const Interval window = bounds(std::max(traced->begin, finished_), *traced);
        finish(window.begin, std::min(window.end, last), visit);
    }
    open_.clear();
    last_ = nullptr;
}

std::size_t WindowCounts::held() const {
    std::size_t cells = 0;
    for (const Window& window : open_)
        cells += window.entries.capacity();
    return cells;
}

}  // namespace xloop::trace
