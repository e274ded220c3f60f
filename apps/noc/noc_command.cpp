#include "apps/command.hpp"
#include "apps/noc/noc_text.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/progress.hpp"

#include <fmt/format.h>
#include <chrono>
#include <cstdio>

namespace xloop {
namespace {

constexpr const char* help_text = R"(
Examples:
  xloop noc --mesh 8x8 --traffic uniform --injection-rate 0.3 --packet-flits 5
  xloop noc --mesh 4x4 --vcs 1 --traffic transpose --sweep --plot curve.svg      latency and throughput over load
  xloop noc --mesh 6x3 --traffic hotspot --hotspot-nodes 0,17 --hotspot-share 0.2 --sweep 0.05:0.5:0.05 --csv sweep.csv
  xloop noc --mesh 4x4 --torus --traffic trace --trace packets.csv --links links.csv

Latencies are in cycles from the creation of a packet, waiting in its source queue included, to the arrival of its last
flit; alone in the network with the default delays 4 H + 2 + (P - 1) for H routers and P flits. A point is unstable when the
network accepts less than it is offered, or when the mean latency exceeds --latency-limit or does not settle; where no packet
was created in the time of the measurement, neither latency nor stability is known (-).
A trace is a CSV file with the header cycle,source,destination,flits; destinations separated by ; are a multicast.)";

template <class Run>
NocPoint timed(double rate, Run run) {
    const auto start = std::chrono::steady_clock::now();
    NocPoint point;
    point.offered_rate = rate;
    point.measured = run();
    point.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return point;
}

/// Watches step `index` of `count`.
Watch part_of(Progress& progress, std::size_t index, std::size_t count) {
    return [&progress, index, count](StepState state) {
        state.done = (static_cast<double>(index) + state.done) / static_cast<double>(count);
        progress(state);
    };
}

/// The table, and the links of its last load.
void write_files(const NocOptions& o, const Table& table, const NocPoint& last) {
    if (!o.csv_file.empty())
        write_file_atomically(o.csv_file, table.csv());
    if (!o.links_file.empty())
        write_file_atomically(o.links_file, links_csv(o.network, last.measured));
}

/// Keys in their alphabetical order.
void print_json(const Json& json) { fmt::print("{}\n", nlohmann::json(json).dump(2)); }

void run_single(const NocOptions& o) {
    NocPoint point;
    {
        Progress progress("network");
        const Watch watch = part_of(progress, 0, 1);
        if (o.replays()) {
            const auto trace = noc::read_trace(o.trace_file, o.network);
            point = timed(0.0, [&] { return noc::replay(o.network, trace, watch); });
        } else {
            point = timed(o.traffic.injection_rate,
                          [&] { return noc::measure(o.network, o.traffic, o.measurement, watch); });
        }
    }
    Table table = noc_table();
    add_point(table, point);
    write_files(o, table, point);
    if (o.json) {
        print_json(point_json(point, o));
        return;
    }
    fmt::print("{}\n{}", noc_title(o), table.text());
    fmt::print("{:.2f} s, {:.1f} million router-cycles/s\n", point.seconds,
               1e-6 * router_cycles_per_second(point, o.network));
}

/// Beyond two unstable points the curve says nothing new.
void run_sweep(const NocOptions& o) {
    const std::vector<double> rates = o.sweep_rates();
    std::vector<NocPoint> points;
    Table table = noc_table();
    double saturation = 0.0;
    {
        Progress progress("network");
        if (!o.json)
            fmt::print("{}\n{}", noc_title(o), table.text_head());
        noc::TrafficConfig traffic = o.traffic;
        for (int unstable = 0; points.size() < rates.size() && unstable < 2;) {
            traffic.injection_rate = rates[points.size()];
            const Watch watch = part_of(progress, points.size(), rates.size() + 1);
            points.push_back(
                timed(traffic.injection_rate, [&] { return noc::measure(o.network, traffic, o.measurement, watch); }));
            add_point(table, points.back());
            unstable += points.back().measured.saturated();
            if (!o.json) {
                fmt::print("{}", table.text_line(table.rows.size() - 1));
                std::fflush(stdout);
            }
        }
        saturation = noc::saturation_rate(o.network, o.traffic, o.measurement,
                                          part_of(progress, rates.size(), rates.size() + 1));
    }
    write_files(o, table, points.back());
    if (!o.plot_file.empty())
        plot_noc_sweep(noc_title(o), points, saturation, o.plot_file);
    if (o.json) {
        Json json = {{"points", Json::array()}, {"saturation_flit_rate", saturation}};
        for (const NocPoint& p : points)
            json["points"].push_back(point_json(p, o));
        print_json(json);
        return;
    }
    fmt::print("saturation: {:.4f} flits per node and cycle are accepted at an offered rate of 1\n", saturation);
}

void run_noc(const NocOptions& given) {
    NocOptions options = given;
    options.check();
    if (options.sweeps())
        run_sweep(options);
    else
        run_single(options);
}

}  // namespace

void add_noc_command(CommandLine& line) {
    CommandLine command =
        line.command("noc", "latency and throughput of a network on chip under synthetic or recorded traffic");
    command.footer(help_text);
    command.runs(run_noc).add_to(command);
}

}  // namespace xloop
