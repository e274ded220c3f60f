// Speed of the cycle model on one core. Every measurement runs in a child process (SystemC elaborates once), one after the
// other; ratios are against the measurement named. Usage: sim_bench [--no-compute]
//
// ResNet-18 for 32x32x3 images, 128x128 arrays of 2-bit cells, 8-bit inputs and weights, pipelined, one image.
#include "core/workload/network_spec.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/sim/simulate.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace xloop;

struct Figures {
    double program_s = 0, run_s = 0;
    std::uint64_t cycles = 0, events = 0, router_steps = 0, flits = 0;
    long peak_kb = 0;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

HardwareConfig hardware() {
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = 128;
    hw.crossbar.precision = Precision::fp32;
    hw.pe.arrays = 8;
    hw.tile.pes = 12;
    hw.buffer.bytes = 1 << 20;
    hw.mapping.schedule = Schedule::pipelined;
    return hw;
}

/// The same hardware four times, the layers spread over it.
HardwareConfig of_four_types(const HardwareConfig& hw) {
    HardwareConfig typed = hw;
    for (const char* name : {"stage2", "stage3", "stage4"}) {
        typed.tile_types.push_back({name, hw});
        LayerRule rule;
        rule.name = std::string(name) + "*";
        rule.tile = name;
        typed.layers.push_back(rule);
    }
    return typed;
}

Figures measure(const HardwareConfig& hw, bool compute, SimulationOptions::Scheduler scheduler) {
    WorkloadGraph graph = build_graph(load_network(XLOOP_SOURCE_DIR "/configs/networks/resnet18_32x32.yaml"));
    randomise_weights(graph, 1);
    const MappedNetwork network = map_network(graph, hw);
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(graph.input.size()));
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<std::uint8_t>(i * 97 % 256);
    Figures figures;
    auto start = std::chrono::steady_clock::now();
    std::unique_ptr<Chip> chip;
    if (compute)
        chip = std::make_unique<Chip>(network);
    figures.program_s = seconds_since(start);
    SimulationOptions options;
    options.scheduler = scheduler;
    start = std::chrono::steady_clock::now();
    const SimulationResult result =
        chip ? simulate({*chip, pixels.data(), 0, 1}, options) : simulate({network, 1}, options);
    figures.run_s = seconds_since(start);
    figures.cycles = result.cycles;
    figures.events = result.events;
    figures.router_steps = result.router_steps;
    figures.flits = result.activity.total()[Event::router_flit];
    return figures;
}

/// In a child process; its peak memory is its own.
Figures in_child(const std::function<Figures()>& work) {
    int ends[2];
    if (pipe(ends) != 0)
        return {};
    const pid_t child = fork();
    if (child == 0) {
        Figures figures = work();
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        figures.peak_kb = usage.ru_maxrss;
        const bool written = write(ends[1], &figures, sizeof figures) == static_cast<ssize_t>(sizeof figures);
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    Figures figures;
    if (read(ends[0], &figures, sizeof figures) != static_cast<ssize_t>(sizeof figures))
        std::fprintf(stderr, "a measurement failed\n");
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return figures;
}

void print(const char* name, const Figures& f, double baseline_s) {
    std::printf("%-34s %8.3f s %8.2f s %9.0f k %8.1f M %8.2f M %8.2f M %8.1f MB %7.2fx\n", name, f.run_s, f.program_s,
                static_cast<double>(f.cycles) / 1e3, static_cast<double>(f.cycles) / f.run_s / 1e6,
                static_cast<double>(f.events) / f.run_s / 1e6, static_cast<double>(f.flits) / f.run_s / 1e6,
                static_cast<double>(f.peak_kb) / 1024, f.run_s / baseline_s);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const bool with_compute = argc < 2 || std::strcmp(argv[1], "--no-compute") != 0;
    using Scheduler = SimulationOptions::Scheduler;
    const HardwareConfig hw = hardware();
    std::printf("%-34s %10s %10s %11s %10s %10s %10s %11s %8s\n", "ResNet-18, one image", "run", "programming",
                "cycles", "cycles/s", "events/s", "flits/s", "peak memory", "ratio");
    const Figures counts = in_child([&] { return measure(hw, false, Scheduler::wheel); });
    print("counts", counts, counts.run_s);
    print("counts, process per component", in_child([&] { return measure(hw, false, Scheduler::processes); }),
          counts.run_s);
    HardwareConfig large = hw;
    large.noc.mesh_cols = 10;
    large.noc.mesh_rows = 60;
    print("counts, 600 tiles", in_child([&] { return measure(large, false, Scheduler::wheel); }), counts.run_s);
    HardwareConfig balanced = hw;
    balanced.mapping.replication = Replication::automatic;
    balanced.mapping.array_budget = 8192;
    print("counts, 4 types of tiles", in_child([&] { return measure(of_four_types(hw), false, Scheduler::wheel); }),
          counts.run_s);
    const Figures copies = in_child([&] { return measure(balanced, false, Scheduler::wheel); });
    print("counts, auto copies", copies, counts.run_s);
    if (with_compute)
        print("compute", in_child([&] { return measure(hw, true, Scheduler::wheel); }), counts.run_s);
    return 0;
}
