// The closed-form estimate against the cycle model (values: counts) on random hardware, for five networks of the repository and
// for small ones whose maps are not read to their ends, on arrays down to one row.
// Usage: estimate_grid simulate FILE FIRST_SEED SEEDS [NETWORK...]
//            runs the cases of these seeds (without NETWORK: of all networks) that FILE does not have, and adds them
//        estimate_grid compare CSV FILE...       estimates the cases of all files, writes CSV, prints a summary
//        estimate_grid layers FILE SEED NETWORK  one case, layer by layer
#include "core/error.hpp"
#include "core/files.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/sim/simulate.hpp"
#include "tests/systemc_model/sim/edge_networks.hpp"
#include "tests/systemc_model/sim/random_hardware.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace {

using namespace xloop;

struct Span {
    std::uint64_t start = 0, end = 0;
};

/// One case and what the cycle model says: of the first image.
struct Case {
    int seed = 0;
    std::string network;
    int images = 0;
    double latency = 0, interval = 0, cycles = 0;
    std::vector<Span> layers;

    std::string text() const {
        std::string line = fmt::format("{} {} {} {} {} {}", seed, network, images, latency, interval, cycles);
        for (const Span& span : layers)
            line += fmt::format(" {} {}", span.start, span.end);
        return line + '\n';
    }
};

std::vector<Case> read_cases(const std::string& file) {
    std::vector<Case> cases;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::istringstream fields(line);
        Case c;
        if (!(fields >> c.seed >> c.network >> c.images >> c.latency >> c.interval >> c.cycles))
            continue;
        for (Span span; fields >> span.start >> span.end;)
            c.layers.push_back(span);
        cases.push_back(c);
    }
    return cases;
}

constexpr rlim_t longest_run_s = 60;  ///< on the processor
constexpr const char* networks[] = {"vgg8_32x32", "resnet18_32x32", "resnet20", "mobile_block_32x32", "branches_16x16"};

WorkloadGraph graph_of(const std::string& name) {
    for (const auto& [edge, yaml] : test::edge_networks)
        if (name == edge)
            return test::edge_graph(yaml);
    const NetworkSpec spec = load_network(XLOOP_SOURCE_DIR "/configs/networks/" + name + ".yaml");
    return build_graph(spec.resolve(spec.largest_path()));
}

bool is_edge(const std::string& name) {
    return std::any_of(std::begin(test::edge_networks), std::end(test::edge_networks),
                       [&](const auto& edge) { return name == edge.first; });
}

std::vector<std::string> all_networks() {
    std::vector<std::string> names(std::begin(networks), std::end(networks));
    for (const auto& edge : test::edge_networks)
        names.emplace_back(edge.first);
    return names;
}

test::RandomHardware draw(int seed, const std::string& network, const WorkloadGraph& graph) {
    return is_edge(network) ? test::random_hardware(seed, graph, test::edge_rows) : test::random_hardware(seed, graph);
}

void simulate_case(const std::string& file, int seed, const std::string& network) {
    try {
        const WorkloadGraph graph = graph_of(network);
        const test::RandomHardware drawn = draw(seed, network, graph);
        const MappedNetwork mapped = map_network(graph, drawn.hardware);
        const SimulationResult run = simulate({mapped, drawn.images});
        Case c{seed,
               network,
               drawn.images,
               static_cast<double>(run.latency_cycles(0)),
               run.interval_cycles(),
               static_cast<double>(run.cycles),
               {}};
        for (const SimulationResult::Layer& layer : run.layers)
            c.layers.push_back({layer.images.front().start, layer.images.front().end});
        std::ofstream(file, std::ios::app) << c.text();
    } catch (const std::exception& e) {
        std::printf("seed %d, %s: %s\n", seed, network.c_str(), e.what());
        std::fflush(stdout);
    }
}

/// Each case in a child process: SystemC elaborates once, and what it takes is given back.
int simulate_cases(const std::string& file, int first, int seeds, const std::vector<std::string>& names) {
    std::set<std::pair<int, std::string>> done;
    for (const Case& c : read_cases(file))
        done.insert({c.seed, c.network});
    for (int seed = first; seed < first + seeds; ++seed)
        for (const std::string& network : names) {
            if (done.count({seed, network}) > 0)
                continue;
            const pid_t child = fork();
            if (child == 0) {
                const rlimit limit{longest_run_s, longest_run_s};
                setrlimit(RLIMIT_CPU, &limit);
                simulate_case(file, seed, network);
                _exit(0);
            }
            int status = 0;
            waitpid(child, &status, 0);
            if (WIFSIGNALED(status))
                std::printf("seed %d, %s: given up\n", seed, network.c_str());
        }
    return 0;
}

double percent(double estimated, double simulated) { return 100.0 * (estimated / simulated - 1.0); }

/// Absolute errors in percent, by figure.
struct Errors {
    std::map<std::string, std::vector<double>> of;

    void print(const std::string& group) const {
        for (const auto& [name, values] : of) {
            std::vector<double> v = values;
            std::sort(v.begin(), v.end());
            double sum = 0;
            for (double e : v)
                sum += e;
            const auto at = [&](double share) {
                return v[static_cast<std::size_t>(std::lround(share * static_cast<double>(v.size() - 1)))];
            };
            std::printf("%-18s %-9s %6zu  mean %7.3f  p50 %7.3f  p90 %7.3f  p95 %7.3f  p99 %7.3f  worst %7.3f %%\n",
                        group.c_str(), name.c_str(), v.size(), sum / static_cast<double>(v.size()), at(0.5), at(0.9),
                        at(0.95), at(0.99), v.back());
        }
    }
};

