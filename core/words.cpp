#include "core/words.hpp"

#include <fmt/format.h>

namespace xloop {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    return first == text.npos ? text.substr(0, 0) : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find(separator, begin)) != text.npos; begin = end + 1)
        parts.push_back(trimmed(text.substr(begin, end - begin)));
    parts.push_back(trimmed(text.substr(begin)));
    return parts;
}

std::string counted(std::int64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string percent(double share, int digits) { return fmt::format("{:.{}f} %", 100.0 * share, digits); }

}  // namespace xloop
