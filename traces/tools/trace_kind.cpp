#include "traces/tools/trace_kind.hpp"

#include <algorithm>
#include <cctype>
#include <memory>

namespace xloop::trace {

TraceKind kind_of(TextInput& in) {
    constexpr std::uint64_t most_blanks = 1u << 16;
    while (in.peek() > 0 && in.peek() <= ' ' && in.offset() < most_blanks)
        in.get();
    switch (const int c = in.peek()) {
    case '$': return TraceKind::vcd;
    case '/':  // a comment of SAIF
    case '(': return TraceKind::saif;
    case '{':
    case '[': return TraceKind::json;
    default:
        if (c >= 0 && (std::isalpha(c) != 0 || c == '#' || c == '"'))
            return TraceKind::csv;
    }
    throw UnreadableInput(in.name() + (in.peek() < 0 ? ": the file is empty" : ": no trace that is known here") +
                          ", expected VCD, SAIF, CSV or JSON (plain or gzip)");
}

std::optional<CsvKind> csv_kind(const std::vector<std::string>& header) {
    using Header = std::vector<std::string>;
    if (header == Header{"start_cycle", "end_cycle", "instance", "event", "count"})
        return CsvKind::activity;
    if (header == Header{"start_s", "end_s", "instance", "power_w"})
        return CsvKind::power_instances;
    const Header start = {"start_cycle", "end_cycle", "start_s", "end_s"};
    if (header.size() > start.size() && std::equal(start.begin(), start.end(), header.begin()) &&
        header.back() == "total_w")
        return CsvKind::power;
    return std::nullopt;
}

CsvRows csv_rows(TextInput& in) {
    return {in.name(), [&in](std::string& line) { return in.line(line); }};
}

CsvRows csv_rows(const std::string& path) {
    return {path, [in = std::make_shared<TextInput>(path)](std::string& line) { return in->line(line); }};
}

}  // namespace xloop::trace
