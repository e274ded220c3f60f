#pragma once

#include "traces/text/text_input.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace xloop::trace {

/// One event of a time line, in the trace event format of Chrome's and Perfetto's viewers. What the file does not say is
/// empty or 0.
struct ReadTimelineEvent {
    std::string phase;  ///< "X" took a while, "C" counter, "M" name
    std::string name, category;
    double start_us = 0, duration_us = 0;
    std::int64_t process = 0, track = 0;
    std::string argument_name;  ///< of process and track names
    std::int64_t sort_index = 0;
};

/// Calls `take` with one event after the other: there may be many. The events are the array `traceEvents`, or the whole
/// file is one. Throws InputError for what is no JSON, no time line, or has a text where a number belongs.
void read_timeline(TextInput& in, const std::function<void(const ReadTimelineEvent&)>& take);

}  // namespace xloop::trace
