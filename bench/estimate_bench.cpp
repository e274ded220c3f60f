// Speed of the closed-form figures on one core. The hardware differs from call to call.
#include "apps/experiment.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/estimate/quick_estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <benchmark/benchmark.h>
#include <chrono>
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

/// A chip of four types of tiles; the type of one layer changes from call to call.
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

HardwareConfig with_layers(HardwareConfig chip, const WorkloadGraph& graph, int n) {
    int l = 0;
    for (const GraphLayer& layer : graph.layers) {
        if (!layer.on_crossbars())
            continue;
        LayerRule rule;
        rule.name = layer.name;
        const int type = (l + (l == n ? 1 : 0)) % 4;
        rule.tile = type == 0 ? "" : chip.tile_types[static_cast<std::size_t>(type) - 1].name;
        rule.weight_bits = 8 - l % 5;
        chip.layers.push_back(std::move(rule));
        ++l;
    }
    return chip;
}

/// `ratio` is the full estimate's time over the quick one's, in turn.
void one_layers_type(benchmark::State& state, Case c) {
    const ExperimentConfig config = load(c);
    const WorkloadGraph graph = graph_of(config);
    const HardwareConfig chip = mixed_chip(config.hardware);
    const std::vector<UnitCosts> types =
        type_costs(load_cost_table(config.cost_table), HardwareKinds(chip), CostDetail::figures);
    std::vector<HardwareConfig> all;
    for (int n = 0; n < 16; ++n)
        all.push_back(with_layers(chip, graph, n));
    const QuickEstimator estimator(graph);
    double full_s = 0, quick_s = 0;
    std::size_t n = 0;
    for (auto _ : state) {
        const HardwareConfig& hw = all[n++ % all.size()];
        const auto start = std::chrono::steady_clock::now();
        benchmark::DoNotOptimize(estimator(hw, types));
        quick_s += seconds_since(start);
        const auto again = std::chrono::steady_clock::now();
        benchmark::DoNotOptimize(estimate(map_network(graph, hw), 1));
        full_s += seconds_since(again);
    }
    state.counters["configurations_per_s"] = static_cast<double>(n) / quick_s;
    state.counters["ratio"] = full_s / quick_s;
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

}  // namespace
