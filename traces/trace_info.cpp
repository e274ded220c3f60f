#include "traces/trace_info.hpp"

#include "traces/csv_info.hpp"
#include "traces/saif_reader.hpp"
#include "traces/timeline_info.hpp"
#include "traces/trace_kind.hpp"
#include "traces/vcd_player.hpp"
#include "traces/vcd_to_saif.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace xloop::trace {
namespace {

using Json = nlohmann::ordered_json;

struct Mover {
    std::string name;
    std::uint64_t toggles, glitches, high;
    std::size_t bits;
};

TraceInfo::Table movers_table(const char* name, const char* first_column, std::vector<Mover>& movers, std::uint64_t duration,
                              double nanoseconds) {
    std::sort(movers.begin(), movers.end(), [](const Mover& a, const Mover& b) {
        return a.toggles != b.toggles ? a.toggles > b.toggles : a.name < b.name;
    });
    TraceInfo::Table table{name, {first_column, "bits", "toggles", "toggles_per_ns", "duty", "glitches"}, {}};
    for (Mover& mover : movers) {
        const double time = static_cast<double>(duration) * static_cast<double>(mover.bits);
        table.rows.push_back({std::move(mover.name), mover.bits, mover.toggles,
                              nanoseconds > 0 ? static_cast<double>(mover.toggles) / nanoseconds : 0.0,
                              time > 0 ? static_cast<double>(mover.high) / time : 0.0, mover.glitches});
    }
    return table;
}

/// Sums over bits and tables of the nets and the instances with most toggles; an instance without those within it.
void add_movers(const SaifFile& file, TraceInfo& info) {
    const double nanoseconds = static_cast<double>(file.header.duration) * static_cast<double>(file.timescale().femtoseconds()) * 1e-6;
    std::vector<Mover> nets, instances;
    std::uint64_t toggles = 0, bits = 0;
    file.for_each_net([&](const std::string& path, const SaifNet& net) {
        ++bits;
        toggles += net.counts.tc;
        nets.push_back({path + "." + net.full_name(), net.counts.tc, net.counts.ig, net.counts.t1, 1});
        if (instances.empty() || instances.back().name != path)
            instances.push_back({path, 0, 0, 0, 0});
        Mover& instance = instances.back();
        instance.toggles += net.counts.tc;
        instance.glitches += net.counts.ig;
        instance.high += net.counts.t1;
        ++instance.bits;
    });
    info.summary["bits"] = bits;
    info.summary["instances_with_nets"] = instances.size();
    info.summary["duration_ns"] = nanoseconds;
    info.summary["toggles"] = toggles;
    info.summary["toggles_per_ns"] = nanoseconds > 0 ? static_cast<double>(toggles) / nanoseconds : 0.0;
    info.tables.push_back(movers_table("nets", "net", nets, file.header.duration, nanoseconds));
    info.tables.push_back(movers_table("instances", "instance", instances, file.header.duration, nanoseconds));
}

void inspect_vcd(TextInput& in, TraceInfo& info) {
    VcdPlayer player(in);
    const VcdHeader& header = player.header();
    const std::uint64_t first = player.next_time();
    VcdActivity activity(header, first, ~std::uint64_t{0});
    std::uint64_t times = 0;
    for (; player.more(); ++times)
        player.step(activity);
    const std::uint64_t last = player.next_time();
    activity.finish(last);
    const double unit = static_cast<double>(header.timescale.femtoseconds()) * 1e-6;
    const auto reals = std::count_if(header.values.begin(), header.values.end(),
                                     [](const VcdValue& value) { return value.kind == VcdValue::Kind::real; });
    Json& summary = info.summary;
    summary["format"] = "VCD";
    summary["timescale"] = header.timescale.text();
    summary["signals"] = header.variables.size();
    summary["values"] = header.values.size();
    summary["reals"] = reals;
    summary["scopes"] = header.scopes.size();
    summary["times"] = times;
    summary["first_ns"] = static_cast<double>(first) * unit;
    summary["last_ns"] = static_cast<double>(last) * unit;
    add_movers(saif_of_activity(header, activity), info);
}

void inspect_saif(TextInput& in, TraceInfo& info) {
    const SaifFile file = read_saif(in);
    info.summary["format"] = "SAIF";
    info.summary["design"] = file.header.design;
    info.summary["timescale"] = file.timescale().text();
    add_movers(file, info);
}

/// Numbers as short as they are handy; texts bare.
std::string cell(const Json& value) {
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number_float() ? fmt::format("{:.6g}", value.get<double>()) : value.dump();
}

std::string quoted_cell(const Json& value) {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.find_first_of(",\"\n") == std::string::npos)
        return text;
    std::string out = "\"";
    for (char c : text)
        out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

}  // namespace

TraceInfo inspect_trace(TextInput& in) {
    TraceInfo info;
    info.summary["file"] = in.name();
    info.summary["file_bytes"] = in.stored_bytes();
    switch (kind_of(in)) {
    case TraceKind::vcd:
        inspect_vcd(in, info);
        break;
    case TraceKind::saif:
        inspect_saif(in, info);
        break;
    case TraceKind::csv:
        inspect_csv(in, info);
        break;
    case TraceKind::json:
        inspect_timeline(in, info);
        break;
    }
    return info;
}

Json TraceInfo::json(std::size_t top) const {
    Json out = summary;
    for (const Table& table : tables) {
        Json& rows = out["top_" + table.name] = Json::array();
        for (std::size_t r = 0; r < std::min(top, table.rows.size()); ++r) {
            Json row;
            for (std::size_t c = 0; c < table.columns.size(); ++c)
                row[table.columns[c]] = table.rows[r][c];
            rows.push_back(std::move(row));
        }
    }
    return out;
}

std::string TraceInfo::text(std::size_t top) const {
    std::string out;
    for (const auto& [key, value] : summary.items())
        out += fmt::format("{:<20} {}\n", key, cell(value));
    for (const Table& table : tables) {
        const std::size_t shown = std::min(top, table.rows.size());
        if (shown == 0)
            continue;
        out += fmt::format("\n{} ({} of {})\n", table.name, shown, table.rows.size());
        // Names last: they are long.
        for (std::size_t c = 1; c < table.columns.size(); ++c)
            out += fmt::format(" {:>14}", table.columns[c]);
        out += "  " + table.columns[0] + "\n";
        for (std::size_t r = 0; r < shown; ++r) {
            for (std::size_t c = 1; c < table.columns.size(); ++c)
                out += fmt::format(" {:>14}", cell(table.rows[r][c]));
            out += "  " + cell(table.rows[r][0]) + "\n";
        }
    }
    return out;
}

std::string TraceInfo::csv() const {
    std::string out = "table,name,quantity,value\n";
    for (const Table& table : tables)
        for (const auto& row : table.rows)
            for (std::size_t c = 1; c < table.columns.size(); ++c)
                out += fmt::format("{},{},{},{}\n", table.name, quoted_cell(row[0]), table.columns[c], quoted_cell(row[c]));
    return out;
}

}  // namespace xloop::trace