/// Mean error of the layers' cycles, weighted by them: layers of a few cycles do not count as much as long ones.
double layer_error(const Case& c, const Estimate& e) {
    double wrong = 0, all = 0;
    for (std::size_t l = 0; l < c.layers.size(); ++l) {
        const auto simulated = static_cast<double>(c.layers[l].end - c.layers[l].start);
        wrong += std::abs(static_cast<double>(e.layers[l].cycles()) - simulated);
        all += simulated;
    }
    return 100.0 * wrong / all;
}

/// One line of the CSV; adds to the errors of the case's group.
std::string compare_case(const Case& c, const WorkloadGraph& graph, std::map<std::string, Errors>& groups) {
    const test::RandomHardware drawn = draw(c.seed, c.network, graph);
    const Estimate e = estimate(map_network(graph, drawn.hardware), c.images);
    const double latency = percent(static_cast<double>(e.latency_cycles), c.latency);
    const double interval = c.images > 1 ? percent(static_cast<double>(e.interval_cycles), c.interval) : 0.0;
    const double run = percent(static_cast<double>(e.cycles), c.cycles), layers = layer_error(c, e);
    const bool flagged = !e.contended.empty();
    const std::string reason = flagged ? fmt::format("{}: {} {:.2f}", e.contended.front().where,
                                                     e.contended.front().what, e.contended.front().load)
                                       : "";
    Errors& group =
        groups[fmt::format("{}{}", is_edge(c.network) ? "edge, " : "", flagged ? "contended" : "uncontended")];
    group.of["latency"].push_back(std::abs(latency));
    group.of["run"].push_back(std::abs(run));
    group.of["layers"].push_back(layers);
    if (c.images > 1)
        group.of["interval"].push_back(std::abs(interval));
    return fmt::format("{},{},{},{},{},{},{:.3f},{},{},{:.3f},{},{},{:.3f},{:.3f},{},{}\n", c.seed, c.network,
                       drawn.text(), c.images, e.latency_cycles, c.latency, latency, e.interval_cycles, c.interval,
                       interval, e.cycles, c.cycles, run, layers, flagged ? 1 : 0, reason);
}

int compare_cases(const std::string& csv, const std::vector<std::string>& files) {
    std::string text =
        "seed,network,hardware,images,latency,simulated_latency,latency_error_percent,interval,"
        "simulated_interval,interval_error_percent,run,simulated_run,run_error_percent,layer_error_percent,contended,"
        "reason\n";
    std::map<std::string, WorkloadGraph> graphs;
    for (const std::string& network : all_networks())
        graphs[network] = graph_of(network);
    std::map<std::string, Errors> groups;
    for (const std::string& file : files)
        for (const Case& c : read_cases(file))
            text += compare_case(c, graphs.at(c.network), groups);
    write_file_atomically(csv, text);
    for (const auto& [name, errors] : groups)
        errors.print(name);
    return 0;
}

int show_layers(const std::string& file, int seed, const std::string& network) {
    const WorkloadGraph graph = graph_of(network);
    const test::RandomHardware drawn = draw(seed, network, graph);
    for (const Case& c : read_cases(file)) {
        if (c.seed != seed || c.network != network)
            continue;
        const MappedNetwork mapped = map_network(graph, drawn.hardware);
        const Mapping& mapping = mapped.mapping;
        const Estimate e = estimate(mapped, c.images);
        std::printf("%s\nlatency %llu, simulated %.0f; interval %llu, simulated %.0f\n", drawn.text().c_str(),
                    static_cast<unsigned long long>(e.latency_cycles), c.latency,
                    static_cast<unsigned long long>(e.interval_cycles), c.interval);
        for (std::size_t l = 0; l < c.layers.size(); ++l)
            std::printf(
                "%-16s copies %3d tiles %3zu  start %9llu %9llu  end %9llu %9llu  cycles %9llu %9llu %7.2f %%\n",
                e.layers[l].name.c_str(), mapping.layers[l].copy_count(), mapping.layers[l].copies.front().tiles.size(),
                static_cast<unsigned long long>(e.layers[l].start_cycle),
                static_cast<unsigned long long>(c.layers[l].start),
                static_cast<unsigned long long>(e.layers[l].end_cycle),
                static_cast<unsigned long long>(c.layers[l].end), static_cast<unsigned long long>(e.layers[l].cycles()),
                static_cast<unsigned long long>(c.layers[l].end - c.layers[l].start),
                percent(static_cast<double>(e.layers[l].cycles()),
                        static_cast<double>(c.layers[l].end - c.layers[l].start)));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() >= 4 && arguments[0] == "simulate")
        return simulate_cases(
            arguments[1], std::stoi(arguments[2]), std::stoi(arguments[3]),
            arguments.size() == 4 ? all_networks() : std::vector<std::string>(arguments.begin() + 4, arguments.end()));
    if (arguments.size() >= 3 && arguments[0] == "compare")
        return compare_cases(arguments[1], {arguments.begin() + 2, arguments.end()});
    if (arguments.size() == 4 && arguments[0] == "layers")
        return show_layers(arguments[1], std::stoi(arguments[2]), arguments[3]);
    std::printf(
        "usage: estimate_grid simulate FILE FIRST_SEED SEEDS [NETWORK...] | compare CSV FILE... | layers FILE SEED "
        "NETWORK\n");
    return 2;
}
