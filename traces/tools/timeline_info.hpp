#pragma once

#include "traces/text/text_input.hpp"
#include "traces/tools/trace_info.hpp"

namespace xloop::trace {

/// Reads a time line in the trace event format (JSON) of Chrome's and Perfetto's viewers. Throws InputError.
void inspect_timeline(TextInput& in, TraceInfo& info);

}  // namespace xloop::trace
