#include "core/csv_table.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <charconv>
#include <cmath>
#include <fstream>

namespace xloop {
namespace {

std::string trimmed(const std::string& text) {
    const char* blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t comma = std::min(line.find(',', at), line.size());
        cells.push_back(trimmed(line.substr(at, comma - at)));
        at = comma + 1;
    }
    return cells;
}

template <class Number>
bool parse(const std::string& text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

CsvTable::CsvTable(std::string path, std::vector<std::string> header)
    : path_(std::move(path)), header_(std::move(header)) {
    std::ifstream in(path_);
    if (!in)
        throw InputError(path_ + ": cannot be read; expected a CSV file");
    bool headed = false;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        line = trimmed(line);
        if (line.empty() || line.front() == '#')
            continue;
        Row row{number, split(line)};
        if (!headed && row.cells != header_)
            throw InputError(fmt::format("{}: header `{}`; expected `{}`", place(row), line, fmt::join(header_, ",")));
        if (row.cells.size() != header_.size())
            throw InputError(fmt::format("{}: {} cells; expected {}: {}", place(row), row.cells.size(), header_.size(),
                                         fmt::join(header_, ",")));
        if (headed)
            rows_.push_back(std::move(row));
        headed = true;
    }
    if (!headed)
        throw InputError(fmt::format("{}: empty; expected a first line `{}`", path_, fmt::join(header_, ",")));
}

std::string CsvTable::place(const Row& row) const { return fmt::format("{}:{}", path_, row.line); }

double CsvTable::number(const Row& row, std::size_t column, double low) const {
    double value = 0.0;
    if (!parse(row.cells[column], value) || !std::isfinite(value) || value < low)
        throw InputError(fmt::format("{}: {} is `{}`; expected a number of at least {}", place(row), header_[column],
                                     row.cells[column], low));
    return value;
}

std::int64_t CsvTable::integer(const Row& row, std::size_t column, std::int64_t low, std::int64_t high) const {
    std::int64_t value = 0;
    if (!parse(row.cells[column], value) || value < low || value > high)
        throw InputError(fmt::format("{}: {} is `{}`; expected a whole number from {} to {}", place(row),
                                     header_[column], row.cells[column], low, high));
    return value;
}

}  // namespace xloop
