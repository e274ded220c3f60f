#pragma once

#include "traces/text/text_input.hpp"

#include <cstdint>

namespace xloop::trace {

/// What a trace file holds.
enum class TraceKind : std::uint8_t { vcd, saif, csv, json };

/// By its first character, of which nothing is read. Throws InputError for what is none of them.
TraceKind kind_of(TextInput& in);

}  // namespace xloop::trace
