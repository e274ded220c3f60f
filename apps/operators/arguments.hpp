#pragma once

#include "core/error.hpp"
#include "core/hardware_config.hpp"
#include "core/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Hardware as operators are told it: the name of a file, the text of one (which has a line end or a key with its value, "adc: {bits:
/// 6}"), or nothing for the built-in hardware; then assignments KEY=VALUE, as -s takes them. Throws InputError.
HardwareConfig hardware_of(const std::string& file_or_text, const std::vector<std::string>& settings);

/// The name in messages.
std::string hardware_name(const std::string& file_or_text);

/// An argument that counts something. Throws InputError unless it is from 0 to 2^31 - 1.
int small_number(const char* name, std::int64_t value);

/// An argument that is one of the names of an enum. Throws InputError.
template <class Enum>
Enum choice_of(const char* name, const std::string& value) {
    const auto found = value_named<Enum>(value);
    if (!found)
        throw InputError(fmt::format("{}: expected one of {}, got `{}`{}", name, fmt::join(all_names<Enum>(), ", "),
                                     value, did_you_mean(value, all_names<Enum>())));
    return *found;
}

}  // namespace xloop
