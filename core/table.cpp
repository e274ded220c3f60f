#include "core/table.hpp"

#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace xloop {
namespace {

bool unknown(const Json& cell) {
    return cell.is_null() || (cell.is_number_float() && !std::isfinite(cell.get<double>()));
}

std::string joined(const Json& list, const char* separator) {
    return fmt::format("{}", fmt::join(list.get<std::vector<std::string>>(), separator));
}

std::string for_people(const Column& column, const Json& cell) {
    if (unknown(cell))
        return "-";
    if (cell.is_string())
        return cell.get<std::string>();
    if (cell.is_boolean())
        return cell.get<bool>() ? "yes" : "no";
    if (cell.is_array())
        return joined(cell, ", ");
    if (cell.is_number_float() || column.scale != 1)
        return fmt::format(fmt::runtime(column.format), column.scale * cell.get<double>());
    return cell.dump();
}

std::string for_csv(const Column& column, const Json& cell) {
    if (cell.is_null() || (cell.is_number_float() && std::isnan(cell.get<double>())))
        return "";
    if (cell.is_string())
        return csv_cell(cell.get_ref<const std::string&>(), column.quoted);
    if (cell.is_boolean())
        return cell.get<bool>() ? "1" : "0";
    if (cell.is_array())
        return csv_cell(joined(cell, ";"), column.quoted);
    return cell.is_number_float() ? fmt::format(fmt::runtime(column.csv_format), cell.get<double>()) : cell.dump();
}

std::string escaped(std::string_view text, const std::vector<std::pair<char, const char*>>& escapes) {
    std::string out;
    for (char c : text) {
        const auto found = std::find_if(escapes.begin(), escapes.end(), [c](const auto& e) { return e.first == c; });
        out += found == escapes.end() ? std::string(1, c) : found->second;
    }
    return out;
}

/// With the bar behind it.
std::string for_markdown(std::string_view text) {
    return (text.empty() ? "" : " ") + escaped(text, {{'|', "\\|"}, {'\n', "<br>"}}) + " |";
}

std::string for_html(std::string_view text) {
    return escaped(text, {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\n', "<br>"}});
}

/// One piece of text for each column that people see.
template <class Piece>
std::string pieces(const Table& table, Piece piece) {
    std::string text;
    for (std::size_t c = 0; c < table.columns.size(); ++c)
        if (table.columns[c].shown())
            text += piece(table.columns[c], c);
    return text;
}

/// Characters of a text in UTF-8.
int places(std::string_view text) {
    return static_cast<int>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Cells in their places; blanks at the end fall away.
template <class Cell>
std::string aligned(const Table& table, Cell cell) {
    std::string line = pieces(table, [&](const Column& column, std::size_t c) {
        const std::string gap(static_cast<std::size_t>(column.gap), ' ');
        return column.width < 0 ? fmt::format("{}{:<{}}", gap, cell(c), -column.width)
                                : fmt::format("{}{:>{}}", gap, cell(c), column.width);
    });
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

}  // namespace

std::vector<Column> for_programs(std::string_view keys) {
    std::vector<Column> columns;
    for (const std::string_view part : split(keys, ',')) {
        const std::size_t colon = part.find(':');
        Column& column = columns.emplace_back(std::string(part.substr(0, colon)), "");
        if (colon != part.npos)
            column.csv_format = fmt::format("{{{}}}", part.substr(colon));
    }
    return columns;
}

std::string Table::text() const {
    Table wide{name, columns, rows};
    for (std::size_t c = 0; c < columns.size(); ++c) {
        int longest = 0;
        for (const std::vector<Json>& row : rows)
            longest = std::max(longest, places(for_people(columns[c], row[c])));
        int& width = wide.columns[c].width;
        width = (width < 0 ? -1 : 1) * std::max(std::abs(width), longest);
    }
    std::string out = wide.text_head();
    for (std::size_t row = 0; row < rows.size(); ++row)
        out += wide.text_line(row);
    return out;
}

std::string Table::text_head() const {
    return aligned(*this, [this](std::size_t c) { return columns[c].heading; });
}

std::string Table::text_line(std::size_t row) const {
    return aligned(*this, [&](std::size_t c) { return for_people(columns[c], rows[row][c]); });
}

std::string Table::markdown() const {
    std::string out = "|" + pieces(*this, [](const Column& c, std::size_t) { return for_markdown(c.heading); }) +
                      "\n|" + pieces(*this, [](const Column&, std::size_t) { return std::string("---|"); }) + "\n";
    for (const std::vector<Json>& row : rows)
        out += "|" +
               pieces(*this,
                      [&](const Column& column, std::size_t c) { return for_markdown(for_people(column, row[c])); }) +
               "\n";
    return out;
}

std::string Table::html() const {
    const auto tagged = [](const Column& column, const char* tag, const std::string& text) {
        return fmt::format("<{0}{1}>{2}</{0}>", tag, column.width < 0 ? "" : " style=\"text-align:right\"",
                           for_html(text));
    };
    std::string out = fmt::format(
        "<table>\n<caption>{}</caption>\n<tr>{}</tr>\n", for_html(name),
        pieces(*this, [&](const Column& column, std::size_t) { return tagged(column, "th", column.heading); }));
    for (const std::vector<Json>& row : rows)
        out += "<tr>" +
               pieces(*this, [&](const Column& column,
                                 std::size_t c) { return tagged(column, "td", for_people(column, row[c])); }) +
               "</tr>\n";
    return out + "</table>\n";
}

std::string Table::csv() const {
    std::string out;
    const auto line = [&](const auto& cell) {
        const char* separator = "";
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (!columns[c].key.empty())
                out += std::exchange(separator, ",") + cell(c);
        out += "\n";
    };
    line([this](std::size_t c) { return csv_cell(columns[c].key); });
    for (const std::vector<Json>& row : rows)
        line([&](std::size_t c) { return for_csv(columns[c], row[c]); });
    return out;
}

Json Table::json() const {
    Json out = Json::array();
    for (const std::vector<Json>& row : rows) {
        Json& object = out.emplace_back(Json::object());
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (!columns[c].key.empty())
                object[columns[c].key] = unknown(row[c]) ? Json() : row[c];
    }
    return out;
}

std::string csv_cell(std::string_view text, bool always_quoted) {
    if (!always_quoted && text.find_first_of(",\"\n\r") == text.npos)
        return std::string(text);
    return "\"" + escaped(text, {{'"', "\"\""}}) + "\"";
}

}  // namespace xloop
