#include "traces/tools/csv_info.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace xloop::trace {
namespace {

/// Rows of a CSV file; the cells are good until the next row.
class Rows {
public:
    explicit Rows(TextInput& in) : in_(in) {
        if (next())
            for (std::string_view cell : cells_)
                header_.emplace_back(cell);
    }

    bool next() {
        while (in_.line(line_)) {
            ++number_;
            if (line_.empty() || line_.front() == '#')
                continue;
            split();
            if (!header_.empty() && cells_.size() != header_.size())
                fail(fmt::format("{} cells, expected {} as in the header", cells_.size(), header_.size()));
            return true;
        }
        return false;
    }

    const std::vector<std::string>& header() const { return header_; }
    std::string_view text(std::size_t column) const { return cells_[column]; }

    template <class Number>
    Number number(std::size_t column) const {
        const std::string_view cell = cells_[column];
        Number value{};
        const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
        if (problem != std::errc() || end != cell.data() + cell.size())
            fail(fmt::format("column {}: `{}`, expected a {}number", header_[column], cell.substr(0, 40),
                             std::is_integral_v<Number> ? "whole " : ""));
        return value;
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw InputError(fmt::format("{}:{}: {}", in_.name(), number_, what));
    }

private:
    void split() {
        cells_.clear();
        const std::string_view line = line_;
        std::size_t begin = 0;
        for (std::size_t comma; (comma = line.find(',', begin)) != std::string_view::npos; begin = comma + 1)
            cells_.push_back(line.substr(begin, comma - begin));
        cells_.push_back(line.substr(begin));
    }

    TextInput& in_;
    std::uint64_t number_ = 0;
    std::string line_;
    std::vector<std::string> header_;
    std::vector<std::string_view> cells_;
};

/// Sums by name, in the order of their first use.
template <class Number>
class Sums {
public:
    Number& operator[](std::string_view name) {
        key_.assign(name);
        const auto [entry, fresh] = index_.emplace(key_, sums_.size());
        if (fresh)
            sums_.emplace_back(key_, Number{});
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
    std::string key_;
    std::unordered_map<std::string, std::size_t> index_;
    std::vector<std::pair<std::string, Number>> sums_;
};

template <class Number>
TraceInfo::Table table_of(const char* name, const char* column, const char* quantity, const Sums<Number>& sums) {
    TraceInfo::Table table{name, {column, quantity}, {}};
    for (auto& [key, sum] : sums.largest_first())
        table.rows.push_back({key, sum});
    return table;
}

void inspect_activity(Rows& rows, TraceInfo& info) {
    Sums<std::uint64_t> instances, events;
    std::uint64_t first = ~std::uint64_t{0}, last = 0, lines = 0, windows = 0, total = 0, window = ~std::uint64_t{0};
    while (rows.next()) {
        ++lines;
        const auto start = rows.number<std::uint64_t>(0), end = rows.number<std::uint64_t>(1),
                   count = rows.number<std::uint64_t>(4);
        if (end < start)
            rows.fail("end_cycle is before start_cycle");
        windows += start != window;
        window = start;
        first = std::min(first, start);
        last = std::max(last, end);
        total += count;
        instances[rows.text(2)] += count;
        events[rows.text(3)] += count;
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

void inspect_class_power(Rows& rows, TraceInfo& info) {
    const std::size_t columns = rows.header().size(), total = columns - 1;
    std::vector<double> joules(columns, 0.0);
    double peak = 0, first = 0, last = 0, length = 0;
    std::uint64_t windows = 0;
    while (rows.next()) {
        const double start = rows.number<double>(2), end = rows.number<double>(3);
        if (windows++ == 0)
            first = start;
        last = end;
        length += end - start;
        for (std::size_t c = 4; c < columns; ++c)
            joules[c] += rows.number<double>(c) * (end - start);
        peak = std::max(peak, rows.number<double>(total));
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

void inspect_instance_power(Rows& rows, TraceInfo& info) {
    Sums<double> instances;
    double total = 0, first = 0, last = 0;
    std::uint64_t lines = 0;
    while (rows.next()) {
        const double start = rows.number<double>(0), end = rows.number<double>(1),
                     joules = rows.number<double>(3) * (end - start);
        if (lines++ == 0)
            first = start;
        last = end;
        total += joules;
        instances[rows.text(2)] += joules;
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
    using Header = std::vector<std::string>;
    Rows rows(in);
    const Header& header = rows.header();
    const auto begins_with = [&](const Header& start) {
        return header.size() >= start.size() && std::equal(start.begin(), start.end(), header.begin());
    };
    if (header == Header{"start_cycle", "end_cycle", "instance", "event", "count"})
        inspect_activity(rows, info);
    else if (header == Header{"start_s", "end_s", "instance", "power_w"})
        inspect_instance_power(rows, info);
    else if (header.size() > 4 && begins_with({"start_cycle", "end_cycle", "start_s", "end_s"}) &&
             header.back() == "total_w")
        inspect_class_power(rows, info);
    else
        throw InputError(in.name() +
                         ": not a trace that is known here, expected VCD, SAIF, a time line (JSON), or CSV that begins "
                         "with start_cycle,end_cycle,instance,event,count or start_cycle,end_cycle,start_s,end_s,... "
                         "or start_s,end_s,instance,power_w");
}

}  // namespace xloop::trace
