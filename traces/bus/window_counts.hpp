#pragma once

#include "traces/bus/trace_sink.hpp"

#include <deque>
#include <functional>

namespace xloop::trace {

/// What was counted in the cycles [begin, end): a window, or the part of it that was traced.
struct CountedWindow {
    struct Cell {
        int instance;
        Event event;
        std::uint64_t n;  ///< above 0
    };
    std::uint64_t begin, end;
    const std::vector<Cell>& cells;  ///< in order of instance path and event, each pair once

    std::uint64_t cycles() const { return end - begin; }
    std::array<std::uint64_t, event_count> totals() const;
};

/// Adds counts up by instance, event and window of the digital clock. A count is split at the borders of windows and of
/// what is traced: floor(n x (cycle - begin) / (end - begin)) of its events came before a cycle, so the parts add up to n.
/// A cycle is traced when the moment it begins at is. Memory is that of the windows that are not finished.
class WindowCounts {
public:
    using Visit = std::function<void(const CountedWindow&)>;

    /// `declarations` stay where they are. Throws Error for windows of 0 cycles.
    WindowCounts(const Declarations& declarations, std::uint64_t window_cycles);

    void add(const Count& count);
    /// Hands out the traced windows that end at or before `time`, in order and empty ones too, and forgets them.
    void advance(Time time, const Visit& visit);
    /// Hands out the rest of a run that ended at `time`. Events that were to come later count in the last window.
    void end(Time time, const Visit& visit);

    std::size_t unfinished() const { return open_.size(); }
    /// Cells in memory.
    std::size_t held() const;

private:
    struct Interval {
        std::uint64_t begin, end;
    };
    struct Entry {
        std::uint32_t key;  ///< rank of the instance's path x event_count + event
        std::uint64_t n;
    };
    struct Window {
        std::uint64_t begin, end;
        std::vector<Entry> entries;  ///< a key may come several times
        std::size_t merge_at;
        bool dense;  ///< its counts are in sums_; of the first window, once it is counted in
    };

    bool windows_grew() const;
    void read_windows();
    void split(std::uint32_t key, const Count& count, std::uint64_t end);
    Window& at(const Interval& bounds);
    Interval bounds(std::uint64_t cycle, const Interval& traced) const;
    void append(Window& window, std::uint32_t key, std::uint64_t n);
    /// Leaves each key once.
    void merge(Window& window);
    void make_dense(Window& window);
    /// Of a dense window: each key once, in order.
    void make_list(Window& window);
    void finish(std::uint64_t begin, std::uint64_t end, const Visit& visit);
    void fold(std::uint64_t end);
    std::uint64_t cycle_from(Time time) const;

    const Declarations& declarations_;
    std::uint64_t cycles_;
    std::vector<std::uint32_t> rank_;  ///< of each instance
    std::vector<int> ranked_;          ///< instances by path
    std::vector<Interval> traced_;     ///< in cycles
    std::size_t known_windows_ = 0;
    Time known_end_ = 0;
    std::uint64_t finished_ = 0;  ///< cycle up to which windows were handed out
    std::deque<Window> open_;
    Window* last_ = nullptr;              ///< that the count before went to
    std::vector<std::uint64_t> sums_;     ///< of the dense window, by key
    std::vector<std::uint64_t> touched_;  ///< a bit for each key of sums_
    std::vector<CountedWindow::Cell> cells_;
    std::vector<std::vector<Entry>> spare_;
};

}  // namespace xloop::trace
