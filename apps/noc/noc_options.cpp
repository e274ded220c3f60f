#include "apps/noc/noc_options.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace xloop {
namespace {

using noc::Pattern;

const std::vector<std::pair<std::string, Pattern>> patterns = {
    {"uniform", Pattern::uniform},     {"neighbor", Pattern::neighbor},
    {"transpose", Pattern::transpose}, {"bit_complement", Pattern::bit_complement},
    {"tornado", Pattern::tornado},     {"hotspot", Pattern::hotspot}};

/// Of a sweep.
constexpr int most_points = 1000;

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

}  // namespace

void NocOptions::read_mesh() {
    int cols = 0, rows = 0, used = 0;
    if (std::sscanf(mesh.c_str(), "%dx%d%n", &cols, &rows, &used) != 2 || used != static_cast<int>(mesh.size()) ||
        cols < 1 || rows < 1 || cols > 256 || rows > 256)
        throw InputError(fmt::format("--mesh {}: expected COLSxROWS, each 1 ... 256, as 8x8", mesh));
    network.cols = cols;
    network.rows = rows;
}

std::vector<double> NocOptions::sweep_rates() const {
    std::vector<double> rates;
    if (sweep.empty()) {
        for (int i = 1; i <= 20; ++i)
            rates.push_back(0.05 * i);
        rates.insert(rates.begin(), 0.01);
        return rates;
    }
    const auto first = sweep.find(':'), second = sweep.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
        throw InputError(fmt::format("--sweep {}: expected FROM:TO:STEP, as 0.05:0.5:0.05", sweep));
    const double from = number("--sweep", sweep.substr(0, first));
    const double to = number("--sweep", sweep.substr(first + 1, second - first - 1));
    const double step = number("--sweep", sweep.substr(second + 1));
    // TO is a point of the sweep where it is a whole number of steps away but for rounding.
    const double steps = std::floor((to - from) / step * (1.0 + 1e-9) + 1e-9);
    if (from <= 0.0 || step <= 0.0 || to < from || to > traffic.packet_flits || !(steps < most_points))
        throw InputError(
            fmt::format("--sweep {}: expected 0 < FROM <= TO <= flits of a packet, STEP > 0, at most {} points", sweep,
                        most_points));
    for (int i = 0; i <= static_cast<int>(steps); ++i)
        rates.push_back(from + i * step);
    return rates;
}

void NocOptions::check() {
    read_mesh();
    try {
        noc::check(network);
    } catch (const InputError& e) {
        rethrow_with_option_names(e);
    }
    if (seed.empty() || seed.size() > 19 || seed.find_first_not_of("0123456789") != std::string::npos)
        throw InputError(fmt::format("--seed {}: expected a whole number, 0 or more", seed));
    traffic.seed = std::stoull(seed);
    check_traffic();
    for (const auto& [name, known] : patterns)
        if (name == pattern)
            traffic.pattern = known;
    for (const std::string& file : {csv_file, plot_file, links_file})
        if (!file.empty())
            demand_writable(file);
}

void NocOptions::check_traffic() const {
    const auto demand = [](bool good, const std::string& message) {
        if (!good)
            throw InputError(message);
    };
    const bool hotspot = pattern == "hotspot";
    demand(!replays() || !trace_file.empty(), "--traffic trace needs --trace FILE");
    demand(replays() || trace_file.empty(), "--trace needs --traffic trace");
    demand(!replays() || !sweeping, "--sweep is of no use with --traffic trace: the trace sets the load");
    demand(!hotspot || !traffic.hotspot_nodes.empty(), "--traffic hotspot needs --hotspot-nodes");
    demand(hotspot || traffic.hotspot_nodes.empty(), "--hotspot-nodes needs --traffic hotspot");
    demand(traffic.packet_flits >= 1 && traffic.packet_flits <= 1 << 20, "--packet-flits: expected 1 ... 1048576");
    demand(traffic.injection_rate > 0.0 && traffic.injection_rate <= traffic.packet_flits,
           fmt::format(
               "--injection-rate {:g}: expected more than 0, at most {} flits per node and cycle (a packet per cycle)",
               traffic.injection_rate, traffic.packet_flits));
    demand(traffic.hotspot_share >= 0.0 && traffic.hotspot_share <= 1.0, "--hotspot-share: expected 0 ... 1");
    for (int node : traffic.hotspot_nodes)
        demand(node >= 0 && node < network.cols * network.rows * network.concentration,
               fmt::format("--hotspot-nodes {}: the nodes are 0 ... {}", node,
                           network.cols * network.rows * network.concentration - 1));
    demand(pattern != "transpose" || network.cols == network.rows, "--traffic transpose needs a square --mesh");
    demand(measurement.sample_cycles >= 0, "--sample-cycles: expected 1 or more, or 0 for the default");
    demand(measurement.warmup_cycles >= 0, "--warmup-cycles: expected 1 or more, or 0 for the default");
    demand(measurement.latency_limit > 0.0, "--latency-limit: expected more than 0 cycles");
    demand(sweeping || plot_file.empty(), "--plot draws a sweep: add --sweep");
}

