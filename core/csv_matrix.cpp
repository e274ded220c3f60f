#include "core/csv_matrix.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string_view>
#include <vector>

namespace xloop {
namespace {

/// What was found, fit for a message: short and printable.
std::string shown(std::string_view field) {
    constexpr std::size_t longest = 24;
    if (field.empty())
        return "nothing";
    std::string text(field.substr(0, longest));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return !std::isprint(c); }, '?');
    return fmt::format("`{}{}`", text, field.size() > longest ? "..." : "");
}

/// Reads the lines one after another; line and column of messages count from 1.
class Parser {
public:
    Parser(const std::string& path, const std::string& what, double least) : path_(path), what_(what), least_(least) {}

    void read_line(std::string_view line) {
        ++lines_;
        std::size_t count = 0, begin = 0;
        while (begin != line.npos) {
            const std::size_t comma = line.find(',', begin);
            const std::string_view field = line.substr(begin, comma == line.npos ? comma : comma - begin);
            if (++count > width_ && lines_ > 1)
                fail(begin, fmt::format("expected {}, found more", width_text()));
            numbers_.push_back(number(field, begin));
            begin = comma == line.npos ? comma : comma + 1;
        }
        if (lines_ == 1)
            width_ = count;
        else if (count < width_)
            fail(line.size(), fmt::format("expected {}, found {}", width_text(), count));
    }

    Eigen::MatrixXd matrix() const {
        using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        return Eigen::Map<const RowMajor>(numbers_.data(), static_cast<Eigen::Index>(lines_),
                                          static_cast<Eigen::Index>(width_));
    }

private:
    [[noreturn]] void fail(std::size_t column, const std::string& message) const {
        throw InputError(fmt::format("{}:{}:{}: {}", path_, lines_, column + 1, message));
    }

    std::string width_text() const { return fmt::format("{} number{} as in line 1", width_, width_ == 1 ? "" : "s"); }

    double number(std::string_view field, std::size_t begin) const {
        std::string_view text = trimmed(field);
        const std::size_t column = text.empty() ? begin : begin + static_cast<std::size_t>(text.data() - field.data());
        const std::string found = shown(text);
        if (text.size() > 1 && text[0] == '+' && text[1] != '-')
            text.remove_prefix(1);  // from_chars takes no plus sign
        double value = 0.0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < least_)
            fail(column, fmt::format("expected {}, found {}{}", what_, found,
                                     lines_ == 1 ? "; numbers are separated by commas, there is no header line" : ""));
        return value;
    }

    const std::string& path_;
    const std::string& what_;
    double least_;
    std::size_t lines_ = 0, width_ = 0;
    std::vector<double> numbers_;
};

}  // namespace

Eigen::MatrixXd read_csv_matrix(const std::string& path, const std::string& what, double least) {
    const std::string file = read_file(path);
    std::string_view rest = file;
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (rest.substr(0, byte_order_mark.size()) == byte_order_mark)
        rest.remove_prefix(byte_order_mark.size());
    rest = rest.substr(0, rest.find_last_not_of(" \t\r\n") + 1);
    if (rest.empty())
        throw InputError(fmt::format("{}:1:1: expected {}, found an empty file", path, what));
    Parser parser(path, what, least);
    while (true) {
        const std::size_t end = rest.find('\n');
        parser.read_line(rest.substr(0, end));
        if (end == rest.npos)
            return parser.matrix();
        rest.remove_prefix(end + 1);
    }
}

std::string csv_text(const Eigen::MatrixXd& m, int digits) {
    std::string text;
    const auto out = std::back_inserter(text);
    for (Eigen::Index i = 0; i < m.rows(); ++i)
        for (Eigen::Index j = 0; j < m.cols(); ++j) {
            if (digits > 0)
                fmt::format_to(out, "{:.{}e}", m(i, j), digits - 1);
            else
                fmt::format_to(out, "{}", m(i, j));
            text += j + 1 < m.cols() ? ',' : '\n';
        }
    return text;
}

}  // namespace xloop
