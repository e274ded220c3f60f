#include "core/csv_rows.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cctype>
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

char separator_of(std::string_view header) {
    for (char separator : {',', ';', '\t'})
        if (header.find(separator) != header.npos)
            return separator;
    return ',';
}

std::string_view without_byte_order_mark(std::string_view text, const std::string& name) {
    if (text.substr(0, 2) == "\xff\xfe" || text.substr(0, 2) == "\xfe\xff")
        throw InputError(
            name + ": the text is UTF-16, as its byte order mark says, expected ASCII or UTF-8; save it as UTF-8");
    return text.substr(0, 3) == "\xef\xbb\xbf" ? text.substr(3) : text;
}

CsvRows::NextLine lines_of(const std::string& path) {
    const auto in = std::make_shared<std::istringstream>(read_file(path));
    return [in](std::string& line) { return static_cast<bool>(std::getline(*in, line)); };
}

}  // namespace

CsvRows::CsvRows(std::string name, NextLine next_line) : name_(std::move(name)), next_line_(std::move(next_line)) {
    if (!read_line())
        return;
    while (cells_.size() > 1 && cells_.back().empty())
        cells_.pop_back();
    written_header_.assign(cells_.begin(), cells_.end());
    header_ = written_header_;
    for (std::string& key : header_)
        std::transform(key.begin(), key.end(), key.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
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
        const std::string_view text = number_ == 1 ? without_byte_order_mark(line_, name_) : line_;
        check_is_text();
        const std::string_view line = trimmed(text);
        if (line.empty() || line.front() == '#')
            continue;
        if (header_.empty())
            separator_ = separator_of(line);
        take_cells(line);
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

void CsvRows::take_cells(std::string_view line) {
    if (line.find('"') == line.npos) {
        cells_ = split(line, separator_);
        return;
    }
    unquoted_.clear();
    unquoted_.reserve(line.size());
    cells_.clear();
    bool quoted = false, was_quoted = false;
    std::size_t begin = 0;
    const auto end_cell = [&] {
        const std::string_view cell = std::string_view(unquoted_).substr(begin);
        cells_.push_back(was_quoted ? cell : trimmed(cell));
        begin = unquoted_.size();
        was_quoted = false;
    };
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        const bool blank = c == ' ' || c == '\t' || c == '\r';
        if (quoted && c == '"' && line.substr(at + 1, 1) == "\"")
            unquoted_ += line[++at];
        else if (quoted ? c == '"' : c == '"' && trimmed(std::string_view(unquoted_).substr(begin)).empty()) {
            unquoted_.resize(quoted ? unquoted_.size() : begin);
            quoted = !quoted;
            was_quoted = true;
        } else if (!quoted && c == separator_)
            end_cell();
        else if (quoted || !was_quoted || !blank)
            unquoted_ += c;
    }
    if (quoted)
        fail("a quote without its end; a cell must end in its line");
    end_cell();
}

bool CsvRows::next() {
    if (!read_line())
        return false;
    while (cells_.size() > header_.size() && cells_.back().empty())
        cells_.pop_back();
    if (cells_.size() != header_.size())
        fail(fmt::format("{} cells; expected {}: {}", cells_.size(), header_.size(), fmt::join(header_, ",")));
    return true;
}

double CsvRows::number(std::size_t column, double low) const {
    double value = 0.0;
    std::string text(cells_[column]);
    if (separator_ == ';')
        std::replace(text.begin(), text.end(), ',', '.');
    if (!parse(text, value) || !std::isfinite(value) || value < low)
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
