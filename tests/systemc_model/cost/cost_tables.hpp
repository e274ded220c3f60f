#pragma once

#include "core/error.hpp"
#include "core/files.hpp"
#include "systemc_model/cost/cost_table.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <string>

namespace xloop::test {

inline std::string cost_table_path(const std::string& table) {
    return XLOOP_SOURCE_DIR "/configs/tech/" + table + ".yaml";
}

/// The text of a cost table with one part in place of another.
inline std::string changed_table(const std::string& table, const std::string& from, const std::string& to) {
    std::string text = read_file(cost_table_path(table));
    const std::size_t place = text.find(from);
    EXPECT_NE(place, std::string::npos) << from;
    return place == std::string::npos ? text : text.replace(place, from.size(), to);
}

/// What is said of a table called bad.yaml.
inline std::string error_of(const std::string& text) {
    try {
        parse_cost_table(text, "bad.yaml");
    } catch (const InputError& e) {
        return e.what();
    }
    return "no error";
}

/// "bad.yaml:12:" of the first line that contains `part`.
inline std::string line_of(const std::string& text, const std::string& part) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(text.find(part));
    return "bad.yaml:" + std::to_string(1 + std::count(text.begin(), end, '\n')) + ":";
}

}  // namespace xloop::test
