#pragma once

#include "traces/text/text_input.hpp"
#include "traces/tools/trace_info.hpp"

namespace xloop::trace {

/// Reads windows of activity (start_cycle,end_cycle,instance,event,count), power by class (start_cycle,end_cycle,start_s,end_s,
/// classes, total_w) or power by instance (start_s,end_s,instance,power_w), told apart by the header line. Throws InputError.
void inspect_csv(TextInput& in, TraceInfo& info);

}  // namespace xloop::trace