void NocOptions::add_to(CLI::App& command) {
    command.add_option("--mesh", mesh, "routers, COLSxROWS")->capture_default_str();
    command.add_flag("--torus", network.torus, "rows and columns are rings");
    command.add_option("--concentration", network.concentration, "nodes on a router")->capture_default_str();
    command.add_option("--vcs", network.vcs, "virtual channels of an input port")->capture_default_str();
    command.add_option("--vc-buffer", network.vc_buffer_flits, "flits in the buffer of a virtual channel")
        ->capture_default_str();
    command.add_option("--routing-delay", network.routing_delay, "cycles; 0: known on arrival")->capture_default_str();
    command.add_option("--vc-alloc-delay", network.vc_alloc_delay, "cycles")->capture_default_str();
    command.add_option("--sw-alloc-delay", network.sw_alloc_delay, "cycles")->capture_default_str();
    command.add_option("--switch-delay", network.switch_delay, "cycles")->capture_default_str();
    command.add_option("--link-delay", network.link_delay, "cycles, flits and credits")->capture_default_str();
    command.add_option("--credit-delay", network.credit_delay, "cycles from a credit's arrival to its use")
        ->capture_default_str();
    command.add_option("--alloc-iters", network.alloc_iters, "iterations of the iSLIP allocators")
        ->capture_default_str();
    command.add_flag("--speculative", network.speculative, "heads ask for switch and virtual channel at once");
    command.add_flag("--wait-for-tail-credit", network.wait_for_tail_credit,
                     "reuse a virtual channel only when its buffer is empty");

    std::vector<std::string> names = {"trace"};
    for (const auto& [name, known] : patterns)
        names.push_back(name);
    command.add_option("--traffic", pattern, "where packets go")->check(CLI::IsMember(names))->capture_default_str();
    command.add_option("--injection-rate", traffic.injection_rate, "flits offered per node and cycle")
        ->capture_default_str();
    command.add_option("--packet-flits", traffic.packet_flits, "flits of a packet")->capture_default_str();
    command.add_option("--hotspot-nodes", traffic.hotspot_nodes, "hot nodes, separated by commas")->delimiter(',');
    command.add_option("--hotspot-share", traffic.hotspot_share, "share of packets that go to the hot nodes")
        ->capture_default_str();
    command.add_option("--trace", trace_file, "packets of --traffic trace, CSV");
    command.add_option("--seed", seed, "of the random packets")->capture_default_str();

    command
        .add_option("--sample-cycles", measurement.sample_cycles,
                    "of a sample period; 0: 192000 / nodes, 2000 ... 8000")
        ->capture_default_str();
    command.add_option("--warmup-cycles", measurement.warmup_cycles, "0: one sample period")->capture_default_str();
    command.add_option("--latency-limit", measurement.latency_limit, "mean latency above which a load is unstable")
        ->capture_default_str();
    command.add_option("--sweep", sweep, "several loads, FROM:TO:STEP; without value 0.01, 0.05, 0.1 ... 1")
        ->expected(0, 1);
    command.add_option("--csv", csv_file, "write the table");
    command.add_option("--plot", plot_file, "draw the sweep, SVG");
    command.add_option("--links", links_file, "write flits and utilisation of every link, CSV (of the last load)");
    command.add_flag("--json", json, "machine-readable output");
}

}  // namespace xloop
