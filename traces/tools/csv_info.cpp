#include "traces/tools/csv_info.hpp"

#include "traces/tools/trace_kind.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace xloop::trace {
namespace {

/// Sums by name, in the order of their first use.
template <class Number>
class Sums {
public:
    Number& operator[](std::string_view name) {
        key_.assign(name);
        const auto [entry, fresh] = index_.emplace(key_, sums_.size());
        if (fresh) {
            if ((bytes_ += sizeof sums_[0] + 2 * key_.size()) > most_bytes)
                throw InputError("more names of instances and events than fit into 1 GB");
            sums_.emplace_back(key_, Number{});
        }
        return sums_[entry->second].second;
    }
    std::vector<std::pair<std::string, Number>> largest_first() const {
        auto sorted = sums_;
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const auto& a, const auto& b) { return a.second > b.second; });
        return sorted;
    }
    std::size_t size() const { return sums_.size(); }

private:
    static constexpr std::size_t most_bytes = 1'000'000'000;
    std::string key_;
    std::size_t bytes_ = 0;
    std::unordered_map<std::string, std::size_t> index_;
    std::vector<std::pair<std::string, Number>> sums_;
};

template <class Number>
Table table_of(const char* name, const char* column, const char* quantity, const Sums<Number>& sums) {
    Table table = info_table(name, {column, quantity});
    for (auto& [key, sum] : sums.largest_first())
        table.add(key, sum);
    return table;
}

void inspect_activity(CsvRows& rows, TraceInfo& info) {
    Sums<std::int64_t> instances, events;
    std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = 0, total = 0, window = -1;
    std::uint64_t lines = 0, windows = 0;
    while (rows.next()) {
        ++lines;
        const std::int64_t start = rows.integer(0), end = rows.integer(1), count = rows.integer(4);
        if (end < start)
            rows.fail("end_cycle is before start_cycle");
        windows += start != window;
        window = start;
        first = std::min(first, start);
        last = std::max(last, end);
        total += count;
        instances[rows.cell(2)] += count;
        events[rows.cell(3)] += count;
    }
    info.summary["format"] = "activity CSV";
    info.summary["lines"] = lines;
    info.summary["windows_with_events"] = windows;
    info.summary["first_cycle"] = lines > 0 ? first : 0;
    info.summary["last_cycle"] = last;
    info.summary["instances"] = instances.size();
    info.summary["events"] = total;
    info.tables.push_back(table_of("instances", "instance", "count", instances));
    info.tables.push_back(table_of("events", "event", "count", events));
}

void inspect_class_power(CsvRows& rows, TraceInfo& info) {
    const std::size_t columns = rows.header().size(), total = columns - 1;
    std::vector<double> joules(columns, 0.0);
    double peak = 0, first = 0, last = 0, length = 0;
    std::uint64_t windows = 0;
    while (rows.next()) {
        const double start = rows.number(2), end = rows.number(3);
        if (windows++ == 0)
            first = start;
        last = end;
        length += end - start;
        for (std::size_t c = 4; c < columns; ++c)
            joules[c] += rows.number(c) * (end - start);
        peak = std::max(peak, rows.number(total));
    }
    info.summary["format"] = "power CSV";
    info.summary["windows"] = windows;
    info.summary["first_s"] = first;
    info.summary["last_s"] = last;
    info.summary["energy_j"] = joules[total];
    info.summary["mean_w"] = length > 0 ? joules[total] / length : 0.0;
    info.summary["peak_w"] = peak;
    Sums<double> classes;
    for (std::size_t c = 4; c < total; ++c)
        classes[rows.header()[c]] = joules[c];
    info.tables.push_back(table_of("classes", "class", "energy_j", classes));
}

void inspect_instance_power(CsvRows& rows, TraceInfo& info) {
    Sums<double> instances;
    double total = 0, first = 0, last = 0;
    std::uint64_t lines = 0;
    while (rows.next()) {
        const double start = rows.number(0), end = rows.number(1), joules = rows.number(3) * (end - start);
        if (lines++ == 0)
            first = start;
        last = end;
        total += joules;
        instances[rows.cell(2)] += joules;
    }
    info.summary["format"] = "power CSV by instance";
    info.summary["lines"] = lines;
    info.summary["first_s"] = first;
    info.summary["last_s"] = last;
    info.summary["energy_j"] = total;
    info.summary["instances"] = instances.size();
    info.tables.push_back(table_of("instances", "instance", "energy_j", instances));
}

}  // namespace

void inspect_csv(TextInput& in, TraceInfo& info) {
    CsvRows rows = csv_rows(in);
    const std::optional<CsvKind> kind = csv_kind(rows.header());
    if (!kind)
        throw InputError(
            in.name() +
            ": not a trace that is known here, expected VCD, SAIF, a time line (JSON), or CSV that begins with " +
            csv_beginnings);
    switch (*kind) {
    case CsvKind::activity: return inspect_activity(rows, info);
    case CsvKind::power: return inspect_class_power(rows, info);
    case CsvKind::power_instances: return inspect_instance_power(rows, info);
    }
}

}  // namespace xloop::trace
