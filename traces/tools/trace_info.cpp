#include "traces/tools/trace_info.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::trace {
namespace {

/// Numbers as short as they are handy; texts bare.
std::string cell(const Json& value) {
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number_float() ? fmt::format("{:.6g}", value.get<double>()) : value.dump();
}

std::string quoted_cell(const Json& value) {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.find_first_of(",\"\n") == std::string::npos)
        return text;
    std::string out = "\"";
    for (char c : text)
        out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

}  // namespace

Json TraceInfo::json(std::size_t top) const {
    Json out = summary;
    for (const Table& table : tables) {
        Json& rows = out["top_" + table.name] = Json::array();
        for (std::size_t r = 0; r < std::min(top, table.rows.size()); ++r) {
            Json row;
            for (std::size_t c = 0; c < table.columns.size(); ++c)
                row[table.columns[c]] = table.rows[r][c];
            rows.push_back(std::move(row));
        }
    }
    return out;
}

std::string TraceInfo::text(std::size_t top) const {
    std::string out;
    for (const auto& [key, value] : summary.items())
        out += fmt::format("{:<20} {}\n", key, cell(value));
    for (const Table& table : tables) {
        const std::size_t shown = std::min(top, table.rows.size());
        if (shown == 0)
            continue;
        out += fmt::format("\n{} ({} of {})\n", table.name, shown, table.rows.size());
        // Names last: they are long.
        for (std::size_t c = 1; c < table.columns.size(); ++c)
            out += fmt::format(" {:>14}", table.columns[c]);
        out += "  " + table.columns[0] + "\n";
        for (std::size_t r = 0; r < shown; ++r) {
            for (std::size_t c = 1; c < table.columns.size(); ++c)
                out += fmt::format(" {:>14}", cell(table.rows[r][c]));
            out += "  " + cell(table.rows[r][0]) + "\n";
        }
    }
    return out;
}

std::string TraceInfo::csv() const {
    std::string out = "table,name,quantity,value\n";
    for (const Table& table : tables)
        for (const auto& row : table.rows)
            for (std::size_t c = 1; c < table.columns.size(); ++c)
                out += fmt::format("{},{},{},{}\n", table.name, quoted_cell(row[0]), table.columns[c],
                                   quoted_cell(row[c]));
    return out;
}

}  // namespace xloop::trace
