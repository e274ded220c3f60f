#include "traces/tools/inspect_trace.hpp"

#include "traces/saif/saif_reader.hpp"
#include "traces/saif/vcd_to_saif.hpp"
#include "traces/tools/csv_info.hpp"
#include "traces/tools/timeline_info.hpp"
#include "traces/tools/trace_kind.hpp"
#include "traces/vcd/vcd_player.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::trace {
namespace {

struct Mover {
    std::string name;
    std::uint64_t toggles, glitches, high;
    std::size_t bits;
};

Table movers_table(const char* name, const char* first_column, std::vector<Mover>& movers, std::uint64_t duration,
                   double nanoseconds) {
    std::sort(movers.begin(), movers.end(), [](const Mover& a, const Mover& b) {
        return a.toggles != b.toggles ? a.toggles > b.toggles : a.name < b.name;
    });
    Table table = info_table(name, {first_column, "bits", "toggles", "toggles_per_ns", "duty", "glitches"});
    for (const Mover& mover : movers) {
        const double time = static_cast<double>(duration) * static_cast<double>(mover.bits);
        table.add(mover.name, mover.bits, mover.toggles,
                  nanoseconds > 0 ? static_cast<double>(mover.toggles) / nanoseconds : 0.0,
                  time > 0 ? static_cast<double>(mover.high) / time : 0.0, mover.glitches);
    }
    return table;
}

/// Sums over bits and tables of the nets and the instances with most toggles; an instance without those within it.
void add_movers(const SaifFile& file, TraceInfo& info) {
    const double nanoseconds =
        static_cast<double>(file.header.duration) * static_cast<double>(file.timescale().femtoseconds()) * 1e-6;
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
    info.time_passes = nanoseconds > 0;
    info.summary["toggles_per_ns"] = nanoseconds > 0 ? static_cast<double>(toggles) / nanoseconds : 0.0;
    info.tables.push_back(movers_table("nets", "net", nets, file.header.duration, nanoseconds));
    info.tables.push_back(movers_table("instances", "instance", instances, file.header.duration, nanoseconds));
}

void inspect_vcd(TextInput& in, TraceInfo& info) {
    VcdPlayer player(in);
    const VcdHeader& header = player.header();
    VcdActivity activity(header);
    const std::uint64_t first = player.start(activity);
    activity.open(first, ~std::uint64_t{0});
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
    add_movers(saif_of_activity(header, activity, in), info);
}

void inspect_saif(TextInput& in, TraceInfo& info) {
    const SaifFile file = read_saif(in);
    info.summary["format"] = "SAIF";
    info.summary["design"] = file.header.design;
    info.summary["timescale"] = file.timescale().text();
    add_movers(file, info);
}

}  // namespace

TraceInfo inspect_trace(TextInput& in) {
    TraceInfo info;
    info.summary["file"] = in.name();
    info.summary["file_bytes"] = in.stored_bytes();
    switch (kind_of(in)) {
    case TraceKind::vcd: inspect_vcd(in, info); break;
    case TraceKind::saif: inspect_saif(in, info); break;
    case TraceKind::csv: inspect_csv(in, info); break;
    case TraceKind::json: inspect_timeline(in, info); break;
    }
    return info;
}

}  // namespace xloop::trace
