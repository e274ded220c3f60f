#include "apps/command.hpp"
#include "apps/noc/noc_plot.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

namespace xloop {
namespace {

using noc::Measurement;
using noc::Pattern;

constexpr const char* help_text = R"(
Examples:
  xloop noc --mesh 8x8 --traffic uniform --injection-rate 0.3 --packet-flits 5
  xloop noc --mesh 4x4 --vcs 1 --traffic transpose --sweep --plot curve.svg      latency and throughput over load
  xloop noc --mesh 6x3 --traffic hotspot --hotspot-nodes 0,17 --hotspot-share 0.2 --sweep 0.05:0.5:0.05 --csv sweep.csv
  xloop noc --mesh 4x4 --torus --traffic trace --trace packets.csv --links links.csv

Latencies are in cycles from the creation of a packet, waiting in its source queue included, to the arrival of its last
flit; alone in the network with the default delays 4 H + 2 + (P - 1) for H routers and P flits. A point is unstable when the
mean latency exceeds --latency-limit or does not settle.
A trace is a CSV file with the header cycle,source,destination,flits; destinations separated by ; are a multicast.)";

struct NocOptions {
    noc::NetworkConfig network;
    noc::TrafficConfig traffic;
    noc::MeasurementConfig measurement;
    std::string mesh = "8x8", pattern = "uniform", seed = "1";
    std::string trace_file, sweep, csv_file, plot_file, links_file;
    bool sweeping = false, json = false;
};

const std::vector<std::pair<std::string, Pattern>> patterns = {
    {"uniform", Pattern::uniform},     {"neighbor", Pattern::neighbor},
    {"transpose", Pattern::transpose}, {"bit_complement", Pattern::bit_complement},
    {"tornado", Pattern::tornado},     {"hotspot", Pattern::hotspot}};

/// All of `text` as a number; the message names the option.
double number(const std::string& option, const std::string& text) {
    std::size_t used = 0;
    double value = 0.0;
    try {
        value = std::stod(text, &used);
    } catch (const std::exception&) {
        used = 0;
    }
    if (used == 0 || used != text.size() || !std::isfinite(value))
        throw InputError(fmt::format("{}: `{}` is not a number", option, text));
    return value;
}

void read_mesh(NocOptions& options) {
    int cols = 0, rows = 0, used = 0;
    if (std::sscanf(options.mesh.c_str(), "%dx%d%n", &cols, &rows, &used) != 2 ||
        used != static_cast<int>(options.mesh.size()) || cols < 1 || rows < 1 || cols > 256 || rows > 256)
        throw InputError(fmt::format("--mesh {}: expected COLSxROWS, each 1 ... 256, as 8x8", options.mesh));
    options.network.cols = cols;
    options.network.rows = rows;
}

std::vector<double> sweep_rates(const NocOptions& options) {
    std::vector<double> rates;
    if (options.sweep.empty()) {
        for (int i = 1; i <= 20; ++i)
            rates.push_back(0.05 * i);
        rates.insert(rates.begin(), 0.01);
        return rates;
    }
    const auto first = options.sweep.find(':'), second = options.sweep.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
        throw InputError(fmt::format("--sweep {}: expected FROM:TO:STEP, as 0.05:0.5:0.05", options.sweep));
    const double from = number("--sweep", options.sweep.substr(0, first));
    const double to = number("--sweep", options.sweep.substr(first + 1, second - first - 1));
    const double step = number("--sweep", options.sweep.substr(second + 1));
    if (from <= 0.0 || step <= 0.0 || to < from || to > options.traffic.packet_flits || (to - from) / step > 1000.0)
        throw InputError(fmt::format(
            "--sweep {}: expected 0 < FROM <= TO <= flits of a packet, STEP > 0, at most 1000 points", options.sweep));
    for (int i = 0; from + i * step <= to + 1e-9; ++i)
        rates.push_back(from + i * step);
    return rates;
}

/// What a library message calls a field, as the option's name.
[[noreturn]] void rethrow_with_option_names(const InputError& error) {
    std::string text = error.what();
    const std::string prefix = "network: ";
    if (text.compare(0, prefix.size(), prefix) == 0) {
        const auto end = text.find(':', prefix.size());
        std::string field = text.substr(prefix.size(), end - prefix.size());
        field = field == "vc_buffer_flits" ? "vc_buffer" : field;
        std::replace(field.begin(), field.end(), '_', '-');
        text = "--" + field + text.substr(end);
    }
    throw InputError(text);
}

void check_options(NocOptions& o) {
    read_mesh(o);
    try {
        noc::check(o.network);
    } catch (const InputError& e) {
        rethrow_with_option_names(e);
    }
    const std::string& seed = o.seed;
    if (seed.empty() || seed.size() > 19 || seed.find_first_not_of("0123456789") != std::string::npos)
        throw InputError(fmt::format("--seed {}: expected a whole number, 0 or more", seed));
    o.traffic.seed = std::stoull(seed);
    const auto demand = [](bool good, const std::string& message) {
        if (!good)
            throw InputError(message);
    };
    const bool trace = o.pattern == "trace", hotspot = o.pattern == "hotspot";
    demand(!trace || !o.trace_file.empty(), "--traffic trace needs --trace FILE");
    demand(trace || o.trace_file.empty(), "--trace needs --traffic trace");
    demand(!trace || !o.sweeping, "--sweep is of no use with --traffic trace: the trace sets the load");
    demand(!hotspot || !o.traffic.hotspot_nodes.empty(), "--traffic hotspot needs --hotspot-nodes");
    demand(hotspot || o.traffic.hotspot_nodes.empty(), "--hotspot-nodes needs --traffic hotspot");
    demand(o.traffic.packet_flits >= 1 && o.traffic.packet_flits <= 1 << 20, "--packet-flits: expected 1 ... 1048576");
    demand(o.traffic.injection_rate > 0.0 && o.traffic.injection_rate <= o.traffic.packet_flits,
           fmt::format(
               "--injection-rate {:g}: expected more than 0, at most {} flits per node and cycle (a packet per cycle)",
               o.traffic.injection_rate, o.traffic.packet_flits));
    demand(o.traffic.hotspot_share >= 0.0 && o.traffic.hotspot_share <= 1.0, "--hotspot-share: expected 0 ... 1");
    for (int node : o.traffic.hotspot_nodes)
        demand(node >= 0 && node < o.network.cols * o.network.rows * o.network.concentration,
               fmt::format("--hotspot-nodes {}: the nodes are 0 ... {}", node,
                           o.network.cols * o.network.rows * o.network.concentration - 1));
    demand(o.pattern != "transpose" || o.network.cols == o.network.rows, "--traffic transpose needs a square --mesh");
    demand(o.measurement.sample_cycles >= 0, "--sample-cycles: expected 1 or more, or 0 for the default");
    demand(o.measurement.warmup_cycles >= 0, "--warmup-cycles: expected 1 or more, or 0 for the default");
    demand(o.measurement.latency_limit > 0.0, "--latency-limit: expected more than 0 cycles");
    demand(o.sweeping || o.plot_file.empty(), "--plot draws a sweep: add --sweep");
    for (const auto& [name, pattern] : patterns)
        if (name == o.pattern)
            o.traffic.pattern = pattern;
    for (const std::string* file : {&o.csv_file, &o.plot_file, &o.links_file})
        if (!file->empty())
            demand_writable(*file);
}

/// A measurement and the time it took.
struct TimedPoint : NocPoint {
    double seconds = 0.0;
    double router_cycles_per_second(const noc::NetworkConfig& network) const {
        return static_cast<double>(measured.total_cycles) * network.cols * network.rows / std::max(seconds, 1e-9);
    }
};

nlohmann::json json_of(const TimedPoint& p, const NocOptions& o) {
    const Measurement& m = p.measured;
    nlohmann::json j = {{"packet_latency_avg_cycles", m.packet_latency_avg},
                        {"packet_latency_max_cycles", m.packet_latency_max},
                        {"network_latency_avg_cycles", m.network_latency_avg},
                        {"flit_latency_avg_cycles", m.flit_latency_avg},
                        {"hops_avg", m.hops_avg},
                        {"accepted_flit_rate", m.accepted_rate},
                        {"min_node_accepted", m.min_node_accepted},
                        {"max_node_accepted", m.max_node_accepted},
                        {"stable", m.stable},
                        {"packets", m.packets},
                        {"cycles", m.cycles},
                        {"seconds", p.seconds},
                        {"router_cycles_per_second", p.router_cycles_per_second(o.network)}};
    if (o.pattern != "trace")
        j["offered_flit_rate"] = p.offered_rate;
    return j;
}

std::string title(const NocOptions& o) {
    const noc::NetworkConfig& n = o.network;
    const std::string network = fmt::format("{}x{} {}, {} VCs x {} flits, {} traffic", n.cols, n.rows,
                                            n.torus ? "torus" : "mesh", n.vcs, n.vc_buffer_flits, o.pattern);
    return o.pattern == "trace" ? network : fmt::format("{}, packets of {} flits", network, o.traffic.packet_flits);
}

constexpr const char* table_head =
    "offered  accepted  stable  latency    max  network    flit   hops   packets    cycles\n";

std::string table_line(const TimedPoint& p) {
    const Measurement& m = p.measured;
    return fmt::format("{:7.4f}  {:8.4f}  {:>6}  {:7.2f}  {:5.0f}  {:7.2f}  {:6.2f}  {:5.3f}  {:8}  {:8}\n",
                       p.offered_rate, m.accepted_rate, m.stable ? "yes" : "no", m.packet_latency_avg,
                       m.packet_latency_max, m.network_latency_avg, m.flit_latency_avg, m.hops_avg, m.packets,
                       m.cycles);
}

std::string csv_of(const std::vector<TimedPoint>& points) {
    std::string text =
        "offered_flit_rate,accepted_flit_rate,stable,packet_latency_avg_cycles,packet_latency_max_cycles,"
        "network_latency_avg_cycles,flit_latency_avg_cycles,hops_avg,min_node_accepted,max_node_accepted,"
        "packets,cycles\n";
    for (const TimedPoint& p : points) {
        const Measurement& m = p.measured;
        text += fmt::format("{:.6g},{:.6g},{},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{},{}\n", p.offered_rate,
                            m.accepted_rate, m.stable ? 1 : 0, m.packet_latency_avg, m.packet_latency_max,
                            m.network_latency_avg, m.flit_latency_avg, m.hops_avg, m.min_node_accepted,
                            m.max_node_accepted, m.packets, m.cycles);
    }
    return text;
}

std::string links_csv(const noc::NetworkConfig& config, const Measurement& m) {
    const noc::Topology topology(config);
    std::string text = "router,x,y,port,flits,utilisation\n";
    for (int router = 0; router < topology.routers(); ++router)
        for (int port = 0; port < topology.ports(); ++port) {
            if (!topology.port_exists(router, port))
                continue;
            const std::uint64_t flits = m.link_flits[static_cast<std::size_t>(router * topology.ports() + port)];
            text += fmt::format(
                "{},{},{},{},{},{:.6g}\n", router, router % config.cols, router / config.cols,
                noc::Network::port_name(port), flits,
                static_cast<double>(flits) / static_cast<double>(std::max<std::uint64_t>(m.total_cycles, 1)));
        }
    return text;
}

template <class Run>
TimedPoint timed(double rate, Run run) {
    const auto start = std::chrono::steady_clock::now();
    TimedPoint point;
    point.offered_rate = rate;
    point.measured = run();
    point.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return point;
}

/// Progress of step `index` of `count`, and a chance for Ctrl-C.
noc::MeasurementProgress progress_of(Progress& progress, std::size_t index, std::size_t count) {
    return [&progress, index, count](std::uint64_t cycle, double part) {
        check_interrupt();
        progress.update(static_cast<double>(index) + part, static_cast<double>(count), fmt::format("cycle {}", cycle));
    };
}

void run_single(const NocOptions& o) {
    TimedPoint point;
    {
        Progress progress("network");
        const auto update = progress_of(progress, 0, 1);
        if (o.pattern == "trace") {
            const auto trace = noc::read_trace(o.trace_file, o.network);
            point = timed(0.0, [&] { return noc::replay(o.network, trace, update); });
        } else {
            point = timed(o.traffic.injection_rate,
                          [&] { return noc::measure(o.network, o.traffic, o.measurement, update); });
        }
    }
    if (!o.csv_file.empty())
        write_file_atomically(o.csv_file, csv_of({point}));
    if (!o.links_file.empty())
        write_file_atomically(o.links_file, links_csv(o.network, point.measured));
    if (o.json) {
        fmt::print("{}\n", json_of(point, o).dump(2));
        return;
    }
    fmt::print("{}\n{}{}", title(o), table_head, table_line(point));
    fmt::print("{:.2f} s, {:.1f} million router-cycles/s\n", point.seconds,
               1e-6 * point.router_cycles_per_second(o.network));
}

/// Beyond two unstable points the curve says nothing new.
void run_sweep(const NocOptions& o) {
    const std::vector<double> rates = sweep_rates(o);
    std::vector<TimedPoint> points;
    double saturation = 0.0;
    {
        Progress progress("network");
        if (!o.json)
            fmt::print("{}\n{}", title(o), table_head);
        noc::TrafficConfig traffic = o.traffic;
        for (int unstable = 0; points.size() < rates.size() && unstable < 2;) {
            traffic.injection_rate = rates[points.size()];
            const auto update = progress_of(progress, points.size(), rates.size() + 1);
            points.push_back(
                timed(traffic.injection_rate, [&] { return noc::measure(o.network, traffic, o.measurement, update); }));
            unstable += !points.back().measured.stable;
            if (!o.json) {
                fmt::print("{}", table_line(points.back()));
                std::fflush(stdout);
            }
        }
        saturation = noc::saturation_rate(o.network, o.traffic, o.measurement,
                                          progress_of(progress, rates.size(), rates.size() + 1));
    }
    if (!o.csv_file.empty())
        write_file_atomically(o.csv_file, csv_of(points));
    if (!o.links_file.empty())
        write_file_atomically(o.links_file, links_csv(o.network, points.back().measured));
    if (!o.plot_file.empty())
        plot_noc_sweep(title(o), {points.begin(), points.end()}, saturation, o.plot_file);
    if (o.json) {
        nlohmann::json j = {{"points", nlohmann::json::array()}, {"saturation_flit_rate", saturation}};
        for (const TimedPoint& p : points)
            j["points"].push_back(json_of(p, o));
        fmt::print("{}\n", j.dump(2));
        return;
    }
    fmt::print("saturation: {:.4f} flits per node and cycle are accepted at an offered rate of 1\n", saturation);
}

void run_noc(NocOptions options) {
    check_options(options);
    if (options.sweeping)
        run_sweep(options);
    else
        run_single(options);
}

}  // namespace

