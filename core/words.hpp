#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xloop {

/// Without the blanks (space, tab, carriage return) around it.
std::string_view trimmed(std::string_view text);
/// The parts between separators, each trimmed; one empty part of an empty text.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Length of the well-formed UTF-8 sequence (RFC 3629) at byte `at`; 0 where there is none.
std::size_t utf8_length(std::string_view text, std::size_t at);

/// "1 image", "3 images".
std::string counted(std::int64_t count, std::string_view what);
/// 0.125 as "12.5 %".
std::string percent(double share, int digits);

}  // namespace xloop
