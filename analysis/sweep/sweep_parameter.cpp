#include "analysis/sweep/sweep_parameter.hpp"

#include "core/error.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace xloop {
namespace {

constexpr std::size_t most_levels = 100'000;
constexpr const char* expected = "expected KEY=VALUES, as in adc.bits=4:8 or crossbar.rows=32,64,128";

/// At separators that stand outside of brackets and quotes.
std::vector<std::string> split_outside(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    int depth = 0;
    char quote = 0;
    for (const char c : text) {
        if (quote != 0)
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '[' || c == '{')
            ++depth;
        else if (c == ']' || c == '}')
            --depth;
        if (c == separator && depth <= 0 && quote == 0)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    for (std::string& part : parts)
        part = std::string(trimmed(part));
    return parts;
}

std::optional<double> number_of(std::string_view text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// "4:8", "0:0.2:0.05", "16:256:*2"; none where the text is no range.
std::optional<std::vector<std::string>> range_of(const std::string& text) {
    const auto parts = split(text, ':');
    if (parts.size() < 2 || parts.size() > 3)
        return std::nullopt;
    const auto low = number_of(parts[0]), high = number_of(parts[1]);
    if (!low || !high)
        return std::nullopt;
    const bool factors = parts.size() == 3 && !parts[2].empty() && parts[2].front() == '*';
    const auto step = parts.size() == 2 ? std::optional(1.0) : number_of(factors ? parts[2].substr(1) : parts[2]);
    if (!step || *low > *high || (factors ? *step <= 1 || *low <= 0 : *step <= 0))
        throw InputError(
            fmt::format("range `{}`: expected LOW:HIGH, LOW:HIGH:STEP or LOW:HIGH:*FACTOR with LOW <= HIGH, a step "
                        "above 0 or a factor above 1",
                        text));
    // A value that rounding has put a little above the end belongs to the range.
    const double steps = factors ? std::log(*high / *low) / std::log(*step) : (*high - *low) / *step;
    if (steps >= static_cast<double>(most_levels))
        throw InputError(fmt::format("range `{}` has more than {} values", text, most_levels));
    std::vector<std::string> values;
    for (int i = 0; i <= static_cast<int>(steps + 1e-9); ++i)
        values.push_back(fmt::format("{:.12g}", factors ? *low * std::pow(*step, i) : *low + i * *step));
    return values;
}

struct Assigned {
    std::vector<std::string> keys, values;
};

Assigned parse_assigned(const std::string& text) {
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos || sign == 0 || sign + 1 == text.size())
        throw InputError(fmt::format("`{}`: {}", text, expected));
    Assigned assigned{split_outside(text.substr(0, sign), ','), {}};
    for (const std::string& item : split_outside(text.substr(sign + 1), ','))
        if (const auto range = range_of(item))
            assigned.values.insert(assigned.values.end(), range->begin(), range->end());
        else
            assigned.values.push_back(item);
    for (const auto* list : {&assigned.keys, &assigned.values})
        if (std::any_of(list->begin(), list->end(), [](const std::string& part) { return part.empty(); }))
            throw InputError(
                fmt::format("`{}`: has an empty {}; {}", text, list == &assigned.keys ? "key" : "value", expected));
    std::vector<std::string> sorted = assigned.values;
    std::sort(sorted.begin(), sorted.end());
    if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
        throw InputError(fmt::format("`{}`: the value {} is there twice", text, *twice));
    return assigned;
}

}  // namespace

SweepParameter parse_sweep_parameter(const std::string& text) {
    const Assigned assigned = parse_assigned(text);
    SweepParameter parameter{fmt::format("{}", fmt::join(assigned.keys, "+")), {}};
    for (const std::string& value : assigned.values) {
        parameter.levels.push_back({value, {}});
        for (const std::string& key : assigned.keys)
            parameter.levels.back().assignments.push_back(key + "=" + value);
    }
    return parameter;
}

SweepParameter parse_joint_parameter(const std::string& text) {
    SweepParameter parameter;
    for (const std::string& part : split_outside(text, ';')) {
        const SweepParameter own = parse_sweep_parameter(part);
        if (parameter.levels.empty()) {
            parameter = own;
            continue;
        }
        if (own.levels.size() != parameter.levels.size())
            throw InputError(fmt::format("`{}`: {} has {}, {} has {}; keys that move together have as many values each",
                                         text, parameter.name,
                                         counted(static_cast<std::int64_t>(parameter.levels.size()), "value"), own.name,
                                         counted(static_cast<std::int64_t>(own.levels.size()), "value")));
        parameter.name += "+" + own.name;
        for (std::size_t l = 0; l < own.levels.size(); ++l) {
            parameter.levels[l].label += " / " + own.levels[l].label;
            auto& all = parameter.levels[l].assignments;
            all.insert(all.end(), own.levels[l].assignments.begin(), own.levels[l].assignments.end());
        }
    }
    if (parameter.levels.size() < 2)
        throw InputError(fmt::format("`{}`: keys that move together need two values or more", text));
    return parameter;
}

}  // namespace xloop
