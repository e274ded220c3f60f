#include "traces/tools/trace_info.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::trace {
namespace {

Table first_rows(Table table, std::size_t count) {
    table.rows.resize(std::min(count, table.rows.size()));
    return table;
}

/// Names are long, so people read them last.
Table name_last(Table table) {
    std::rotate(table.columns.begin(), table.columns.begin() + 1, table.columns.end());
    for (std::vector<Json>& row : table.rows)
        std::rotate(row.begin(), row.begin() + 1, row.end());
    return table;
}

}  // namespace

Table info_table(const char* name, const std::vector<const char*>& columns) {
    Table table{name, {{columns[0], columns[0], -1, 2}}};
    for (std::size_t c = 1; c < columns.size(); ++c)
        table.columns.push_back({columns[c], columns[c], 14, 1, "{:.6g}"});
    return table;
}

Json TraceInfo::json(std::size_t top) const {
    Json out = summary;
    for (const Table& table : tables)
        out["top_" + table.name] = first_rows(table, top).json();
    return out;
}

std::string TraceInfo::text(std::size_t top) const {
    Table facts{"", {Column("", "", -20), Column("", "", 0, 1, "{:.6g}")}};
    std::string out;
    for (const auto& [key, value] : summary.items()) {
        facts.add(key, value);
        out += facts.text_line(facts.rows.size() - 1);
    }
    for (const Table& table : tables) {
        const Table shown = first_rows(table, top);
        if (!shown.rows.empty())
            out += fmt::format("\n{} ({} of {})\n", table.name, shown.rows.size(), table.rows.size()) +
                   name_last(shown).text();
    }
    return out;
}

std::string TraceInfo::csv() const {
    Table cells{"", for_programs("table,name,quantity,value")};
    for (const Table& table : tables)
        for (const auto& row : table.rows)
            for (std::size_t c = 1; c < table.columns.size(); ++c)
                cells.add(table.name, row[0], table.columns[c].key, row[c].is_string() ? row[c] : Json(row[c].dump()));
    return cells.csv();
}

}  // namespace xloop::trace
