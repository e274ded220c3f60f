#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xloop {

/// The candidate nearest to `word` by edit distance, or empty when none is near.
std::string near_miss(const std::string& word, const std::vector<std::string>& candidates);

/// "; did you mean `rows`?" for the end of a message about a word that is no candidate; empty when none is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

/// The name of an enumerator. For every enum that counts from 0 and has its names beside it, in its own order:
///     enum class AdcType { sar, flash, ramp };
///     constexpr auto names_of(AdcType) { return std::array{"sar", "flash", "ramp"}; }
template <class Enum, class = decltype(names_of(Enum{}))>
constexpr const char* name_of(Enum value) {
    return names_of(value)[static_cast<std::size_t>(value)];
}

/// All names of such an enum.
template <class Enum>
std::vector<std::string> all_names() {
    const auto names = names_of(Enum{});
    return {names.begin(), names.end()};
}

/// The names of the first `count` enumerators of an enum that has another `name_of`.
template <class Enum>
std::vector<std::string> all_names(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i)
        names.emplace_back(name_of(static_cast<Enum>(i)));
    return names;
}

/// The enumerator with a name; none when no enumerator has it.
template <class Enum>
std::optional<Enum> value_named(std::string_view name) {
    const auto names = names_of(Enum{});
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

}  // namespace xloop
