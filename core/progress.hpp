#pragma once

#include <chrono>
#include <string>

namespace xloop {

/// Progress of a long step on standard error, with the time left: one line that renews itself on a terminal, a plain
/// line every few seconds elsewhere. Steps shorter than that print nothing.
class Progress {
public:
    explicit Progress(std::string what);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// `done` of `total` units are finished; `detail` is appended ("loss 0.41").
    void update(double done, double total, const std::string& detail = {});
    /// The same where the caller knows better than the mean speed so far how many seconds are left.
    void update(double done, double total, double seconds_left, const std::string& detail);
    /// Turns all progress off (quiet runs).
    static void silence();

private:
    using Clock = std::chrono::steady_clock;
    std::string what_;
    Clock::time_point start_, shown_;
    bool on_terminal_, line_open_ = false;
};

/// "48 s", "3 min 20 s", "1 h 5 min".
std::string duration_text(double seconds);

}  // namespace xloop
