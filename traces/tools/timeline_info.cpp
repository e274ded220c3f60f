#include "traces/tools/timeline_info.hpp"

#include "traces/timeline/timeline_reader.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace xloop::trace {
namespace {

struct Spent {
    double microseconds = 0;
    std::uint64_t count = 0;
};

using SpentByName = std::map<std::string, Spent>;

Table table_of(const char* name, const char* column, const SpentByName& spent) {
    Table table = info_table(name, {column, "count", "time_us"});
    for (const auto& [key, sum] : spent)
        table.add(key, sum.count, sum.microseconds);
    std::stable_sort(table.rows.begin(), table.rows.end(), [](const auto& a, const auto& b) {
        return a[2].template get<double>() > b[2].template get<double>();
    });
    return table;
}

}  // namespace

void inspect_timeline(TextInput& in, TraceInfo& info) {
    double first = 1e300, last = 0;
    std::uint64_t slices = 0, counters = 0;
    std::set<std::pair<std::int64_t, std::int64_t>> tracks;
    SpentByName categories, names;
    read_timeline(in, [&](const ReadTimelineEvent& event) {
        if (event.phase != "X" && event.phase != "C")
            return;
        first = std::min(first, event.start_us);
        last = std::max(last, event.start_us + event.duration_us);
        if (event.phase == "C") {
            ++counters;
            return;
        }
        ++slices;
        tracks.emplace(event.process, event.track);
        for (Spent* spent : {&categories[event.category], &names[event.name]}) {
            spent->microseconds += event.duration_us;
            ++spent->count;
        }
    });
    Json& summary = info.summary;
    summary["format"] = "timeline JSON";
    summary["slices"] = slices;
    summary["counters"] = counters;
    summary["tracks"] = tracks.size();
    summary["first_us"] = slices + counters > 0 ? first : 0.0;
    summary["last_us"] = last;
    info.tables.push_back(table_of("categories", "category", categories));
    info.tables.push_back(table_of("slices", "slice", names));
}

}  // namespace xloop::trace
