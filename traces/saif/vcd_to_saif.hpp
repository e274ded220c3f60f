#pragma once

#include "traces/saif/saif_file.hpp"
#include "traces/text/text_input.hpp"
#include "traces/vcd/vcd_activity.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace xloop::trace {

/// [begin, end) in femtoseconds.
struct TimeSpan {
    std::uint64_t begin = 0, end = 0;
};
/// "100ns:2us". Throws InputError.
TimeSpan parse_time_span(std::string_view text);

/// The switching activity of a VCD file in `window`, by default from its first time to its last; see VcdActivity for what is
/// counted. Only nets and registers are taken (VcdVariable::is_net). The window must lie within the file and on its time scale. Throws InputError.
SaifFile saif_of_vcd(TextInput& in, const std::optional<TimeSpan>& window = std::nullopt);
/// The tree of a VCD's nets with what `activity`, which is finished, counted for them; see SaifFile::merge_repeats().
SaifFile saif_of_activity(const VcdHeader& header, const VcdActivity& activity, const TextInput& in);

}  // namespace xloop::trace
