#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xloop::trace {

/// The unit of a trace file's times: 1, 10 or 100 s, ms, us, ns, ps or fs.
struct TimeScale {
    int value = 1;
    std::string unit = "ps";

    std::uint64_t femtoseconds() const;
    std::string text() const { return std::to_string(value) + unit; }
};

/// Femtoseconds of "s", "ms", "us", "ns", "ps" or "fs".
std::optional<std::uint64_t> unit_femtoseconds(std::string_view unit);
/// "10ps"; nothing: no such scale. Other numbers than 1, 10 and 100 are refused.
std::optional<TimeScale> parse_time_scale(std::string_view text);
/// "12.5ns" in femtoseconds; nothing: no time, no whole number of femtoseconds or too large.
std::optional<std::uint64_t> parse_time(std::string_view text);
/// Short text for people: "12.5 ns". `time` is in units of `unit_fs` femtoseconds.
std::string time_text(std::uint64_t time, std::uint64_t unit_fs = 1);

}  // namespace xloop::trace
