#include "apps/noc/noc_options.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace xloop {
namespace {

using noc::NetworkConfig;

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

/// An option that is a number of the network's.
struct NetworkOption {
    const char* option;
    const char* field;  ///< as noc::FieldError names it
    int noc::NetworkConfig::*target;
    const char* doc;
};

constexpr NetworkOption network_options[] = {
    {"--concentration", "concentration", &NetworkConfig::concentration, "nodes on a router"},
    {"--vcs", "vcs", &NetworkConfig::vcs, "virtual channels of an input port"},
    {"--vc-buffer", "vc_buffer_flits", &NetworkConfig::vc_buffer_flits, "flits in the buffer of a virtual channel"},
    {"--routing-delay", "routing_delay_cycles", &NetworkConfig::routing_delay_cycles, "cycles; 0: known on arrival"},
    {"--vc-alloc-delay", "vc_alloc_delay_cycles", &NetworkConfig::vc_alloc_delay_cycles, "cycles"},
    {"--sw-alloc-delay", "switch_alloc_delay_cycles", &NetworkConfig::switch_alloc_delay_cycles, "cycles"},
    {"--switch-delay", "switch_delay_cycles", &NetworkConfig::switch_delay_cycles, "cycles"},
    {"--link-delay", "link_delay_cycles", &NetworkConfig::link_delay_cycles, "cycles, flits and credits"},
    {"--credit-delay", "credit_delay_cycles", &NetworkConfig::credit_delay_cycles,
     "cycles from a credit's arrival to its use"},
    {"--alloc-iters", "alloc_iters", &NetworkConfig::alloc_iters, "iterations of the iSLIP allocators"},
};

std::string option_of(const std::string& field) {
    for (const NetworkOption& row : network_options)
        if (field == row.field)
            return row.option;
    return "--" + field;
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
    const std::string& text = sweep.front();
    if (text.empty()) {
        for (int i = 1; i <= 20; ++i)
            rates.push_back(0.05 * i);
        rates.insert(rates.begin(), 0.01);
        return rates;
    }
    const auto first = text.find(':'), second = text.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
        throw InputError(fmt::format("--sweep {}: expected FROM:TO:STEP, as 0.05:0.5:0.05", text));
    const double from = number("--sweep", text.substr(0, first));
    const double to = number("--sweep", text.substr(first + 1, second - first - 1));
    const double step = number("--sweep", text.substr(second + 1));
    // TO is a point of the sweep where it is a whole number of steps away but for rounding.
    const double steps = std::floor((to - from) / step * (1.0 + 1e-9) + 1e-9);
    if (from <= 0.0 || step <= 0.0 || to < from || to > traffic.packet_flits || !(steps < most_points))
        throw InputError(
            fmt::format("--sweep {}: expected 0 < FROM <= TO <= flits of a packet, STEP > 0, at most {} points", text,
                        most_points));
    for (int i = 0; i <= static_cast<int>(steps); ++i)
        rates.push_back(from + i * step);
    return rates;
}

void NocOptions::check() {
    read_mesh();
    try {
        noc::check(network);
    } catch (const noc::FieldError& e) {
        throw InputError(fmt::format("{}: expected {}", option_of(e.field), e.expected));
    }
    if (seed.empty() || seed.size() > 19 || seed.find_first_not_of("0123456789") != std::string::npos)
        throw InputError(fmt::format("--seed {}: expected a whole number, 0 or more", seed));
    traffic.seed = std::stoull(seed);
    check_traffic();
    traffic.pattern = value_named<noc::Pattern>(pattern).value_or(traffic.pattern);
}

void NocOptions::check_traffic() const {
    const auto demand = [](bool good, const std::string& message) {
        if (!good)
            throw InputError(message);
    };
    const bool hotspot = pattern == "hotspot";
    demand(!replays() || !trace_file.empty(), "--traffic trace needs --trace FILE");
    demand(replays() || trace_file.empty(), "--trace needs --traffic trace");
    demand(!replays() || !sweeps(), "--sweep is of no use with --traffic trace: the trace sets the load");
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
    demand(sweeps() || plot_file.empty(), "--plot draws a sweep: add --sweep");
}

void NocOptions::add_to(CommandLine& command) {
    command.option("--mesh", &mesh, "routers, COLSxROWS");
    command.option("--torus", &network.torus, "rows and columns are rings");
    for (const auto& [option, field, target, doc] : network_options)
        command.option(option, &(network.*target), doc);
    command.option("--speculative", &network.speculative, "heads ask for switch and virtual channel at once");
    command.option("--wait-for-tail-credit", &network.wait_for_tail_credit,
                   "reuse a virtual channel only when its buffer is empty");

    std::vector<std::string> names = all_names<noc::Pattern>();
    names.insert(names.begin(), "trace");
    command.option("--traffic", &pattern, "where packets go").one_of(names);
    command.option("--injection-rate", &traffic.injection_rate, "flits offered per node and cycle");
    command.option("--packet-flits", &traffic.packet_flits, "flits of a packet");
    command.option("--hotspot-nodes", &traffic.hotspot_nodes, "hot nodes, separated by commas").commas();
    command.option("--hotspot-share", &traffic.hotspot_share, "share of packets that go to the hot nodes");
    command.option("--trace", &trace_file, "packets of --traffic trace, CSV");
    command.option("--seed", &seed, "of the random packets");

    command.option("--sample-cycles", &measurement.sample_cycles,
                   "of a sample period; 0: 192000 / nodes, 2000 ... 8000");
    command.option("--warmup-cycles", &measurement.warmup_cycles, "0: one sample period");
    command.option("--latency-limit", &measurement.latency_limit, "mean latency above which a load is unstable");
    command.option("--sweep", &sweep, "several loads, FROM:TO:STEP; without value 0.01, 0.05, 0.1 ... 1")
        .value_optional();
    command.output("--csv", &csv_file, "write the table");
    command.output("--plot", &plot_file, "draw the sweep, SVG");
    command.output("--links", &links_file, "write flits and utilisation of every link, CSV (of the last load)");
    command.option("--json", &json, "machine-readable output");
}

}  // namespace xloop
