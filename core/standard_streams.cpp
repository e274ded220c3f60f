#include "core/standard_streams.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>

namespace xloop {

void open_standard_streams() {
    // The lowest free number is given out first, so that each of these takes the place of a closed one.
    while (true) {
        const int descriptor = ::open("/dev/null", O_RDWR);
        if (descriptor < 0 || descriptor > STDERR_FILENO) {
            if (descriptor >= 0)
                ::close(descriptor);
            break;
        }
        if (descriptor == STDOUT_FILENO) {
            const int unwritable = ::open("/dev/null", O_RDONLY);
            ::dup2(unwritable, STDOUT_FILENO);
            ::close(unwritable);
        }
    }
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

void say(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

void finish_standard_output() {
    errno = 0;
    std::cout.flush();
    const bool flushed = std::fflush(stdout) == 0;
    if (!flushed || std::ferror(stdout) != 0)
        throw Error(std::string("cannot write to standard output") +
                    (errno != 0 ? std::string(": ") + std::strerror(errno) : ""));
}

void leave(int exit_code) {
    std::fflush(stdout);
    ::_exit(exit_code);
}

}  // namespace xloop
