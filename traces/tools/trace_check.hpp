#pragma once

#include "traces/text/text_input.hpp"
#include "traces/tools/trace_kind.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xloop::trace {

/// What is wrong with a VCD or SAIF file.
struct TraceCheck {
    TraceKind kind = TraceKind::vcd;
    std::uint64_t nets = 0;             ///< VCD: variables, SAIF: bits
    std::uint64_t found = 0;            ///< problems in all
    std::vector<std::string> problems;  ///< the first of them: "name:line: what, what was expected"
};

/// VCD: everything that VcdReader objects to, and: a name is that of one value, ranges fit widths, there is a time scale, every
/// variable has a value at the first time, time passes. SAIF: everything that read_saif objects to, and: the header has version,
/// direction, time scale and a duration; nets of one name agree; no name is a keyword; for every net the times at 0, 1, x, z
/// (and TB) add up to the duration but for rounding, and a net with toggles was at 0 and at 1. Lists at most `most` problems.
/// Throws UnreadableInput, for other kinds too.
TraceCheck check_trace(TextInput& in, std::size_t most);

}  // namespace xloop::trace
