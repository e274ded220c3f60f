#pragma once

#include "traces/bus/trace_sink.hpp"

#include <string>

namespace xloop::trace {

/// Writes what GTKWave opens a dump with (`gtkwave NAME.gtkw`): the clocks and the signals of control, in closed groups by scope,
/// numbers in hexadecimal; at most a thousand of them. `dump`: the file of the waves. Throws Error.
void write_gtkwave_save(const std::string& path, const std::string& dump, const Declarations& declarations);

}  // namespace xloop::trace
