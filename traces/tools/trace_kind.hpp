#pragma once

#include "core/csv_rows.hpp"
#include "traces/text/text_input.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xloop::trace {

/// The format of a trace file.
enum class TraceKind : std::uint8_t { vcd, saif, csv, json };

/// By its first character, of which nothing is read. Throws InputError for what is none of them.
TraceKind kind_of(TextInput& in);

/// What a CSV file of a trace holds: start_cycle,end_cycle,instance,event,count; power by class, with the columns
/// start_cycle,end_cycle,start_s,end_s, classes, total_w; start_s,end_s,instance,power_w.
enum class CsvKind : std::uint8_t { activity, power, power_instances };

/// By its header; none of them: nothing.
std::optional<CsvKind> csv_kind(const std::vector<std::string>& header);
/// How the files begin, for messages.
inline constexpr const char* csv_beginnings =
    "start_cycle,end_cycle,instance,event,count or start_cycle,end_cycle,start_s,end_s,... or "
    "start_s,end_s,instance,power_w";

/// Rows of a file, plain or gzip, told apart by `csv_kind`. The input must outlive them.
CsvRows csv_rows(TextInput& in);
CsvRows csv_rows(const std::string& path);

}  // namespace xloop::trace
