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
#include <optional>
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

/// Line and column count from 0.
[[noreturn]] void fail(const std::string& path, std::size_t line, std::size_t column, const std::string& message) {
    throw InputError(fmt::format("{}:{}:{}: {}", path, line + 1, column + 1, message));
}

/// None where the text is no number of at least `least`.
std::optional<double> number(std::string_view text, double least) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-')
        text.remove_prefix(1);  // from_chars takes no plus sign
    double value = 0.0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = problem == std::errc{} && end == text.data() + text.size();
    return good && std::isfinite(value) && value >= least ? std::optional(value) : std::nullopt;
}

}  // namespace

Eigen::MatrixXd read_csv_matrix(const std::string& path, const std::string& what, double least) {
    const std::string file = read_file(path);
    std::string_view rest = file;
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (rest.substr(0, byte_order_mark.size()) == byte_order_mark)
        rest.remove_prefix(byte_order_mark.size());
    rest = rest.substr(0, rest.find_last_not_of(" \t\r\n") + 1);
    if (rest.empty())
        fail(path, 0, 0, fmt::format("expected {}, found an empty file", what));
    std::vector<double> numbers;
    std::size_t lines = 0, width = 0;
    for (bool more = true; more; ++lines) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        more = line.size() < rest.size();
        rest.remove_prefix(line.size() + more);
        const std::vector<std::string_view> fields = split(line, ',');
        if (lines == 0)
            width = fields.size();
        const auto expected = [&] { return fmt::format("expected {} as in line 1", counted(width, "number")); };
        for (std::size_t f = 0; f < fields.size(); ++f) {
            const auto column = static_cast<std::size_t>(fields[f].data() - line.data());
            if (f == width)
                fail(path, lines, column, expected() + ", found more");
            const std::optional<double> value = number(fields[f], least);
            if (!value)
                fail(path, lines, column,
                     fmt::format("expected {}, found {}{}", what, shown(fields[f]),
                                 lines == 0 ? "; numbers are separated by commas, there is no header line" : ""));
            numbers.push_back(*value);
        }
        if (fields.size() < width)
            fail(path, lines, line.size(), fmt::format("{}, found {}", expected(), fields.size()));
    }
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    return Eigen::Map<const RowMajor>(numbers.data(), static_cast<Eigen::Index>(lines),
                                      static_cast<Eigen::Index>(width));
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
