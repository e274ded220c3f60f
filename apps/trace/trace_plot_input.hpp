#pragma once

#include "traces/text/text_input.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace xloop {

/// What a file of a trace holds, told by its first line.
enum class TraceContent { power, power_instances, activity, timeline };

/// Throws InputError for anything else.
TraceContent content_of(const std::string& path);

/// A CSV file of a trace, plain or gzip, line by line. Errors are InputError with file and line.
class TraceRows {
public:
    explicit TraceRows(const std::string& path);

    const std::vector<std::string>& header() const { return header_; }
    /// False at the end of the file.
    bool next();
    std::string_view cell(std::size_t column) const;
    /// A finite number of at least 0.
    double number(std::size_t column) const;

private:
    bool read_line();
    void split();

    trace::TextInput in_;
    std::vector<std::string> header_;
    std::string line_;
    std::vector<std::string_view> cells_;
};

}  // namespace xloop
