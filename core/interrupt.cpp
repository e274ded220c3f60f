#include "core/interrupt.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

#include <unistd.h>
#include <atomic>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string_view>

namespace xloop {
namespace {

/// Set by the handler; `heard` once the program knows and ends by itself.
volatile std::sig_atomic_t flag = 0, heard = 0;
timer_t deadline;
bool has_deadline = false;

std::atomic<const std::string*> last_words = nullptr;

[[noreturn]] void end_now() {
    const std::string* words = last_words;
    const std::string_view text = words ? std::string_view(*words) : "interrupted";
    remove_own_temporaries();
    for (std::string_view part : {std::string_view("xloop: "), text, std::string_view("\n")})
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, part.data(), part.size());
    ::_exit(130);
}

void on_deadline(int) {
    if (!heard)
        end_now();
}

void on_signal(int) {
    if (flag)
        end_now();
    flag = 1;
    if (!has_deadline)
        return;
    itimerspec in{};
    in.it_value.tv_nsec = 800'000'000;
    timer_settime(deadline, 0, &in, nullptr);
}

void handle(int number, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, nullptr);
}

}  // namespace

void catch_interrupts() {
    handle(SIGALRM, on_deadline);
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGALRM;
    has_deadline = timer_create(CLOCK_MONOTONIC, &event, &deadline) == 0;
    handle(SIGINT, on_signal);
    handle(SIGTERM, on_signal);
}

void set_last_words(std::string text) { last_words = new std::string(std::move(text)); }

bool interrupted() {
    if (flag)
        heard = 1;
    return flag != 0;
}

void check_interrupt() {
    if (interrupted())
        throw Interrupted("interrupted");
}

}  // namespace xloop