void add_noc_command(CLI::App& app, Action& action) {
    auto o = std::make_shared<NocOptions>();
    auto* command =
        app.add_subcommand("noc", "latency and throughput of a network on chip under synthetic or recorded traffic");
    command->footer(help_text);
    command->add_option("--mesh", o->mesh, "routers, COLSxROWS")->capture_default_str();
    command->add_flag("--torus", o->network.torus, "rows and columns are rings");
    command->add_option("--concentration", o->network.concentration, "nodes on a router")->capture_default_str();
    command->add_option("--vcs", o->network.vcs, "virtual channels of an input port")->capture_default_str();
    command->add_option("--vc-buffer", o->network.vc_buffer_flits, "flits in the buffer of a virtual channel")
        ->capture_default_str();
    command->add_option("--routing-delay", o->network.routing_delay, "cycles; 0: known on arrival")
        ->capture_default_str();
    command->add_option("--vc-alloc-delay", o->network.vc_alloc_delay, "cycles")->capture_default_str();
    command->add_option("--sw-alloc-delay", o->network.sw_alloc_delay, "cycles")->capture_default_str();
    command->add_option("--switch-delay", o->network.switch_delay, "cycles")->capture_default_str();
    command->add_option("--link-delay", o->network.link_delay, "cycles, flits and credits")->capture_default_str();
    command->add_option("--credit-delay", o->network.credit_delay, "cycles from a credit's arrival to its use")
        ->capture_default_str();
    command->add_option("--alloc-iters", o->network.alloc_iters, "iterations of the iSLIP allocators")
        ->capture_default_str();
    command->add_flag("--speculative", o->network.speculative, "heads ask for switch and virtual channel at once");
    command->add_flag("--wait-for-tail-credit", o->network.wait_for_tail_credit,
                      "reuse a virtual channel only when its buffer is empty");

    std::vector<std::string> names = {"trace"};
    for (const auto& [name, pattern] : patterns)
        names.push_back(name);
    command->add_option("--traffic", o->pattern, "where packets go")
        ->check(CLI::IsMember(names))
        ->capture_default_str();
    command->add_option("--injection-rate", o->traffic.injection_rate, "flits offered per node and cycle")
        ->capture_default_str();
    command->add_option("--packet-flits", o->traffic.packet_flits, "flits of a packet")->capture_default_str();
    command->add_option("--hotspot-nodes", o->traffic.hotspot_nodes, "hot nodes, separated by commas")->delimiter(',');
    command->add_option("--hotspot-share", o->traffic.hotspot_share, "share of packets that go to the hot nodes")
        ->capture_default_str();
    command->add_option("--trace", o->trace_file, "packets of --traffic trace, CSV");
    command->add_option("--seed", o->seed, "of the random packets")->capture_default_str();

    command
        ->add_option("--sample-cycles", o->measurement.sample_cycles,
                     "of a sample period; 0: 192000 / nodes, 2000 ... 8000")
        ->capture_default_str();
    command->add_option("--warmup-cycles", o->measurement.warmup_cycles, "0: one sample period")->capture_default_str();
    command->add_option("--latency-limit", o->measurement.latency_limit, "mean latency above which a load is unstable")
        ->capture_default_str();
    auto* sweep =
        command->add_option("--sweep", o->sweep, "several loads, FROM:TO:STEP; without value 0.01, 0.05, 0.1 ... 1")
            ->expected(0, 1);
    command->add_option("--csv", o->csv_file, "write the table");
    command->add_option("--plot", o->plot_file, "draw the sweep, SVG");
    command->add_option("--links", o->links_file, "write flits and utilisation of every link, CSV (of the last load)");
    command->add_flag("--json", o->json, "machine-readable output");
    command->callback([o, sweep, &action] {
        o->sweeping = sweep->count() > 0;
        action = [o] { run_noc(*o); };
    });
}

}  // namespace xloop
