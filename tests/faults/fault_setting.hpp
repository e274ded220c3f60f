#pragma once

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace xloop::test {

/// Lines of an error output that are no warning.
inline int errors_in(const std::string& text) {
    std::istringstream lines(text);
    int count = 0;
    for (std::string line; std::getline(lines, line);)
        count += line.rfind("warning: ", 0) != 0;
    return count;
}

/// While it lives, programs that are started find faults in their way (failing_calls.cpp).
class FaultSetting {
public:
    enum class Kind { full_disk, kill };

    /// The `at`-th call that writes below `folder`, counted over all processes, meets the fault; a disk that is full stays
    /// so. -1: they are only counted. `counter`: a file for their number, not below `folder`.
    FaultSetting(const std::string& folder, const std::string& counter, Kind kind = Kind::full_disk, long at = -1)
        : counter_(counter) {
        std::ofstream(counter_, std::ios::binary).write("\0\0\0\0\0\0\0\0", sizeof(long));
        set("LD_PRELOAD", XLOOP_FAULT_LIBRARY);
        set("XLOOP_FAULT_FOLDER", folder);
        set("XLOOP_FAULT_COUNTER", counter);
        set("XLOOP_FAULT_AT", std::to_string(at));
        if (kind == Kind::kill)
            set("XLOOP_FAULT_KILLS", "1");
    }
    /// No process gets more than `threads` threads beside its first.
    explicit FaultSetting(int threads) {
        set("LD_PRELOAD", XLOOP_FAULT_LIBRARY);
        set("XLOOP_FAULT_THREADS", std::to_string(threads));
    }
    ~FaultSetting() {
        for (const char* name : {"LD_PRELOAD", "XLOOP_FAULT_FOLDER", "XLOOP_FAULT_COUNTER", "XLOOP_FAULT_AT",
                                 "XLOOP_FAULT_KILLS", "XLOOP_FAULT_THREADS"})
            ::unsetenv(name);
    }
    FaultSetting(const FaultSetting&) = delete;
    FaultSetting& operator=(const FaultSetting&) = delete;

    long calls() const {
        long number = 0;
        std::ifstream(counter_, std::ios::binary).read(reinterpret_cast<char*>(&number), sizeof number);
        return number;
    }

private:
    static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
    std::string counter_;
};

}  // namespace xloop::test
