#include "systemc_model/sim/activity_windows.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::sim {

void ActivityWindows::spread(Event event, double n, std::uint64_t begin, std::uint64_t end) {
    const std::uint64_t first = begin / cycles_, last = (end - 1) / cycles_;
    constexpr std::uint64_t most_windows = 4'000'000;  // which are 0.7 GB
    if (last >= most_windows)
        throw KeyError(
            "simulation.power_window_cycles",
            fmt::format("the run has more than {} windows of {} cycles; expected longer ones", most_windows, cycles_));
    if (windows_.size() <= last)
        windows_.resize(last + 1, PerEvent{});
    const auto e = static_cast<std::size_t>(event);
    if (first == last) {
        windows_[first][e] += n;
        return;
    }
    const double per_cycle = n / static_cast<double>(end - begin);
    for (std::uint64_t w = first; w <= last; ++w) {
        const std::uint64_t from = std::max(begin, w * cycles_), to = std::min(end, (w + 1) * cycles_);
        windows_[w][e] += per_cycle * static_cast<double>(to - from);
    }
}

std::vector<PerEvent> ActivityWindows::until(std::uint64_t end) const {
    if (cycles_ == 0)
        return {};
    const std::size_t count = std::max<std::size_t>(1, (end + cycles_ - 1) / cycles_);
    std::vector<PerEvent> windows(windows_.begin(),
                                  windows_.begin() + static_cast<std::ptrdiff_t>(std::min(count, windows_.size())));
    windows.resize(count, PerEvent{});
    for (std::size_t w = count; w < windows_.size(); ++w)
        for (std::size_t e = 0; e < event_count; ++e)
            windows.back()[e] += windows_[w][e];
    return windows;
}

}  // namespace xloop::sim
