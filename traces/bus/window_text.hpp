#pragma once

#include "traces/bus/selection.hpp"
#include "traces/bus/signal.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace xloop::trace {

/// A part of a run as users write it: "cycles:0-2000", "ns:100-250.5" (also ps, us, ms), an open end as in "us:10-", or a
/// region of interest "layer:conv3,image:2", "layer:conv3", "image:2".
/// `cycle_fs`: period of the digital clock. Throws InputError that says what was expected; without the place.
std::variant<std::pair<Time, Time>, Region> parse_window(const std::string& text, std::uint64_t cycle_fs);

}  // namespace xloop::trace
