#pragma once

#include "traces/bus/signal.hpp"
#include "traces/text/glob.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace xloop::trace {

/// A layer at work on an image: from its first input read to its last position sent. -1: any.
struct Region {
    std::string layer;        ///< empty: any
    std::int64_t image = -1;  ///< -1: any
};

/// Which signals are traced, and when.
struct Selection {
    Detail detail = Detail::data;
    std::vector<SignalClass> classes;   ///< instead of the detail's; empty: those
    std::vector<Glob> select, exclude;  ///< paths; no `select`: all
    std::vector<Region> regions;        ///< when one of them is at work; empty: always

    bool includes(SignalClass kind) const;
    bool includes(const Signal& signal) const;
};

}  // namespace xloop::trace
