#include "traces/text/time_scale.hpp"

#include <fmt/format.h>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace xloop::trace {
namespace {

struct Unit {
    const char* name;
    std::uint64_t femtoseconds;
};
constexpr std::array<Unit, 6> units = {{{"s", 1'000'000'000'000'000},
                                        {"ms", 1'000'000'000'000},
                                        {"us", 1'000'000'000},
                                        {"ns", 1'000'000},
                                        {"ps", 1'000},
                                        {"fs", 1}}};

}  // namespace

std::optional<std::uint64_t> unit_femtoseconds(std::string_view unit) {
    for (const Unit& known : units)
        if (unit == known.name)
            return known.femtoseconds;
    return std::nullopt;
}

std::uint64_t TimeScale::femtoseconds() const { return static_cast<std::uint64_t>(value) * *unit_femtoseconds(unit); }

std::optional<FileUnit> parse_time_scale(std::string_view text) {
    std::string lower;
    for (char c : text)
        if (c > ' ')
            lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    double number = 0;
    const auto [end, problem] = std::from_chars(lower.data(), lower.data() + lower.size(), number);
    const auto length = static_cast<std::size_t>(end - lower.data());
    const std::string digits = lower.substr(0, length), unit = lower.substr(length);
    const bool whole = problem == std::errc() && number >= 1 && number < 1e15 && number == std::floor(number);
    const auto femtoseconds = parse_time((whole            ? fmt::format("{:.0f}", number)
                                          : digits.empty() ? "1"
                                                           : digits) +
                                         unit);
    if (!femtoseconds || *femtoseconds == 0)
        return std::nullopt;
    FileUnit result;
    result.usual = whole && (number == 1 || number == 10 || number == 100);
    if (result.usual) {
        result.scale = {static_cast<int>(number), unit};
        return result;
    }
    for (const Unit& known : units)
        for (const int value : {100, 10, 1}) {
            const std::uint64_t one = static_cast<std::uint64_t>(value) * known.femtoseconds;
            if (*femtoseconds % one != 0)
                continue;
            result.scale = {value, known.name};
            result.factor = *femtoseconds / one;
            return result;
        }
    return std::nullopt;
}

std::optional<std::uint64_t> parse_time(std::string_view text) {
    const std::size_t digits = text.find_first_not_of("0123456789.");
    if (digits == 0 || digits == std::string_view::npos)
        return std::nullopt;
    const std::optional<std::uint64_t> unit = unit_femtoseconds(text.substr(digits));
    if (!unit)
        return std::nullopt;
    std::uint64_t total = 0;
    std::uint64_t place = *unit;
    bool fraction = false;
    for (char c : text.substr(0, digits)) {
        if (c == '.') {
            if (fraction)
                return std::nullopt;
            fraction = true;
            continue;
        }
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (fraction)
            place = place % 10 == 0 ? place / 10 : 0;
        else if (__builtin_mul_overflow(total, 10, &total))
            return std::nullopt;
        if ((digit != 0 && place == 0) || __builtin_add_overflow(total, digit * place, &total))
            return std::nullopt;
    }
    return static_cast<std::uint64_t>(total);
}

std::string time_text(std::uint64_t time, std::uint64_t unit_fs) {
    const double femtoseconds = static_cast<double>(time) * static_cast<double>(unit_fs);
    for (const Unit& unit : units)
        if (femtoseconds >= static_cast<double>(unit.femtoseconds))
            return fmt::format("{:.15g} {}", femtoseconds / static_cast<double>(unit.femtoseconds), unit.name);
    return "0 s";
}

}  // namespace xloop::trace
