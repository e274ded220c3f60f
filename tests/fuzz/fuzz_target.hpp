#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace xloop::fuzz {

/// Gives `text` to a reader. Whatever it holds, nothing but an InputError may come out.
void run_one(std::string_view text);

inline void demand(bool holds, const char* what) {
    if (holds)
        return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

}  // namespace xloop::fuzz
