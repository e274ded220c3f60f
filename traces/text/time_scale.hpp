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
/// What a file counts in: `factor` times a unit that all tools know.
struct FileUnit {
    TimeScale scale;
    std::uint64_t factor = 1;
    bool usual = true;  ///< its number is 1, 10 or 100, as the formats' standards want
};
/// "10ps"; also other numbers, as "2 ns" and "0.5us", in capitals or without number. Nothing: no such scale.
std::optional<FileUnit> parse_time_scale(std::string_view text);
/// "12.5ns" in femtoseconds; nothing: no time, no whole number of femtoseconds or too large.
std::optional<std::uint64_t> parse_time(std::string_view text);
/// Short text for people: "12.5 ns". `time` is in units of `unit_fs` femtoseconds.
std::string time_text(std::uint64_t time, std::uint64_t unit_fs = 1);

}  // namespace xloop::trace
