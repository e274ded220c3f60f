#include "core/progress.hpp"

#include "core/interrupt.hpp"
#include "core/standard_streams.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <cmath>

namespace xloop {
namespace {

bool silent = false;

}  // namespace

std::string duration_text(double seconds) {
    const auto s = static_cast<long>(std::llround(seconds));
    if (s < 60)
        return fmt::format("{} s", s);
    if (s < 3600)
        return fmt::format("{} min {} s", s / 60, s % 60);
    return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
}

Progress::Progress(std::string what)
    : what_(std::move(what)), start_(Clock::now()), shown_(start_), on_terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
    if (line_open_)
        say("\r\033[K");
}

void Progress::silence() { silent = true; }

void Progress::operator()(const StepState& state) {
    check_interrupt();
    const auto now = Clock::now();
    const double between_lines = on_terminal_ ? 0.2 : 5.0;
    if (silent || state.done <= 0.0 || std::chrono::duration<double>(now - shown_).count() < between_lines)
        return;
    shown_ = now;
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    const double left = state.seconds_left.value_or(elapsed * (1.0 - state.done) / state.done);
    const std::string text = fmt::format("{}: {:.0f} %, {} left{}{}", what_, 100.0 * state.done, duration_text(left),
                                         state.detail.empty() ? "" : ", ", state.detail);
    if (on_terminal_) {
        say("\r\033[K" + text);
        line_open_ = true;
    } else {
        say(text + "\n");
    }
}

}  // namespace xloop
