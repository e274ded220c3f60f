// Speed of the closed-form figures on one core. The hardware differs from call to call.
#include "apps/experiment.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/estimate/quick_estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <benchmark/benchmark.h>
#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace xloop;

WorkloadGraph graph_of(const ExperimentConfig& config) {
    const NetworkSpec spec = load_network(config.network);
    return build_graph(spec.resolve(spec.largest_path()));
}

/// Neighbours in a search: arrays, converters, registers, buffer, bus, vector unit and network vary.
std::vector<HardwareConfig> variants(const HardwareConfig& base) {
    std::vector<HardwareConfig> all;
    for (int n = 0; n < 16; ++n) {
        HardwareConfig hw = base;
        hw.crossbar.read_time_ns = 50 + 10 * n;
        hw.adc.columns_per_adc = 8 << n % 4;
        hw.buffer.ports = 1 + n % 3;
        hw.tile.bus_bits = 128 << n % 3;
        hw.tile.accumulator_positions = 2 + n % 5;
        hw.tile.pes = 8 + n % 8;
        hw.noc.flit_bits = 32 << n % 2;
        hw.noc.topology = n % 4 == 3 ? NocTopology::torus : NocTopology::mesh;
        hw.mapping.line_buffer_slack_rows = n % 3;
        all.push_back(hw);
    }
    return all;
}

struct Case {
    const char *experiment, *schedule;
};

ExperimentConfig load(const Case& c) {
    const std::string file = XLOOP_SOURCE_DIR "/configs/experiments/" + std::string(c.experiment) + ".yaml";
    return load_experiment(file, {"mapping.schedule=" + std::string(c.schedule), "buffer.bytes=4194304"}).config;
}

/// Calls work(hardware) with the hardware's variants in turn.
template <class Work>
void time_configurations(benchmark::State& state, const HardwareConfig& base, Work work) {
    const std::vector<HardwareConfig> all = variants(base);
    std::size_t n = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(work(all[n++ % all.size()]));
    state.counters["configurations_per_s"] = benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsRate);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void quick(benchmark::State& state, Case c) {
    const ExperimentConfig config = load(c);
    const WorkloadGraph graph = graph_of(config);
    const CostTable costs = load_cost_table(config.cost_table);
    const QuickEstimator estimator(graph);
    time_configurations(state, config.hardware,
                        [&](const HardwareConfig& hw) { return estimator(hw, {unit_costs(costs, hw)}); });
}

void full(benchmark::State& state, Case c) {
    const ExperimentConfig config = load(c);
    const WorkloadGraph graph = graph_of(config);
    time_configurations(state, config.hardware,
                        [&](const HardwareConfig& hw) { return estimate(map_network(graph, hw), 1); });
}

void map(benchmark::State& state, Case c) {
    const ExperimentConfig config = load(c);
    const WorkloadGraph graph = graph_of(config);
    time_configurations(state, config.hardware, [&](const HardwareConfig& hw) { return map_network(graph, hw); });
}

/// Both calls for the same hardware, in turn: `ratio` is the full estimate's time over the quick one's.
void ratio(benchmark::State& state, Case c) {
    const ExperimentConfig config = load(c);
    const WorkloadGraph graph = graph_of(config);
    const CostTable costs = load_cost_table(config.cost_table);
    const QuickEstimator estimator(graph);
    double full_s = 0, quick_s = 0;
    time_configurations(state, config.hardware, [&](const HardwareConfig& hw) {
        const auto start = std::chrono::steady_clock::now();
        benchmark::DoNotOptimize(estimate(map_network(graph, hw), 1));
        full_s += seconds_since(start);
        const auto again = std::chrono::steady_clock::now();
        benchmark::DoNotOptimize(estimator(hw, {unit_costs(costs, hw)}));
        quick_s += seconds_since(again);
        return 0;
    });
    state.counters["ratio"] = full_s / quick_s;
}

/// A chip of four types of tiles.
HardwareConfig mixed_chip(const HardwareConfig& base) {
    HardwareConfig chip = base;
    const auto add = [&](const char* name, auto change) {
        TileType type{name, base};
        change(type.hardware);
        chip.tile_types.push_back(std::move(type));
    };
    add("small", [](HardwareConfig& hw) { hw.crossbar.rows = hw.crossbar.cols = hw.crossbar.rows / 2; });
    add("few_bits", [](HardwareConfig& hw) { hw.adc.bits = 6; });
    add("one_bit", [](HardwareConfig& hw) { hw.device.bits_per_cell = 1; });
    return chip;
}

