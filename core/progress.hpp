#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace xloop {

/// What a long step says of itself.
struct StepState {
    double done = 0.0;                        ///< share in [0, 1]; 0 where the step cannot tell
    std::optional<double> seconds_left = {};  ///< where the step knows better than the mean speed so far
    std::string detail = {};                  ///< of what was done last: "loss 0.41"
};

/// Called by a long step now and then. It may throw to give the step up. Empty: nobody watches.
using Watch = std::function<void(const StepState&)>;

/// Progress of a long step on standard error, with the time left: one line that renews itself on a terminal, a plain
/// line every few seconds elsewhere. Steps shorter than that print nothing. A Watch: give it away by std::ref.
class Progress {
public:
    explicit Progress(std::string what);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Shows the state. Throws Interrupted when the user has asked to stop (core/interrupt.hpp).
    void operator()(const StepState& state);
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
