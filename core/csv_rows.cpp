#include "core/csv_rows.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <sstream>

namespace xloop {
namespace {

template <class Number>
bool parse(std::string_view text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

CsvRows::NextLine lines_of(const std::string& path) {
    const auto in = std::make_shared<std::istringstream>(read_file(path));
    return [in](std::string& line) { return static_cast<bool>(std::getline(*in, line)); };
}

}  // namespace

CsvRows::CsvRows(std::string name, NextLine next_line) : name_(std::move(name)), next_line_(std::move(next_line)) {
    if (read_line())
        header_.assign(cells_.begin(), cells_.end());
}

CsvRows::CsvRows(const std::string& path) : CsvRows(path, lines_of(path)) {}

CsvRows::CsvRows(const std::string& path, const std::vector<std::string>& header) : CsvRows(path) {
    if (header_.empty())
        throw InputError(fmt::format("{}: empty; expected a first line `{}`", path, fmt::join(header, ",")));
    if (header_ != header)
        fail(fmt::format("header `{:.200}`; expected `{}`", trimmed(line_), fmt::join(header, ",")));
}

bool CsvRows::read_line() {
    while (next_line_(line_)) {
        ++number_;
        check_is_text();
        const std::string_view line = trimmed(line_);
        if (line.empty() || line.front() == '#')
            continue;
        cells_ = split(line, ',');
        return true;
    }
    return false;
}

void CsvRows::check_is_text() const {
    if (std::none_of(line_.begin(), line_.end(), [](char c) { return c & 0x80; }))
        return;
    for (std::size_t at = 0, length = 0; at < line_.size(); at += length)
        if ((length = utf8_length(line_, at)) == 0)
            fail(fmt::format("byte {} of this line is no UTF-8 text; save the table as UTF-8", at + 1));
}

bool CsvRows::next() {
    if (!read_line())
        return false;
    if (cells_.size() != header_.size())
        fail(fmt::format("{} cells; expected {}: {}", cells_.size(), header_.size(), fmt::join(header_, ",")));
    return true;
}

double CsvRows::number(std::size_t column, double low) const {
    double value = 0.0;
    if (!parse(cells_[column], value) || !std::isfinite(value) || value < low)
        fail(fmt::format("{} is `{:.60}`; expected a number{}", header_[column], cells_[column],
                         low > std::numeric_limits<double>::lowest() ? fmt::format(" of at least {}", low) : ""));
    return value;
}

std::int64_t CsvRows::integer(std::size_t column, std::int64_t low, std::int64_t high) const {
    std::int64_t value = 0;
    if (!parse(cells_[column], value) || value < low || value > high)
        fail(fmt::format("{} is `{:.60}`; expected a whole number from {} to {}", header_[column], cells_[column], low,
                         high));
    return value;
}

std::string CsvRows::place() const { return fmt::format("{}:{}", name_, number_); }

void CsvRows::fail(const std::string& what) const { throw InputError(fmt::format("{}: {}", place(), what)); }

}  // namespace xloop
