#pragma once

#include "core/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace xloop {

/// One column of a table, for two kinds of readers. Programs (CSV, JSON) get values as they are under `key`; people
/// (text, Markdown, HTML) get them scaled and formatted under `heading`, which names the unit. A column without a key is for
/// people only, one with a key and no heading for programs.
struct Column {
    Column(std::string its_key, std::string title, int least_width = 0, int blanks_before = 0,
           std::string number_format = "{}", double factor = 1)
        : key(std::move(its_key)), heading(std::move(title)), width(least_width), gap(blanks_before),
          format(std::move(number_format)), scale(factor) {}

    std::string key;
    std::string heading;
    int width;           ///< of text, at least; negative: the column is left-aligned
    int gap;             ///< blanks before it in text
    std::string format;  ///< of numbers that are not whole, for people: "{:.3f} %"
    double scale;        ///< from the value to what people see
    std::string csv_format = "{}";
    bool quoted = false;  ///< CSV puts quotes around texts that could do without as well

    /// To people.
    bool shown() const { return key.empty() || !heading.empty(); }
};

/// Columns that people do not see, from their keys: "layer,cycles,share:.6g", with the CSV format of a number behind the
/// colon.
std::vector<Column> for_programs(std::string_view keys);

/// Rows under columns, with a writer for each kind of file. A cell is a number, a text, yes or no, a list of texts, or null
/// where nothing is known; numbers that are not finite count as not known in JSON and for people.
struct Table {
    std::string name;  ///< caption of HTML
    std::vector<Column> columns;
    std::vector<std::vector<Json>> rows = {};

    template <class... Cells>
    void add(const Cells&... cells) {
        rows.push_back(std::vector<Json>{Json(cells)...});
    }

    /// A line of headings and one for each row, in columns as wide as their longest cell; no line ends with blanks.
    std::string text() const;
    /// The same line by line, for rows that are not all there yet, in columns of their least width.
    std::string text_head() const;
    std::string text_line(std::size_t row) const;
    std::string markdown() const;
    std::string html() const;
    /// With a line of keys.
    std::string csv() const;
    /// An object for each row.
    Json json() const;
};

/// A text as a cell of CSV: in quotes where commas, quotes or line ends ask for them.
std::string csv_cell(std::string_view text, bool always_quoted = false);

}  // namespace xloop