/// With a type and a width for each layer.
HardwareConfig with_layers(HardwareConfig chip, const WorkloadGraph& graph) {
    int l = 0;
    for (const GraphLayer& layer : graph.layers) {
        if (!layer.on_crossbars())
            continue;
        LayerRule rule;
        rule.name = layer.name;
        const int type = l % 4;
        rule.tile = type == 0 ? "" : chip.tile_types[static_cast<std::size_t>(type) - 1].name;
        rule.weight_bits = 8 - l % 5;
        chip.layers.push_back(std::move(rule));
        ++l;
    }
    return chip;
}

/// From call to call one layer changes its type of tile or the width of its weights, at random. Against the full estimate of the
/// same hardware (`ratio`) and a quick one that keeps nothing of the calls before (`ratio_to_fresh`), in turns of a few calls, as a
/// search asks for them.
void one_layers_type(benchmark::State& state, Case c) {
    const ExperimentConfig config = load(c);
    const WorkloadGraph graph = graph_of(config);
    HardwareConfig hw = with_layers(mixed_chip(config.hardware), graph);
    const std::vector<UnitCosts> types =
        type_costs(load_cost_table(config.cost_table), HardwareKinds(hw), CostDetail::figures);
    const QuickEstimator estimator(graph);
    const FlowGeometry geometry(graph);
    std::mt19937 random(1);
    const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
    constexpr std::size_t quick_calls = 64, full_calls = 4;
    double full_s = 0, fresh_s = 0, quick_s = 0;
    std::size_t turns = 0;
    const auto time = [](double& seconds, const HardwareConfig* begin, std::size_t count, auto work) {
        const auto start = std::chrono::steady_clock::now();
        for (const HardwareConfig* next = begin; next != begin + count; ++next)
            benchmark::DoNotOptimize(work(*next));
        seconds += seconds_since(start) / static_cast<double>(count);
    };
    for (auto _ : state) {
        std::vector<HardwareConfig> walk;
        while (walk.size() < quick_calls) {
            LayerRule& layer = hw.layers[below(hw.layers.size())];
            if (below(2) == 0)
                layer.weight_bits = 4 + static_cast<int>(below(5));
            else
                layer.tile = below(4) == 0 ? std::string() : hw.tile_types[below(hw.tile_types.size())].name;
            walk.push_back(hw);
        }
        time(quick_s, walk.data(), quick_calls, [&](const HardwareConfig& at) { return estimator(at, types); });
        time(fresh_s, walk.data(), quick_calls, [&](const HardwareConfig& at) {
            const MappedNetwork network = map_network(graph, at);
            return quick_figures(estimate_run(geometry, network, 1), network, types, 1, {}, 1.0);
        });
        time(full_s, walk.data(), full_calls,
             [&](const HardwareConfig& at) { return estimate(map_network(graph, at), 1); });
        ++turns;
    }
    state.counters["configurations_per_s"] = static_cast<double>(turns) / quick_s;
    state.counters["ratio"] = full_s / quick_s;
    state.counters["ratio_to_fresh"] = fresh_s / quick_s;
}

constexpr Case resnet18{"resnet18", "pipelined"}, resnet18_layers{"resnet18", "layer_by_layer"},
    vgg8{"vgg8", "pipelined"}, vgg8_layers{"vgg8", "layer_by_layer"}, resnet20{"resnet20", "pipelined"},
    resnet20_layers{"resnet20", "layer_by_layer"};

BENCHMARK_CAPTURE(map, resnet18, resnet18);
#define XLOOP_ESTIMATES(name)             \
    BENCHMARK_CAPTURE(quick, name, name); \
    BENCHMARK_CAPTURE(full, name, name);  \
    BENCHMARK_CAPTURE(ratio, name, name)
XLOOP_ESTIMATES(resnet18);
XLOOP_ESTIMATES(resnet18_layers);
XLOOP_ESTIMATES(vgg8);
XLOOP_ESTIMATES(vgg8_layers);
XLOOP_ESTIMATES(resnet20);
XLOOP_ESTIMATES(resnet20_layers);
BENCHMARK_CAPTURE(one_layers_type, resnet18, resnet18);
BENCHMARK_CAPTURE(one_layers_type, resnet18_layers, resnet18_layers);
BENCHMARK_CAPTURE(one_layers_type, resnet20, resnet20);
BENCHMARK_CAPTURE(one_layers_type, resnet20_layers, resnet20_layers);

}  // namespace
