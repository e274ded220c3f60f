#include "core/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <cmath>
#include <cstdio>

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
        std::fputs("\r\033[K", stderr);
}

void Progress::silence() { silent = true; }

void Progress::update(double done, double total, const std::string& detail) {
    const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
    update(done, total, done > 0.0 ? elapsed * (total - done) / done : 0.0, detail);
}

void Progress::update(double done, double total, double seconds_left, const std::string& detail) {
    const auto now = Clock::now();
    const double between_lines = on_terminal_ ? 0.2 : 5.0;
    if (silent || done <= 0.0 || std::chrono::duration<double>(now - shown_).count() < between_lines)
        return;
    shown_ = now;
    const std::string text = fmt::format("{}: {:.0f} %, {} left{}{}", what_, 100.0 * done / total,
                                         duration_text(seconds_left), detail.empty() ? "" : ", ", detail);
    if (on_terminal_) {
        fmt::print(stderr, "\r\033[K{}", text);
        std::fflush(stderr);
        line_open_ = true;
    } else {
        fmt::print(stderr, "{}\n", text);
    }
}

}  // namespace xloop
