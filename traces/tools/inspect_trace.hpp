#pragma once

#include "traces/text/text_input.hpp"
#include "traces/tools/trace_info.hpp"

namespace xloop::trace {

/// VCD, SAIF, the CSV files of activity and power, or the JSON of a time line, told apart by content. Throws InputError.
TraceInfo inspect_trace(TextInput& in);

}  // namespace xloop::trace
