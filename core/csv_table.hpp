#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// A small CSV file with a header line. Blanks around cells do not count; empty lines and lines that begin with # are
/// skipped. Every error is an InputError that names file, line, column and what was expected.
class CsvTable {
public:
    struct Row {
        int line;
        std::vector<std::string> cells;
    };

    /// Reads the file; its first line must be `header`, and every line must have as many cells.
    CsvTable(std::string path, std::vector<std::string> header);

    const std::vector<Row>& rows() const { return rows_; }
    /// "file:line", for messages.
    std::string place(const Row& row) const;
    /// A finite number of at least `low`.
    double number(const Row& row, std::size_t column, double low) const;
    std::int64_t integer(const Row& row, std::size_t column, std::int64_t low, std::int64_t high) const;

private:
    std::string path_;
    std::vector<std::string> header_;
    std::vector<Row> rows_;
};

}  // namespace xloop
