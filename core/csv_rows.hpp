#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace xloop {

/// Reads a CSV file with a header line, row by row. Blanks around cells do not count; empty lines and lines that begin
/// with # are skipped. As spreadsheets write them: cells may be in quotes, within one line; the header may be in capitals; cells
/// are separated by commas, or by semicolons (then decimals may have commas) or tabs where the header has no comma; empty cells
/// behind the header's last one fall away, and so does a byte order mark. Every error is an InputError that names file, line, column and what was
/// expected.
class CsvRows {
public:
    /// Puts the next line into the text; false at the end of the file.
    using NextLine = std::function<bool(std::string&)>;

    /// Lines from anywhere, as from a compressed file; messages call it `name`. The header is empty when there is no line.
    CsvRows(std::string name, NextLine next_line);
    /// A file with any header.
    explicit CsvRows(const std::string& path);
    /// A file whose header must be `header`.
    CsvRows(const std::string& path, const std::vector<std::string>& header);

    /// In small letters.
    const std::vector<std::string>& header() const { return header_; }
    /// As the file has it, for what has capitals of its own.
    const std::vector<std::string>& header_as_written() const { return written_header_; }
    /// False at the end. Every row has as many cells as the header; they are good until the next call.
    bool next();
    std::string_view cell(std::size_t column) const { return cells_[column]; }
    /// A finite number of at least `low`.
    double number(std::size_t column, double low = std::numeric_limits<double>::lowest()) const;
    std::int64_t integer(std::size_t column, std::int64_t low = 0,
                         std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;
    /// "file:line" of the present line.
    std::string place() const;
    /// Throws InputError about the present line.
    [[noreturn]] void fail(const std::string& what) const;

private:
    bool read_line();
    void check_is_text() const;
    void take_cells(std::string_view line);

    std::string name_;
    NextLine next_line_;
    int number_ = 0;  ///< of the present line
    std::string line_, unquoted_;
    char separator_ = ',';
    std::vector<std::string> header_, written_header_;
    std::vector<std::string_view> cells_;  ///< of line_, or of unquoted_
};

}  // namespace xloop
