// Speed of the closed-form figures on one core. The hardware differs from call to call.
#include "core/experiment_config.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/flow_plan.hpp"

#include <benchmark/benchmark.h>
#include <string>
#include <vector>

namespace {

using namespace xloop;

struct Case {
    const char* name;
    const char* schedule;
};

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
        hw.buffer.bytes = 1 << 22;
        hw.buffer.ports = 1 + n % 3;
        hw.tile.bus_bits = 128 << n % 3;
        hw.tile.accumulator_positions = 2 + n % 5;
        hw.tile.pes = 8 + n % 8;
        hw.noc.flit_bits = 32 << n % 2;
        hw.noc.topology = n % 4 == 3 ? "torus" : "mesh";
        hw.mapping.line_buffer_slack_rows = n % 3;
        all.push_back(hw);
    }
    return all;
}

template <class Work>
void run(benchmark::State& state, const char* experiment, const char* schedule, Work work) {
    const ExperimentConfig config =
        load_experiment(XLOOP_SOURCE_DIR "/configs/experiments/" + std::string(experiment) + ".yaml", {}).config;
    const WorkloadGraph graph = graph_of(config);
    HardwareConfig base = config.hardware;
    base.mapping.schedule = schedule;
    const std::vector<HardwareConfig> all = variants(base);
    std::size_t n = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(work(graph, all[n++ % all.size()]));
    state.counters["configurations"] = benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsRate);
}

const auto mapping_only = [](const WorkloadGraph& graph, const HardwareConfig& hw) { return map_network(graph, hw); };
const auto mapping_and_plan = [](const WorkloadGraph& graph, const HardwareConfig& hw) {
    return make_flow_plan(graph, map_network(graph, hw), hw);
};
const auto full = [](const WorkloadGraph& graph, const HardwareConfig& hw) {
    return estimate(graph, map_network(graph, hw), hw, 1);
};
BENCHMARK_CAPTURE(run, map_resnet18, "resnet18", "pipelined", mapping_only);
BENCHMARK_CAPTURE(run, plan_resnet18, "resnet18", "pipelined", mapping_and_plan);
BENCHMARK_CAPTURE(run, full_resnet18, "resnet18", "pipelined", full);
BENCHMARK_CAPTURE(run, full_resnet18_lbl, "resnet18", "layer_by_layer", full);
BENCHMARK_CAPTURE(run, plan_vgg8, "vgg8", "pipelined", mapping_and_plan);
BENCHMARK_CAPTURE(run, full_vgg8, "vgg8", "pipelined", full);
BENCHMARK_CAPTURE(run, plan_resnet20, "resnet20", "pipelined", mapping_and_plan);
BENCHMARK_CAPTURE(run, full_resnet20, "resnet20", "pipelined", full);

}  // namespace
